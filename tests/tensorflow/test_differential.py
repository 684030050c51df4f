"""TensorFlow's five hooks and ours on the same graph and seed leave the same behind, and raise the same."""

from __future__ import annotations

import inspect
import logging
import sys
import warnings
from functools import cache, partial
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import tensorflow as tf
from harness import (
    HOOKS,
    SESSIONS,
    TENSORFLOW,
    Bench,
    RaiseOnce,
    Scenario,
    Trace,
    changed,
    differences,
    regression,
    trace,
)

import nbhooks

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Same = Callable[..., Trace]

v1 = tf.compat.v1

pytestmark = pytest.mark.tensorflow

each_session = pytest.mark.parametrize("session", SESSIONS)
either_session = pytest.mark.parametrize("session", SESSIONS[:2])


def checkpoints(left: Trace) -> list[str]:
    """Return the checkpoints that are there at the end."""
    return [name.removesuffix(".index") for name, _ in left.files if name.endswith(".index")]


def saves(left: Trace, name: str = "listener") -> list[int]:
    """Return the steps at which a listener saw a save."""
    return [call[2] for call in left.calls if call[:2] == (name, "after_save")]


def neighbour_calls(left: Trace) -> list[str]:
    """Return the calls that the last neighbour saw."""
    return [call[1] for call in left.calls if call[0] == "last"]


def rates(left: Trace, file: str = "events.out.tfevents") -> int:
    """Return how many rates the event files hold."""
    return sum('tag: "global_step/sec"' in text for events in left.named(file) for text, _, _ in events)


# What the classes are


@pytest.mark.parametrize("name", HOOKS)
def test_ours_is_a_subclass(name: str) -> None:
    assert issubclass(getattr(nbhooks, name), getattr(v1.train, name))
    assert getattr(nbhooks, name).__name__ == name


@pytest.mark.parametrize("name", HOOKS)
def test_the_signature_is_theirs_and_dashboard(name: str) -> None:
    theirs, ours = (
        inspect.signature(getattr(kit, name).__init__).parameters for kit in (TENSORFLOW, nbhooks)
    )
    shape = [[(p.name, p.kind, p.default) for p in parameters.values()] for parameters in (theirs, ours)]
    assert shape[1] == [*shape[0], ("dashboard", inspect.Parameter.KEYWORD_ONLY, None)]


def test_ours_is_an_instance(tmp_path: Path) -> None:
    with tf.Graph().as_default():
        loss = tf.constant(1.0)
        for name, arguments in {
            "StepCounterHook": (),
            "LoggingTensorHook": ([loss], 1),
            "NanTensorHook": (loss,),
            "CheckpointSaverHook": (str(tmp_path), 1),
            "StopAtStepHook": (1,),
        }.items():
            assert isinstance(getattr(nbhooks, name)(*arguments), getattr(v1.train, name))


# What is refused

BAD_ARGUMENTS: dict[str, tuple[Callable[[Any, Bench], Any], str, str]] = {
    "steps: both timers": (
        lambda kit, _: kit.StepCounterHook(every_n_steps=5, every_n_secs=5),
        "ValueError",
        "exactly one of every_n_steps and every_n_secs",
    ),
    "steps: seconds beside the default": (
        lambda kit, _: kit.StepCounterHook(every_n_secs=5),
        "ValueError",
        "exactly one of every_n_steps and every_n_secs",
    ),
    "steps: no timer": (
        lambda kit, _: kit.StepCounterHook(None),
        "ValueError",
        "exactly one of every_n_steps",
    ),
    "tensors: no argument": (lambda kit, _: kit.LoggingTensorHook(), "TypeError", "tensors"),
    "tensors: no timer": (
        lambda kit, bench: kit.LoggingTensorHook([bench.model.loss]),
        "ValueError",
        "either at_end and/or exactly one",
    ),
    "tensors: both timers": (
        lambda kit, bench: kit.LoggingTensorHook([bench.model.loss], 1, 1),
        "ValueError",
        "either at_end and/or exactly one",
    ),
    "tensors: both timers and at the end": (
        lambda kit, bench: kit.LoggingTensorHook([bench.model.loss], 1, 1, at_end=True),
        "ValueError",
        "either at_end and/or exactly one",
    ),
    "tensors: every 0": (
        lambda kit, _: kit.LoggingTensorHook(["loss"], 0),
        "ValueError",
        "invalid every_n_iter=0.",
    ),
    "tensors: every -2": (
        lambda kit, _: kit.LoggingTensorHook(["loss"], every_n_iter=-2, at_end=True),
        "ValueError",
        "invalid every_n_iter=-2.",
    ),
    "tensors: none": (lambda kit, _: kit.LoggingTensorHook(None, 1), "TypeError", "not iterable"),
    "tensors: tags that cannot be sorted": (
        lambda kit, bench: kit.LoggingTensorHook({"a": bench.model.loss, 1: bench.model.loss}, 1),
        "TypeError",
        "not supported between",
    ),
    "nan: no argument": (lambda kit, _: kit.NanTensorHook(), "TypeError", "loss_tensor"),
    "nan: too many": (lambda kit, _: kit.NanTensorHook("loss", 1, None), "TypeError", "positional arguments"),
    "saver: no timer": (
        lambda kit, bench: kit.CheckpointSaverHook(bench.path),
        "ValueError",
        "Either every_secs or every_steps should be provided.",
    ),
    "saver: both timers": (
        lambda kit, bench: kit.CheckpointSaverHook(bench.path, 5, 5),
        "ValueError",
        "Can not provide both every_secs and every_steps.",
    ),
    "saver: saver and scaffold": (
        lambda kit, bench: kit.CheckpointSaverHook(
            bench.path, save_steps=2, saver=v1.train.Saver(), scaffold=bench.scaffold
        ),
        "ValueError",
        "You cannot provide both saver and scaffold.",
    ),
    "saver: no directory": (
        lambda kit, _: kit.CheckpointSaverHook(None, save_steps=2),
        "TypeError",
        "NoneType",
    ),
    "stop: neither": (
        lambda kit, _: kit.StopAtStepHook(),
        "ValueError",
        "One of num_steps or last_step must be",
    ),
    "stop: both": (
        lambda kit, _: kit.StopAtStepHook(3, 3),
        "ValueError",
        "Only one of num_steps or last_step",
    ),
}


