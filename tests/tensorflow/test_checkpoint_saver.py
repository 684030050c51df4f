"""CheckpointSaverHook: TensorFlow's and ours save the same at the same steps, and call the same listeners."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
import tensorflow as tf
from hook_sets import each_session
from scenarios import Bench, regression
from traces import Same, checkpoints, saves

v1 = tf.compat.v1

pytestmark = pytest.mark.tensorflow


@each_session
def test_saver(same: Same, session: str) -> None:
    left = same(
        lambda kit, bench: [kit.CheckpointSaverHook(bench.path, save_steps=3, listeners=[bench.listener()])],
        session=session,
    )
    assert saves(left) == [0, 3, 6, 8]
    assert checkpoints(left) == ["model.ckpt-0", "model.ckpt-3", "model.ckpt-6", "model.ckpt-8"]
    names = [name for name, _ in left.files]
    assert names.count("events.out.tfevents") == 1
    assert {"checkpoint", "graph.pbtxt", "model.ckpt-3.meta", "model.ckpt-3.data-00000-of-00001"} <= set(
        names
    )


@each_session
def test_saver_by_seconds(same: Same, session: str) -> None:
    left = same(
        lambda kit, bench: [kit.CheckpointSaverHook(bench.path, 4, listeners=[bench.listener()])],
        session=session,
    )
    assert saves(left) == [0, 4, 8]


def saver_of_two(kit: Any, bench: Bench) -> list[Any]:
    return [
        kit.CheckpointSaverHook(
            bench.path, save_steps=2, saver=v1.train.Saver(max_to_keep=2), listeners=[bench.listener()]
        )
    ]


@each_session
def test_saver_that_keeps_two(same: Same, session: str) -> None:
    left = same(saver_of_two, session=session)
    assert saves(left) == [0, 2, 4, 6, 8]
    assert checkpoints(left) == ["model.ckpt-6", "model.ckpt-8"]


def test_saver_that_keeps_two_and_one_an_hour(same: Same) -> None:
    def build(kit: Any, bench: Bench) -> list[Any]:
        saver = v1.train.Saver(max_to_keep=2, keep_checkpoint_every_n_hours=1e-9)
        return [kit.CheckpointSaverHook(bench.path, save_steps=2, saver=saver)]

    assert len(checkpoints(same(build))) == 5


def test_saver_of_the_first_format(same: Same) -> None:
    def build(kit: Any, bench: Bench) -> list[Any]:
        saver = v1.train.Saver(write_version=v1.train.SaverDef.V1)
        return [kit.CheckpointSaverHook(bench.path, save_steps=4, saver=saver)]

    assert "model.ckpt-4" in [name for name, _ in same(build).files]


def test_saver_in_shards_with_relative_paths(same: Same) -> None:
    def build(kit: Any, bench: Bench) -> list[Any]:
        saver = v1.train.Saver(sharded=True, save_relative_paths=True)
        return [kit.CheckpointSaverHook(bench.path, save_steps=4, saver=saver)]

    assert 'model_checkpoint_path: "model.ckpt-8"' in same(build).named("checkpoint")[0]


def test_saver_of_the_scaffold(same: Same) -> None:
    left = same(
        lambda kit, bench: [kit.CheckpointSaverHook(bench.path, save_steps=2, scaffold=bench.scaffold)],
        scaffold=lambda: v1.train.Scaffold(saver=v1.train.Saver(max_to_keep=1)),
    )
    assert checkpoints(left) == ["model.ckpt-8"]


@pytest.mark.parametrize(
    ("savers", "text"), [(0, "No items in collection savers"), (2, "More than one item in collection savers")]
)
def test_saver_that_cannot_be_found(same: Same, savers: int, text: str) -> None:
    def build(kit: Any, bench: Bench) -> list[Any]:
        for _ in range(savers):
            v1.add_to_collection(v1.GraphKeys.SAVERS, v1.train.Saver())
        return [kit.CheckpointSaverHook(bench.path, save_steps=2)]

    left = same(build, scaffold=lambda: v1.train.Scaffold(saver=v1.train.Saver()))
    assert left.error[:2] == ("attempt 0, open", "builtins.RuntimeError")
    assert text in left.error[2]


@each_session
def test_listeners(same: Same, session: str) -> None:
    left = same(
        lambda kit, bench: [
            kit.CheckpointSaverHook(
                bench.path, save_steps=2, listeners=[bench.listener("one"), bench.listener("two", stop_at=4)]
            )
        ],
        session=session,
    )
    assert saves(left, "one") == saves(left, "two") == [0, 2, 4]
    assert left.stop_seen() == [4]
    assert [text.startswith("A CheckpointSaverListener requested") for text in left.texts("INFO")].count(
        True
    ) == 1


def test_listener_that_wants_to_stop_at_the_first_save(same: Same) -> None:
    left = same(
        lambda kit, bench: [
            kit.CheckpointSaverHook(bench.path, save_steps=3, listeners=[bench.listener(stop_at=0)]),
        ]
    )
    assert left.stop_seen() == []  # nobody asks there
    assert len(left.returned) == 8


@pytest.mark.parametrize("call", ["begin", "before_save", "after_save", "end"])
def test_listener_that_fails(same: Same, call: str) -> None:
    def build(kit: Any, bench: Bench) -> list[Any]:
        def fails(*_: Any) -> None:
            raise OSError(call)

        listener = bench.listener()
        setattr(listener, call, fails)
        return [
            kit.CheckpointSaverHook(bench.path, save_steps=3, listeners=[bench.listener("other"), listener])
        ]

    left = same(build)
    assert left.error[1:] == ("builtins.OSError", call)


def test_saver_that_fails(same: Same) -> None:
    class Full(v1.train.Saver):
        def save(self, sess: Any, save_path: str, global_step: Any = None, **options: Any) -> Any:
            if global_step > 2:
                raise tf.errors.ResourceExhaustedError(None, None, "no space left")
            return super().save(sess, save_path, global_step, **options)

    left = same(
        lambda kit, bench: [
            kit.CheckpointSaverHook(bench.path, save_steps=2, saver=Full(), listeners=[bench.listener()]),
        ]
    )
    assert left.error[0] == "attempt 0, run 4"
    assert "no space left" in left.error[2]
    assert checkpoints(left) == ["model.ckpt-0", "model.ckpt-2"]


def test_saver_without_the_graph(same: Same) -> None:
    left = same(lambda kit, bench: [kit.CheckpointSaverHook(bench.path, save_steps=4, save_graph_def=False)])
    assert checkpoints(left) == ["model.ckpt-0", "model.ckpt-4", "model.ckpt-8"]
    assert not [name for name, _ in left.files if name.endswith((".meta", ".pbtxt"))]


def test_saver_with_a_name_and_a_directory_that_is_not_there(same: Same) -> None:
    left = same(
        lambda kit, bench: [
            kit.CheckpointSaverHook(bench.path + "/not/there", None, 4, None, "digits-1.5", None, None, 1)
        ]
    )
    assert checkpoints(left) == [f"not/there/digits-1.5-{step}" for step in (0, 4, 8)]


def test_saver_with_a_path_object(same: Same) -> None:
    left = same(lambda kit, bench: [kit.CheckpointSaverHook(bench.directory, save_steps=4)])
    assert left.calls
    assert checkpoints(left) or left.error


def test_savers_of_two_directories(same: Same) -> None:
    left = same(
        lambda kit, bench: [
            kit.CheckpointSaverHook(f"{bench.path}/{n}", save_steps=n, saver=v1.train.Saver(max_to_keep=n))
            for n in (2, 3)
        ]
    )
    assert checkpoints(left) == [
        "2/model.ckpt-6",
        "2/model.ckpt-8",
        "3/model.ckpt-3",
        "3/model.ckpt-6",
        "3/model.ckpt-8",
    ]


def test_saver_of_runs_with_several_steps(same: Same) -> None:
    def build(kit: Any, bench: Bench) -> list[Any]:
        saver = kit.CheckpointSaverHook(bench.path, save_steps=4)
        saver._set_steps_per_run(1)
        return [saver]

    assert checkpoints(same(build)) == ["model.ckpt-0", "model.ckpt-4", "model.ckpt-8"]


def test_saver_when_the_step_stands_still(same: Same) -> None:
    left = same(
        lambda kit, bench: [kit.CheckpointSaverHook(bench.path, save_steps=2)],
        model=partial(regression, stride=0),
    )
    assert checkpoints(left) == ["model.ckpt-0"]


def test_saver_made_over_by_a_subclass(same: Same) -> None:
    def build(kit: Any, bench: Bench) -> list[Any]:
        class Best(kit.CheckpointSaverHook):
            def _save(self, session: Any, step: Any) -> bool:
                bench.record("asked to save", int(step))
                return step < 6 and super()._save(session, step)

        return [Best(bench.path, save_steps=2)]

    left = same(build)
    assert checkpoints(left) == ["model.ckpt-0", "model.ckpt-2", "model.ckpt-4"]


@each_session
def test_going_on_from_a_checkpoint(same: Same, session: str) -> None:
    left = same(
        lambda kit, bench: [
            kit.StepCounterHook(2, output_dir=bench.path),
            kit.LoggingTensorHook(["loss"], 2),
            kit.CheckpointSaverHook(bench.path, save_steps=3, listeners=[bench.listener()]),
            kit.StopAtStepHook(num_steps=4),
        ],
        session=session,
        attempts=2,
    )
    assert saves(left) == [0, 3, 4, 4, 7, 8]
    assert [text for text in left.texts("INFO") if text.startswith("Restoring parameters")]