@pytest.mark.parametrize("case", BAD_ARGUMENTS)
def test_constructors_refuse_the_same(same: Same, case: str) -> None:
    make, kind, text = BAD_ARGUMENTS[case]
    place, found, said = same(lambda kit, bench: [make(kit, bench)]).error
    assert place == "attempt 0, build"
    assert found == f"builtins.{kind}"
    assert text in said


def tensor_of_another_graph() -> Any:
    with tf.Graph().as_default():
        return tf.constant(1.0, name="elsewhere")


def pair(kit: Any, _: Bench) -> Any:
    tf.unique([1, 1], name="pair")
    return kit.LoggingTensorHook(["pair"], 1)


def file_in_the_way(kit: Any, bench: Bench) -> Any:
    (bench.directory / "taken").write_text("a file")
    return kit.CheckpointSaverHook(str(bench.directory / "taken"), save_steps=2)


BAD_BEGINNINGS: dict[str, tuple[Callable[[Any, Bench], Any], str, str]] = {
    "unknown tensor": (lambda kit, _: kit.LoggingTensorHook(["nowhere"], 1), "KeyError", "'nowhere:0'"),
    "unknown output": (lambda kit, _: kit.LoggingTensorHook({"x": "loss:7"}, 1), "KeyError", "'loss:7'"),
    "ambiguous": (pair, "ValueError", "Name pair is ambiguous"),
    "no tensor at all": (
        lambda kit, _: kit.LoggingTensorHook([3.5], 1),
        "ValueError",
        "Passed 3.5 should have graph",
    ),
    "tensor of another graph": (
        lambda kit, _: kit.LoggingTensorHook([tensor_of_another_graph()], 1),
        "ValueError",
        "should have graph attribute that is equal",
    ),
    "directory is a file": (file_in_the_way, "tensorflow.python.framework.errors_impl", "taken"),
}


@pytest.mark.parametrize("case", BAD_BEGINNINGS)
def test_begin_refuses_the_same(same: Same, case: str) -> None:
    make, kind, text = BAD_BEGINNINGS[case]
    left = same(lambda kit, bench: [make(kit, bench)])
    place, found, said = left.error
    assert place == "attempt 0, open"
    assert kind in found
    assert text in said
    assert neighbour_calls(left) == []


NEED_A_GLOBAL_STEP: dict[str, Callable[[Any, Bench], Any]] = {
    "StepCounterHook": lambda kit, _: kit.StepCounterHook(),
    "CheckpointSaverHook": lambda kit, bench: kit.CheckpointSaverHook(bench.path, save_steps=2),
    "StopAtStepHook": lambda kit, _: kit.StopAtStepHook(last_step=3),
}


@pytest.mark.parametrize("name", NEED_A_GLOBAL_STEP)
def test_no_global_step(same: Same, name: str) -> None:
    left = same(
        lambda kit, bench: [NEED_A_GLOBAL_STEP[name](kit, bench)],
        model=partial(regression, global_step=False),
    )
    text = f"Global step should be created to use {name}."
    assert left.error == ("attempt 0, open", "builtins.RuntimeError", text)


@pytest.mark.parametrize("name", NEED_A_GLOBAL_STEP)
def test_two_global_steps(same: Same, name: str) -> None:
    def build(kit: Any, bench: Bench) -> list[Any]:
        for number in range(2):
            step = v1.get_variable(f"step{number}", initializer=np.int64(0), trainable=False)
            v1.add_to_collection(v1.GraphKeys.GLOBAL_STEP, step)
        return [NEED_A_GLOBAL_STEP[name](kit, bench)]

    left = same(build, model=partial(regression, global_step=False))
    assert left.error[0] == "attempt 0, open"
    assert left.texts("ERROR") == ["Multiple tensors in global_step collection."]


@each_session
def test_hooks_that_need_no_global_step(same: Same, session: str) -> None:
    left = same(
        lambda kit, bench: [
            kit.LoggingTensorHook({"loss": bench.model.loss}, every_n_iter=3, at_end=True),
            kit.NanTensorHook(bench.model.loss, fail_on_nan_loss=False),
        ],
        model=partial(regression, global_step=False),
        session=session,
        disturbance={5: np.nan},
    )
    assert left.stop_seen() == [5]
    assert len([text for text in left.texts("INFO") if text.startswith("loss = ")]) == 3


@pytest.mark.parametrize("read_first", [True, False])
@pytest.mark.parametrize("name", ["LoggingTensorHook", "NanTensorHook"])
def test_the_graph_is_left_as_they_leave_it(same: Same, name: str, *, read_first: bool) -> None:
    arguments = {"LoggingTensorHook": (["loss"], 2), "NanTensorHook": ("loss:0",)}[name]
    left = same(
        lambda kit, _: [getattr(kit, name)(*arguments)],
        model=partial(regression, read_first=read_first),
        steps=3,
    )
    assert len(left.returned) == 3
    assert ("global_step/add AddV2" in left.graph) == read_first


# StepCounterHook


@either_session
@pytest.mark.parametrize(
    "arguments",
    [{"every_n_steps": 3}, {"every_n_steps": 1}, {"every_n_steps": None, "every_n_secs": 2}, {}],
    ids=str,
)
def test_step_counter(same: Same, session: str, arguments: dict[str, Any]) -> None:
    left = same(
        lambda kit, bench: [kit.StepCounterHook(**arguments, output_dir=bench.path)],
        session=session,
        tick=0.5,
    )
    expected = {3: 2, 1: 7, None: 1, 100: 0}[arguments.get("every_n_steps", 100)]
    assert left.texts("INFO").count("global_step/sec: 2") == expected
    assert rates(left) == expected


def test_step_counter_without_a_place_to_write(same: Same) -> None:
    left = same(lambda kit, _: [kit.StepCounterHook(2)])
    assert left.texts("INFO").count("global_step/sec: 1") == 3
    assert left.files == []


def test_step_counter_writes_to_the_writer_it_is_given(same: Same) -> None:
    def build(kit: Any, bench: Bench) -> list[Any]:
        return [kit.StepCounterHook(2, None, str(bench.directory / "unused"), bench.writer("own"))]

    left = same(build)
    assert [name for name, _ in left.files] == ["own/events.out.tfevents"]
    assert rates(left, "own/events.out.tfevents") == 3


def test_step_counter_by_the_real_clock(same: Same) -> None:
    left = same(lambda kit, bench: [kit.StepCounterHook(2, output_dir=bench.path)], real_time=True)
    assert left.texts("INFO").count("global_step/sec: #") == 3
    assert rates(left) == 3


@each_session
def test_step_counter_warns_of_a_step_that_stands_still(same: Same, session: str) -> None:
    left = same(lambda kit, _: [kit.StepCounterHook(2)], session=session, model=partial(regression, stride=0))
    assert len(left.texts("WARNING")) == 5
    assert "It seems that global step" in left.texts("WARNING")[0]


def test_step_counter_when_no_time_passes(same: Same) -> None:
    left = same(lambda kit, _: [kit.StepCounterHook(2)], tick=0.0)
    assert left.texts("INFO").count("global_step/sec: inf") == 3
    assert "RuntimeWarning" in [kind for kind, _ in left.warned]


def test_step_counter_when_the_clock_is_put_back(same: Same) -> None:
    left = same(lambda kit, _: [kit.StepCounterHook(2)], tick=-1.0)
    assert left.texts("INFO").count("global_step/sec: -1") == 3


def test_step_counter_of_runs_with_several_steps(same: Same) -> None:
    def build(kit: Any, bench: Bench) -> list[Any]:
        counter = kit.StepCounterHook(4, output_dir=bench.path)
        counter._set_steps_per_run(5)
        return [counter]

    assert rates(same(build)) == 1


def test_two_step_counters(same: Same) -> None:
    left = same(lambda kit, bench: [kit.StepCounterHook(n, output_dir=bench.path) for n in (2, 3)])
    assert rates(left) == 5


def test_step_counter_made_over_by_a_subclass(same: Same) -> None:
    def build(kit: Any, bench: Bench) -> list[Any]:
        class Recorded(kit.StepCounterHook):
            def _log_and_record(self, elapsed_steps: int, elapsed_time: float, global_step: int) -> None:
                bench.record("rate", int(elapsed_steps), elapsed_time, int(global_step))

        return [Recorded(3)]

    left = same(build)
    assert [call[1:] for call in left.calls if call[0] == "rate"] == [(3, 3.0, 4), (3, 3.0, 7)]
    assert "global_step/sec: 1" not in left.texts("INFO")


# LoggingTensorHook

LOGGED: dict[str, Callable[[Bench], dict[str, Any]]] = {
    "dict of tensors": lambda bench: {
        "tensors": {"loss": bench.model.loss, "a": bench.model.values["vector"]}
    },
    "dict of names": lambda _: {"tensors": {"z": "loss:0", "a": "loss"}},
    "list of names": lambda _: {"tensors": ["vector", "loss:0", "large"]},
    "list of tensors": lambda bench: {"tensors": [bench.model.values["vector"], bench.model.loss]},
    "tuple of both": lambda bench: {"tensors": ("vector", bench.model.loss)},
    "generator": lambda _: {"tensors": (name for name in ("vector", "loss"))},
    "number tags": lambda bench: {"tensors": {2: bench.model.loss, 10: "vector"}},
    "hostile tags": lambda bench: {
        "tensors": {"<b>%s</b>{}": bench.model.loss, "": "vector", "a\nb": "large"}
    },
    "nothing": lambda _: {"tensors": []},
    "every kind of value": lambda bench: {"tensors": bench.model.values},
    "formatter": lambda bench: {
        "tensors": {"loss": bench.model.loss},
        "formatter": lambda values: f"100% {sorted(values)} {values['loss']:.3f}",
    },
    "formatter that is false": lambda bench: {"tensors": {"loss": bench.model.loss}, "formatter": ""},
    "formatter that returns nothing": lambda bench: {
        "tensors": [bench.model.loss],
        "formatter": lambda _: None,
    },
    "formatter that empties what it gets": lambda bench: {
        "tensors": {"loss": bench.model.loss},
        "formatter": lambda values: f"{values.pop('loss')}",
    },
}


def loss_lines(left: Trace) -> list[str]:
    """Return the lines of a LoggingTensorHook: all that neither a session nor a saver logs."""
    others = ("Graph was", "Running local", "Done running", "Create Checkpoint", "Restoring parameters")
    return [text for text in left.texts("INFO") if not text.startswith(others)]


@pytest.mark.parametrize("case", LOGGED)
def test_logging_tensor(same: Same, case: str) -> None:
    left = same(
        lambda kit, bench: [kit.LoggingTensorHook(every_n_iter=3, at_end=True, **LOGGED[case](bench))]
    )
    assert len(left.returned) == 8
    assert len(loss_lines(left)) == 4


@either_session
@pytest.mark.parametrize(
    ("arguments", "lines"),
    [
        ({"every_n_iter": 1}, 8),
        ({"every_n_iter": 5}, 2),
        ({"every_n_iter": 5, "at_end": True}, 3),
        ({"every_n_secs": 2}, 4),
        ({"every_n_secs": 2.5, "at_end": True}, 4),
        ({"at_end": True}, 1),
    ],
    ids=str,
)
def test_logging_tensor_now_and_then(same: Same, session: str, arguments: dict[str, Any], lines: int) -> None:
    left = same(lambda kit, _: [kit.LoggingTensorHook({"loss": "loss"}, **arguments)], session=session)
    assert len([text for text in left.texts("INFO") if text.startswith("loss = ")]) == lines


def test_logging_tensor_by_the_real_clock(same: Same) -> None:
    left = same(
        lambda kit, _: [kit.LoggingTensorHook(["text"], every_n_secs=1e-9, at_end=True)], real_time=True
    )
    assert [text.endswith(" (# sec)") for text in loss_lines(left)] == [False, *[True] * 8]


def constants(values: dict[str, Any]) -> dict[str, Any]:
    return {tag: tf.constant(value, **options) for tag, (value, options) in values.items()}


def test_logging_tensor_of_many_types(same: Same) -> None:
    def build(kit: Any, _: Bench) -> list[Any]:
        tensors = constants(
            {
                "bfloat16": ([1.5, 2.5], {"dtype": tf.bfloat16}),
                "bools": ([[True], [False]], {}),
                "complex": (1 + 2j, {}),
                "empty": ([], {}),
                "half": (0.1, {"dtype": tf.float16}),
                "large": (np.arange(5000.0), {}),
                "small": ([1e-12, 1.0], {}),
                "not finite": ([np.nan, np.inf, -np.inf], {}),
                "strings": ([[b"<script>", b"\xff\xfe"]], {}),
                "unsigned": (255, {"dtype": tf.uint8}),
            }
        )
        tensors["operation"] = v1.no_op(name="nothing")
        tensors["sparse"] = tf.sparse.from_dense([[0, 3], [4, 0]])
        return [kit.LoggingTensorHook(tensors, every_n_iter=2, at_end=True)]

    left = same(build, steps=4)
    assert len(left.returned) == 4
    assert "strings = [[b'<script>' b'\\xff\\xfe']]" in loss_lines(left)[0]


def test_logging_tensor_of_a_variable_at_the_end(same: Same) -> None:
    left = same(
        lambda kit, _: [kit.LoggingTensorHook({"weights": v1.global_variables()[1]}, at_end=True)], steps=4
    )
    assert loss_lines(left)[-1].startswith("weights = [")


def test_logging_tensor_leaves_printing_as_it_was(same: Same) -> None:
    def build(kit: Any, _: Bench) -> list[Any]:
        return [
            kit.LoggingTensorHook(
                {"x": tf.constant([1e-12, 1.0])}, 1, formatter=lambda values: str(values["x"])
            )
        ]

    left = same(build, steps=2)
    assert left.printing == np.get_printoptions()
    assert "e-" not in loss_lines(left)[0]


@pytest.mark.parametrize("at_end", [True, False])
def test_logging_tensor_with_a_formatter_that_fails(same: Same, *, at_end: bool) -> None:
    def fails(values: dict[str, Any]) -> str:
        return values["missing"]

    left = same(
        lambda kit, _: [
            kit.LoggingTensorHook(["loss"], None if at_end else 2, formatter=fails, at_end=at_end),
        ]
    )
    place = "end" if at_end else "run 1"
    assert left.error == (f"attempt 0, {place}", "builtins.KeyError", "'missing'")
    assert left.printing["suppress"] is True  # not put back when the formatter fails


def test_logging_tensor_when_nobody_listens(same: Same) -> None:
    left = same(
        lambda kit, bench: [
            kit.LoggingTensorHook(["loss"], 2),
            kit.StepCounterHook(2, output_dir=bench.path),
        ],
        verbosity=logging.WARNING,
    )
    assert left.logs == []
    assert rates(left) == 3


def test_logging_tensor_made_over_by_a_subclass(same: Same) -> None:
    def build(kit: Any, bench: Bench) -> list[Any]:
        class Recorded(kit.LoggingTensorHook):
            def _log_tensors(self, tensor_values: dict[str, Any]) -> None:
                bench.record("values", sorted(tensor_values), self._iter_count)

        return [Recorded({"b": "loss", "a": "large"}, every_n_iter=3)]

    left = same(build)
    # Nobody told the timer that it has gone off, so it goes off in each run.
    assert [call for call in left.calls if call[0] == "values"] == [
        ("values", ["a", "b"], n) for n in range(8)
    ]


# NanTensorHook


@either_session
@pytest.mark.parametrize("fail", [True, False])
def test_nan(same: Same, session: str, *, fail: bool) -> None:
    left = same(
        lambda kit, bench: [
            kit.CheckpointSaverHook(bench.path, save_steps=3, listeners=[bench.listener()]),
            kit.NanTensorHook(bench.model.loss, fail),
        ],
        session=session,
        disturbance={5: np.nan},
    )
    if fail:
        kind = "tensorflow.python.training.basic_session_run_hooks.NanLossDuringTrainingError"
        assert left.error == ("attempt 0, run 5", kind, "NaN loss during training.")
        assert left.texts("ERROR") == ["Model diverged with loss = NaN."]
        assert saves(left) == [0, 3]
    else:
        assert left.stop_seen() == [5]
        assert left.texts("WARNING") == ["Model diverged with loss = NaN."]
        assert saves(left) == [0, 3, 5]


def test_nan_error_can_be_caught_as_theirs(same: Same) -> None:
    caught = []

    def drive(session: Any, fetches: Any, feed: Any) -> Any:
        try:
            return session.run(fetches, feed)
        except v1.train.NanLossDuringTrainingError as error:
            caught.append(repr(error))
            return None

    left = same(lambda kit, _: [kit.NanTensorHook("loss:0")], drive=drive, disturbance={2: np.nan}, steps=4)
    assert caught == ["NanLossDuringTrainingError()"] * 2
    assert len(left.returned) == 4


@pytest.mark.parametrize("value", [np.inf, -np.inf, 1e30], ids=str)
def test_inf_is_no_nan(same: Same, value: float) -> None:
    left = same(lambda kit, bench: [kit.NanTensorHook(bench.model.loss)], disturbance={3: value})
    assert left.error is None
    assert len(left.returned) == 8
    assert left.stop_seen() == []


LOSSES: dict[str, tuple[Callable[[Bench], Any], str]] = {
    "vector": (lambda bench: bench.model.values["vector"], "ValueError"),
    "vector of one": (lambda bench: tf.reshape(bench.model.loss, [1]), "NanLossDuringTrainingError"),
    "name": (lambda _: "loss:0", "NanLossDuringTrainingError"),
    "list": (lambda bench: [bench.model.loss], "NanLossDuringTrainingError"),
    "dict": (lambda bench: {"loss": bench.model.loss}, "TypeError"),
    "string": (lambda bench: bench.model.values["text"], "TypeError"),
    "integer": (lambda bench: bench.model.values["positive"], ""),
    "bool": (lambda bench: bench.model.values["large"], ""),
    "half": (lambda bench: tf.cast(bench.model.loss, tf.float16), "NanLossDuringTrainingError"),
    "bfloat16": (lambda bench: tf.cast(bench.model.loss, tf.bfloat16), "NanLossDuringTrainingError"),
    "double": (lambda bench: tf.cast(bench.model.loss, tf.float64), "NanLossDuringTrainingError"),
    "complex": (lambda bench: tf.complex(1.0, bench.model.loss), "NanLossDuringTrainingError"),
    "operation": (lambda bench: bench.model.loss.op, "TypeError"),
    "nothing": (lambda _: None, "TypeError"),
    "number": (lambda _: 3.5, "TypeError"),
    "tensor of another graph": (lambda _: tensor_of_another_graph(), "ValueError"),
}


@pytest.mark.parametrize("case", LOSSES)
def test_what_a_loss_may_be(same: Same, case: str) -> None:
    make, error = LOSSES[case]
    left = same(lambda kit, bench: [kit.NanTensorHook(make(bench))], disturbance={3: np.nan}, steps=4)
    if error:
        assert left.error is not None
        assert left.error[1].endswith(f".{error}")
    else:
        assert left.error is None


# CheckpointSaverHook


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


# StopAtStepHook


@either_session
@pytest.mark.parametrize(
    ("arguments", "last"),
    [
        ({"num_steps": 5}, 5),
        ({"num_steps": 1}, 1),
        ({"num_steps": 0}, 1),
        ({"last_step": 3}, 3),
        ({"last_step": 0}, 1),
        ({"last_step": -4}, 1),
        ({"last_step": 100}, None),
    ],
    ids=str,
)
def test_stop_at_step(same: Same, session: str, arguments: dict[str, int], last: int | None) -> None:
    left = same(lambda kit, _: [kit.StopAtStepHook(**arguments)], session=session)
    assert left.stop_seen() == ([last] if last else [])
    assert len(left.returned) == (last or 8)


@pytest.mark.parametrize(("last_step", "runs"), [(7, 7), (4, 5), (2, 5)])
def test_stop_at_a_last_step_already_passed(same: Same, last_step: int, runs: int) -> None:
    def build(kit: Any, bench: Bench) -> list[Any]:
        first = not list(bench.directory.iterdir())
        stop = kit.StopAtStepHook(num_steps=4) if first else kit.StopAtStepHook(last_step=last_step)
        return [kit.CheckpointSaverHook(bench.path, save_steps=100), stop]

    left = same(build, attempts=2)
    assert len(left.returned) == runs
    assert len(left.stop_seen()) == 2


def test_stop_when_the_step_stands_still(same: Same) -> None:
    left = same(lambda kit, _: [kit.StopAtStepHook(num_steps=3)], model=partial(regression, stride=0))
    assert left.stop_seen() == []


def test_stop_when_another_stops_first(same: Same) -> None:
    left = same(lambda kit, _: [kit.StopAtStepHook(3), kit.StopAtStepHook(last_step=5)])
    assert len(left.returned) == 3


def test_run_after_a_stop_is_refused(same: Same) -> None:
    def drive(session: Any, fetches: Any, feed: Any) -> Any:
        session.run(fetches, feed)
        return session.run(fetches, feed)

    left = same(lambda kit, _: [kit.StopAtStepHook(3)], drive=drive)
    assert left.error == (
        "attempt 0, run 2",
        "builtins.RuntimeError",
        "Run called even after should_stop requested.",
    )


# All five

MIXED = {
    "StepCounterHook": lambda kit, bench: kit.StepCounterHook(2, output_dir=bench.path),
    "LoggingTensorHook": lambda kit, _: kit.LoggingTensorHook(["loss", "text"], every_n_iter=2, at_end=True),
    "NanTensorHook": lambda kit, _: kit.NanTensorHook("loss:0", fail_on_nan_loss=False),
    "CheckpointSaverHook": lambda kit, bench: kit.CheckpointSaverHook(bench.path, save_steps=3),
    "StopAtStepHook": lambda kit, _: kit.StopAtStepHook(last_step=6),
}


class Wrapped(v1.train.SessionRunHook):
    """Passes on some of a hook's calls, as hooks that hold a hook do."""

    def __init__(self, hook: Any, calls: frozenset[str]) -> None:
        for call in ("begin", "after_create_session", "before_run", "after_run", "end"):
            if call in calls:
                setattr(self, call, getattr(hook, call))


ALL_CALLS = frozenset({"begin", "after_create_session", "before_run", "after_run", "end"})


@pytest.mark.parametrize("left_out", ["nothing", "after_create_session", "end"])
@pytest.mark.parametrize("name", HOOKS)
def test_hook_in_a_hook(same: Same, name: str, left_out: str) -> None:
    left = same(
        lambda kit, bench: [Wrapped(MIXED[name](kit, bench), ALL_CALLS - {left_out})], disturbance={6: np.nan}
    )
    assert left.error is None
    assert left.stop_seen() == ([6] if name in {"NanTensorHook", "StopAtStepHook"} else [])


@pytest.mark.parametrize("name", HOOKS)
def test_hook_whose_begin_goes_past_ours(same: Same, name: str) -> None:
    def build(kit: Any, bench: Bench) -> list[Any]:
        hook = MIXED[name](kit, bench)
        hook.begin = lambda: getattr(v1.train, name).begin(hook)
        return [hook]

    left = same(build, disturbance={6: np.nan})
    assert left.stop_seen() == ([6] if name in {"NanTensorHook", "StopAtStepHook"} else [])


@pytest.mark.parametrize("name", ["LoggingTensorHook", "NanTensorHook", "StepCounterHook", "StopAtStepHook"])
def test_hook_whose_runs_are_made_over_by_a_subclass(same: Same, name: str) -> None:
    def build(kit: Any, bench: Bench) -> list[Any]:
        class Watched(getattr(kit, name)):
            """Wraps what the hook fetches, and unwraps it again."""

            def before_run(self, run_context: Any) -> Any:
                request = super().before_run(run_context)
                return request and v1.train.SessionRunArgs(
                    {"inner": request.fetches, "more": bench.model.loss}
                )

            def after_run(self, run_context: Any, run_values: Any) -> None:
                if run_values.results is not None:
                    bench.record("more", float(run_values.results["more"]))
                    run_values = run_values._replace(results=run_values.results["inner"])
                super().after_run(run_context, run_values)

        hook = MIXED[name](kit, bench)
        hook.__class__ = Watched
        return [hook]

    left = same(build)
    assert len([call for call in left.calls if call[0] == "more"]) == {
        "LoggingTensorHook": 4,
        "StopAtStepHook": 6,
    }.get(name, 8)


@pytest.mark.parametrize("name", ["LoggingTensorHook", "NanTensorHook"])
def test_fetches_chosen_by_a_subclass(same: Same, name: str) -> None:
    def build(kit: Any, bench: Bench) -> list[Any]:
        fetches = {
            "LoggingTensorHook": {"loss": bench.model.disturbance},
            "NanTensorHook": bench.model.disturbance,
        }

        class Chosen(getattr(kit, name)):
            def before_run(self, run_context: Any) -> Any:
                del run_context
                self._should_trigger = True
                return v1.train.SessionRunArgs(fetches[name])

        arguments = {"LoggingTensorHook": (["loss"], 3), "NanTensorHook": (bench.model.loss, False)}
        return [Chosen(*arguments[name])]

    left = same(build, disturbance={4: np.nan})
    if name == "NanTensorHook":
        assert left.stop_seen() == [4]
    else:
        assert loss_lines(left)[3] == "loss = nan (1.000 sec)"


def five(kit: Any, bench: Bench) -> list[Any]:
    return [
        kit.StepCounterHook(2, output_dir=bench.path),
        kit.LoggingTensorHook(
            {"loss": "loss", "vector": "vector:0", "text": "text"}, every_n_iter=2, at_end=True
        ),
        kit.NanTensorHook("loss:0"),
        kit.CheckpointSaverHook(bench.path, save_steps=3, listeners=[bench.listener()]),
        kit.StopAtStepHook(last_step=7),
    ]


def five_backwards(kit: Any, bench: Bench) -> list[Any]:
    return five(kit, bench)[::-1]


each_order = pytest.mark.parametrize("build", [five, five_backwards])


@each_session
@each_order
def test_five(same: Same, session: str, build: Any) -> None:
    left = same(build, session=session)
    assert left.error is None
    assert left.stop_seen() == [7]
    assert saves(left) == [0, 3, 6, 7]
    assert rates(left) == 3
    assert neighbour_calls(left)[-1] == "end"


def test_five_by_the_real_clock(same: Same) -> None:
    assert same(five, real_time=True).stop_seen() == [7]


@each_order
def test_five_where_a_hook_must_make_the_read_of_the_global_step(same: Same, build: Any) -> None:
    left = same(build, model=partial(regression, read_first=False), steps=0)
    assert left.error is None
    assert left.named("graph.pbtxt")[0].count('name: "global_step/add"') == 1


def test_five_beside_the_hooks_of_a_monitored_training_session(same: Same) -> None:
    left = same(
        five, options={"save_checkpoint_steps": 4, "save_summaries_steps": 2, "log_step_count_steps": 3}
    )
    assert left.stop_seen() == [7]
    assert rates(left) == 5


def test_five_as_chief_only_hooks(same: Same) -> None:
    def build(kit: Any, bench: Bench) -> list[Any]:
        chief_only[:] = five(kit, bench)
        return []

    chief_only: list[Any] = []
    assert same(build, options={"chief_only_hooks": chief_only}).stop_seen() == [7]


@each_session
@each_order
def test_data_that_ends(same: Same, session: str, build: Any) -> None:
    left = same(build, session=session, model=partial(regression, examples=5))
    assert left.error is None
    assert len(left.returned) == 5
    assert neighbour_calls(left)[-2:] == ["before_run", "end"]
    assert saves(left) == [0, 3, 5]


@each_session
@each_order
def test_run_that_fails(same: Same, session: str, build: Any) -> None:
    left = same(build, session=session, model=partial(regression, checked=True), disturbance={5: np.inf})
    assert left.error[:2] == (
        "attempt 0, run 5",
        "tensorflow.python.framework.errors_impl.InvalidArgumentError",
    )
    assert "the disturbance" in left.error[2]
    assert "end" not in neighbour_calls(left)
    assert saves(left) == [0, 3]


@pytest.mark.parametrize("call", ["after_create_session", "before_run", "after_run"])
@pytest.mark.parametrize("error", [KeyboardInterrupt, StopIteration, ZeroDivisionError])
def test_hook_that_raises(same: Same, call: str, error: type[BaseException]) -> None:
    def build(kit: Any, bench: Bench) -> list[Any]:
        hooks = five(kit, bench)
        return [*hooks[:2], RaiseOnce(call, 1 if call == "after_create_session" else 4, error()), *hooks[2:]]

    left = same(build)
    quiet = error is StopIteration and call != "after_create_session"
    assert (left.error is None) == quiet
    assert ("end" in neighbour_calls(left)) == quiet


def test_session_that_cannot_be_made(same: Same) -> None:
    def fails(scaffold: Any, session: Any) -> None:
        del scaffold, session
        raise OSError("no data")

    left = same(five, scaffold=lambda: v1.train.Scaffold(init_fn=fails))
    assert left.error == ("attempt 0, open", "builtins.OSError", "no data")
    assert neighbour_calls(left) == ["begin"]


@pytest.mark.parametrize("session", ["MonitoredTrainingSession", "MonitoredSession"])
@pytest.mark.parametrize("place", [0, 5])
@pytest.mark.parametrize("call", ["after_create_session", "before_run", "after_run"])
def test_session_that_recovers(same: Same, session: str, call: str, place: int) -> None:
    def build(kit: Any, bench: Bench) -> list[Any]:
        hooks = five(kit, bench)
        error = tf.errors.AbortedError(None, None, "preempted")
        hooks.insert(place, RaiseOnce(call, 1 if call == "after_create_session" else 5, error))
        return hooks

    left = same(build, session=session)
    assert left.error is None
    created = 2 if call != "after_create_session" else 1
    assert neighbour_calls(left).count("after_create_session") == created
    assert left.texts("INFO").count("Graph was finalized.") == 2


def test_session_that_does_not_recover(same: Same) -> None:
    def build(kit: Any, bench: Bench) -> list[Any]:
        error = tf.errors.UnavailableError(None, None, "gone")
        return [*five(kit, bench), RaiseOnce("before_run", 3, error)]

    left = same(build, session="SingularMonitoredSession")
    assert left.error[:2] == ("attempt 0, run 3", "tensorflow.python.framework.errors_impl.UnavailableError")


@either_session
@pytest.mark.parametrize("new_graph", [True, False])
def test_hooks_used_again(same: Same, session: str, *, new_graph: bool) -> None:
    left = same(five, session=session, attempts=2, new_graph=new_graph, new_hooks=False, steps=4)
    assert left.error is None
    assert neighbour_calls(left).count("end") == 2
    assert len(left.returned) == 7


def test_tensors_used_again_in_another_graph(same: Same) -> None:
    left = same(
        lambda kit, bench: [kit.LoggingTensorHook([bench.model.loss], 2)],
        attempts=2,
        new_hooks=False,
        steps=2,
    )
    assert left.error[:2] == ("attempt 1, open", "builtins.ValueError")


def test_stop_after_a_number_of_steps_used_again(same: Same) -> None:
    left = same(
        lambda kit, bench: [
            kit.CheckpointSaverHook(bench.path, save_steps=100),
            kit.StopAtStepHook(num_steps=3),
        ],
        attempts=2,
        new_hooks=False,
    )
    assert len(left.returned) == 4  # it keeps the last step of its first session


class Evaluates(v1.train.SessionRunHook):
    """Opens a session of its own between two runs of another."""

    def __init__(self, bench: Bench, hooks: Callable[[], list[Any]], graph: Any) -> None:
        self._bench = bench
        self._hooks = hooks
        self._graph = graph
        self._runs = 0

    def after_run(self, run_context: Any, run_values: Any) -> None:
        del run_context, run_values
        self._runs += 1
        if self._runs != 3:
            return
        with self._graph.as_default():
            hooks = self._hooks()
            with v1.train.SingularMonitoredSession(hooks, scaffold=v1.train.Scaffold()) as session:
                while not session.should_stop():
                    self._bench.record("evaluated", str(session.run("loss:0")))
                    session.run(self._graph.get_operation_by_name("count"))


@pytest.mark.parametrize("same_graph", [True, False])
def test_session_within_a_session(same: Same, *, same_graph: bool) -> None:
    def build(kit: Any, bench: Bench) -> list[Any]:
        graph = bench.graph if same_graph else tf.Graph()
        with graph.as_default():
            if not same_graph:
                regression()
            tf.group(v1.assign_add(v1.train.get_global_step(), 1), name="count")

        def inner() -> list[Any]:
            return [
                kit.LoggingTensorHook(["loss"], 1),
                kit.NanTensorHook("loss:0"),
                kit.StopAtStepHook(num_steps=2),
            ]

        hooks = five(kit, bench)
        return [*hooks[:3], Evaluates(bench, inner, graph), *hooks[3:]]

    left = same(build)
    assert left.error is None
    assert len([call for call in left.calls if call[0] == "evaluated"]) == 2
    assert left.stop_seen() == [7]


@each_order
@pytest.mark.parametrize("legacy", [True, False])
@pytest.mark.parametrize("stride", [0, 1, 3])
def test_steps_of_all_kinds(same: Same, build: Any, stride: int, *, legacy: bool) -> None:
    left = same(build, model=partial(regression, stride=stride, legacy=legacy), steps=5)
    assert left.error is None
    assert saves(left) == {0: [0], 1: [0, 3, 5], 3: [0, 3, 6, 9]}[stride]
    tag = "outer/global_step/sec" if legacy else "global_step/sec"
    assert [text for text in left.texts("INFO") if text.startswith(tag)] == {
        0: [],
        1: [f"{tag}: 1"] * 2,
        3: [f"{tag}: 3"],
    }[stride]


def step_function(session: Any, fetches: Any, feed: Any) -> Any:
    """Make a run by a step function: one past the hooks, then one with them."""

    def step(step_context: Any) -> Any:
        step_context.session.run(fetches["loss"])
        return step_context.run_with_hooks(fetches, feed_dict=feed)

    return session.run_step_fn(step)


def test_step_functions(same: Same) -> None:
    left = same(five, drive=step_function)
    assert left.stop_seen() == [7]
    assert len(left.returned) == 7


def test_run_options_are_passed_on(same: Same) -> None:
    def drive(session: Any, fetches: Any, feed: Any) -> Any:
        options = v1.RunOptions(trace_level=v1.RunOptions.FULL_TRACE)
        return session.run(fetches, feed, options=options, run_metadata=v1.RunMetadata())

    left = same(five, drive=drive)
    seen = next(call for call in left.calls if call[:2] == ("last", "after_run"))
    assert seen[4:] == ("trace_level: FULL_TRACE\n", True)


# With a dashboard


class Records:
    """A sink that keeps what it is told, and raises each time if it is `broken`."""

    def __init__(self, *, broken: bool) -> None:
        self.told: list[Any] = []
        self._broken = broken

    def write(self, record: Any, /) -> None:
        self.told.append(record)
        if self._broken:
            raise OSError("nobody is there")

    def kit(self) -> SimpleNamespace:
        """Return our classes, with this as their dashboard."""
        return SimpleNamespace(**{name: partial(getattr(nbhooks, name), dashboard=self) for name in HOOKS})


def test_five_with_a_sink(same: Same) -> None:
    sink = Records(broken=False)
    same(five, ours=sink.kit())
    assert {type(record).__name__ for record in sink.told} >= {
        "Scalar",
        "Tensor",
        "Checkpoint",
        "Progress",
        "State",
    }


def test_five_with_a_broken_sink_where_a_warning_is_an_error(same: Same) -> None:
    sink = Records(broken=True)
    same(five, ours=sink.kit(), warnings="error")
    assert len(sink.told) > 10


# What the comparison sees: TensorFlow's hooks against the same with one thing changed


def counter(**methods: Any) -> SimpleNamespace:
    return changed(StepCounterHook=type("StepCounterHook", (TENSORFLOW.StepCounterHook,), methods))


def after_run(extra: Callable[[Any, Any, Any], Any]) -> SimpleNamespace:
    """Return a kit whose StepCounterHook does something more after each run."""

    def method(self: Any, run_context: Any, run_values: Any) -> None:
        TENSORFLOW.StepCounterHook.after_run(self, run_context, run_values)
        extra(self, run_context, run_values)

    return counter(after_run=method)


class SavesOnceMore(TENSORFLOW.CheckpointSaverHook):
    def end(self, session: Any) -> None:
        super().end(session)
        self._save(session, 7)


class SavesHalf(TENSORFLOW.CheckpointSaverHook):
    def _get_saver(self) -> Any:
        return self._half

    def begin(self) -> None:
        super().begin()
        self._half = v1.train.Saver(v1.global_variables()[:1])


class StopsLater(TENSORFLOW.StopAtStepHook):
    def __init__(self, num_steps: Any = None, last_step: Any = None) -> None:
        super().__init__(num_steps, last_step + 1)


class ForgetsTheEnd(TENSORFLOW.LoggingTensorHook):
    def end(self, session: Any) -> None:
        pass


class Louder(TENSORFLOW.NanTensorHook):
    def before_run(self, run_context: Any) -> Any:
        options = v1.RunOptions(trace_level=v1.RunOptions.SOFTWARE_TRACE)
        return super().before_run(run_context)._replace(options=options)


class AsksForMore(TENSORFLOW.NanTensorHook):
    def before_run(self, run_context: Any) -> Any:
        del run_context
        return v1.train.SessionRunArgs("loss:0", {"features:0": np.zeros([4, 3])})


class Spoils(TENSORFLOW.LoggingTensorHook):
    """Writes to what it was given, which is the caller's too."""

    def after_run(self, run_context: Any, run_values: Any) -> None:
        super().after_run(run_context, run_values)
        if run_values.results:
            run_values.results["vector"][...] = 0


class AddsToTheGraph(TENSORFLOW.StopAtStepHook):
    def begin(self) -> None:
        super().begin()
        tf.constant(1, name="mine")


def fails(self: Any, run_context: Any, run_values: Any) -> None:
    del self, run_values
    if run_context.session.run("global_step/add:0") == 4:
        raise RuntimeError("mine")


CHANGED: dict[str, tuple[Any, set[str]]] = {
    "one save more": (changed(CheckpointSaverHook=SavesOnceMore), {"calls", "fetched", "logs", "files"}),
    "a variable less in the checkpoints": (
        changed(CheckpointSaverHook=SavesHalf),
        {"calls", "fetched", "graph", "files"},
    ),
    "stops one step later": (
        changed(StopAtStepHook=StopsLater),
        {"returned", "calls", "fetched", "logs", "files"},
    ),
    "stops without a word": (
        after_run(lambda _, context, values: values.results == 2 and context.request_stop()),
        {"returned", "calls", "fetched", "logs", "files"},
    ),
    "forgets the end": (changed(LoggingTensorHook=ForgetsTheEnd), {"fetched", "logs"}),
    "one line more": (after_run(lambda *_: v1.logging.info("mine")), {"logs"}),
    "a line of another logger": (after_run(lambda *_: logging.getLogger("nbhooks").info("mine")), {"logs"}),
    "one event more": (
        after_run(lambda hook, *_: hook._summary_writer.add_summary(v1.Summary(), 1)),
        {"files"},
    ),
    "a rate that is a little off": (
        counter(
            _log_and_record=lambda self, steps, seconds, step: TENSORFLOW.StepCounterHook._log_and_record(
                self, steps, seconds * (1 + 1e-6), step
            )
        ),
        {"files", "logs"},
    ),
    "a warning": (after_run(lambda *_: warnings.warn("mine", stacklevel=1)), {"warned"}),
    "a word on the screen": (after_run(lambda *_: sys.stdout.write("mine")), {"printed"}),
    "another error": (after_run(fails), {"error", "returned", "calls", "fetched", "logs", "files"}),
    "a traced run": (changed(NanTensorHook=Louder), {"calls"}),
    "a feed of its own": (
        changed(NanTensorHook=AsksForMore),
        {"returned", "calls", "fetched", "logs", "files"},
    ),
    "a value spoilt": (changed(LoggingTensorHook=Spoils), {"returned"}),
    "an operation more": (changed(StopAtStepHook=AddsToTheGraph), {"calls", "graph", "files"}),
}


@pytest.fixture(scope="module")
def unchanged(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Trace]:
    """Run TensorFlow's five; once for each scenario, since nothing else differs between the cases."""
    return cache(
        lambda **scenario: trace(
            Scenario(build=five, **scenario), TENSORFLOW, tmp_path_factory.mktemp("five")
        )
    )


def test_nothing_is_seen_where_nothing_changed(unchanged: Callable[..., Trace], tmp_path: Path) -> None:
    assert differences(unchanged(), trace(Scenario(build=five), changed(), tmp_path)) == []


@pytest.mark.parametrize("case", CHANGED)
def test_a_change_is_seen(unchanged: Callable[..., Trace], tmp_path: Path, case: str) -> None:
    kit, where = CHANGED[case]
    found = differences(unchanged(), trace(Scenario(build=five), kit, tmp_path))
    assert {line.split(":")[0] for line in found} == where


@pytest.mark.parametrize(
    "method",
    [
        lambda self, steps, seconds, step: TENSORFLOW.StepCounterHook._log_and_record(
            self, steps, -seconds, step
        ),
        lambda self, steps, seconds, step: TENSORFLOW.StepCounterHook._log_and_record(
            self, steps, seconds, step + 1
        ),
    ],
    ids=["a rate below nought", "another step"],
)
def test_a_change_is_seen_by_the_real_clock(
    unchanged: Callable[..., Trace], tmp_path: Path, method: Any
) -> None:
    kit = counter(_log_and_record=method)
    found = differences(unchanged(real_time=True), trace(Scenario(build=five, real_time=True), kit, tmp_path))
    assert "files" in {line.split(":")[0] for line in found}
