"""Hooks made from a configuration do what it says, or say what they do not know."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import tensorflow as tf
from training import train

import nbhooks

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

v1 = tf.compat.v1

pytestmark = pytest.mark.tensorflow


NAMES = [
    "CheckpointSaverHook",
    "FeedFnHook",
    "FinalOpsHook",
    "GlobalStepWaiterHook",
    "LoggingTensorHook",
    "NanTensorHook",
    "ProfilerHook",
    "StepCounterHook",
    "StopAfterNEvalsHook",
    "StopAtStepHook",
    "SummarySaverHook",
]


@pytest.fixture
def loss(loss: tf.Tensor) -> tf.Tensor:
    """A loss that is summed up, too."""
    v1.summary.scalar("summed", loss)
    return loss


@pytest.fixture
def board(board: nbhooks.Dashboard) -> Iterator[nbhooks.Dashboard]:
    """A dashboard that takes what begins in the test."""
    with board:
        yield board


def test_there_are_eleven_hooks() -> None:
    assert sorted(nbhooks.HOOKS) == NAMES
    for name, hook in nbhooks.HOOKS.items():
        assert hook is getattr(nbhooks, name)
        assert hook.__name__ == name
        assert issubclass(hook, v1.train.SessionRunHook)
    with pytest.raises(TypeError):
        nbhooks.HOOKS["Mine"] = nbhooks.StopAtStepHook


CONFIG = """[
    {"StepCounterHook": {"every_n_steps": 2, "every_n_secs": null}},
    {"LoggingTensorHook": {"tensors": {"loss": "loss:0"}, "every_n_iter": 1}},
    {"NanTensorHook": {"loss_tensor": "loss:0", "fail_on_nan_loss": false},
     "StopAtStepHook": {"num_steps": null, "last_step": 5}},
    {"StepCounterHook": null},
    "StepCounterHook"
]"""


def test_a_configuration_of_json(loss: tf.Tensor, board: nbhooks.Dashboard) -> None:
    config = json.loads(CONFIG)
    config[2]["NanTensorHook"]["loss_tensor"] = loss  # TensorFlow's takes no name
    hooks = nbhooks.build(config)
    assert [type(hook).__name__ for hook in hooks] == [
        "StepCounterHook",
        "LoggingTensorHook",
        "NanTensorHook",
        "StopAtStepHook",
        "StepCounterHook",
        "StepCounterHook",
    ]
    train(hooks, 50)
    assert hooks[0].to_pandas()["step"].tolist() == [3, 5]
    logged = hooks[1].to_pandas()
    assert logged["step"].tolist() == [1, 2, 3, 4, 5]
    assert logged["value"].tolist() == [0.0, 1.0, 2.0, 3.0, 4.0]
    assert board.state == "stopped"


def test_other_shapes_of_a_configuration() -> None:
    assert nbhooks.build([]) == []
    assert [
        type(hook) for hook in nbhooks.build({"StopAtStepHook": {"last_step": 1}, "StepCounterHook": {}})
    ] == [
        nbhooks.StopAtStepHook,
        nbhooks.StepCounterHook,
    ]
    one, other = nbhooks.build(name for name in ("StepCounterHook", "StepCounterHook"))
    assert one is not other
    config = {"StopAtStepHook": {"last_step": 1}}
    nbhooks.build([config])
    assert config == {"StopAtStepHook": {"last_step": 1}}


def test_a_dashboard_can_be_among_the_arguments(loss: tf.Tensor) -> None:
    del loss
    board = nbhooks.Dashboard()
    train(nbhooks.build([{"StopAtStepHook": {"last_step": 2, "dashboard": board}}]), 50)
    assert board.state == "stopped"
    board.close()


@pytest.mark.parametrize(
    ("config", "words"),
    [
        (["StepCountHook"], ["'StepCountHook'", "did you mean 'StepCounterHook'?", *NAMES]),
        ([{"Zebra": {}}], ["'Zebra'", *NAMES]),
        ([{None: {}}], ["None", *NAMES]),
        ([{3: None}], ["3", *NAMES]),
        (
            [{"StopAtStepHook": {"last_steps": 3}}],
            ["'last_steps'", "did you mean 'last_step'?", "num_steps", "last_step", "dashboard"],
        ),
        ([{"StepCounterHook": {"self": 3}}], ["'self'", "every_n_steps, every_n_secs, output_dir"]),
        ([{"StepCounterHook": {1: 3}}], ["has no argument 1", "every_n_steps"]),
        ([{"NanTensorHook": {"fail_on_nan_loss": True}}], ["lacks 'loss_tensor'", "fail_on_nan_loss"]),
        (["StopAfterNEvalsHook"], ["lacks 'num_evals'", "log_progress"]),
        ([{"FinalOpsHook": None}], ["lacks 'final_ops'", "final_ops_feed_dict"]),
    ],
)
def test_what_is_not_known_is_refused_and_what_is_is_listed(config: Any, words: list[str]) -> None:
    with pytest.raises(ValueError, match=r"there (is|are)|no argument|lacks") as caught:
        nbhooks.build(config)
    for word in words:
        assert word in str(caught.value)
    if "Zebra" in str(config):
        assert "did you mean" not in str(caught.value)


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ("StepCounterHook", "a list such as"),
        (None, "not NoneType"),
        (3, "not int"),
        ([3], "a int: 3"),
        ([None], "a NoneType: None"),
        ([["StepCounterHook", {}]], "a list: "),
        ([{"StepCounterHook": 10}], "takes a mapping of arguments, not int: 10"),
        ([{"StepCounterHook": [10]}], "takes a mapping of arguments, not list"),
        ([{"StepCounterHook": "every_n_steps"}], "takes a mapping of arguments, not str"),
    ],
)
def test_other_shapes_are_refused(config: Any, words: str) -> None:
    with pytest.raises(TypeError) as caught:
        nbhooks.build(config)
    assert words in str(caught.value)


def test_what_a_hook_refuses_is_raised_as_it_is() -> None:
    arguments = {"every_n_steps": 1, "every_n_secs": 1}
    with pytest.raises(ValueError, match="exactly one of every_n_steps and every_n_secs") as theirs:
        v1.train.StepCounterHook(**arguments)
    with pytest.raises(ValueError, match="exactly one of every_n_steps and every_n_secs") as ours:
        nbhooks.build([{"StepCounterHook": arguments}])
    assert str(ours.value) == str(theirs.value)


def test_the_keywords_that_polyaxon_passes(loss: tf.Tensor, board: nbhooks.Dashboard, tmp_path: Path) -> None:
    hooks = nbhooks.build(
        [
            {
                "LoggingTensorHook": {
                    "tensors": ["loss"],
                    "every_n_iter": 2,
                    "every_n_secs": None,
                    "formatter": None,
                }
            },
            {
                "CheckpointSaverHook": {
                    "checkpoint_dir": str(tmp_path / "checkpoints"),
                    "save_secs": None,
                    "save_steps": 10,
                    "saver": v1.train.Saver(),
                    "checkpoint_basename": "model.ckpt",
                    "scaffold": None,
                    "listeners": None,
                }
            },
            {
                "StepCounterHook": {
                    "every_n_steps": 2,
                    "every_n_secs": None,
                    "output_dir": str(tmp_path / "rates"),
                    "summary_writer": None,
                }
            },
            {"StopAtStepHook": {"num_steps": None, "last_step": 5}},
            {"NanTensorHook": {"loss_tensor": loss, "fail_on_nan_loss": True}},
            {
                "SummarySaverHook": {
                    "save_steps": 2,
                    "save_secs": None,
                    "output_dir": str(tmp_path / "summaries"),
                    "summary_writer": None,
                    "scaffold": None,
                    "summary_op": v1.summary.merge_all(),
                }
            },
            {"GlobalStepWaiterHook": {"wait_until_step": 0}},
            {"FinalOpsHook": {"final_ops": {"last": loss}, "final_ops_feed_dict": None}},
        ]
    )
    logged, saver, rates, _, losses, summed, _, final = hooks
    train(hooks, 50)
    assert logged.to_pandas()["step"].tolist() == [1, 3, 5]
    assert saver.to_pandas()["step"].tolist() == [0, 5]
    assert saver.to_pandas()["kept"].all()
    assert rates.to_pandas()["step"].tolist() == [3, 5]
    assert losses.to_pandas()["value"].tolist() == [0.0, 1.0, 2.0, 3.0, 4.0]
    assert summed.to_pandas()["tag"].unique().tolist() == ["summed"]
    assert final.to_pandas().to_numpy().tolist() == [["last", 5.0]]
    assert board.state == "stopped"
    assert set(board.scalars["tag"]) == {"loss", "loss:0", "summed", "global_step/sec", "last"}
    assert any((tmp_path / "summaries").iterdir())
    assert any((tmp_path / "rates").iterdir())


def test_a_writer_where_there_is_no_directory(loss: tf.Tensor, tmp_path: Path) -> None:
    del loss
    writer = v1.summary.FileWriterCache.get(str(tmp_path))
    (hook,) = nbhooks.build(
        [{"StepCounterHook": {"every_n_steps": 1, "output_dir": None, "summary_writer": writer}}]
    )
    train([hook], 3)
    assert hook.to_pandas()["step"].tolist() == [2, 3]
    v1.summary.FileWriterCache.clear()
    written = [
        event.step
        for file in tmp_path.iterdir()
        for event in v1.train.summary_iterator(str(file))
        for value in event.summary.value
        if value.tag == "global_step/sec"
    ]
    assert written == [2, 3]


@pytest.mark.parametrize(("count", "made"), [(3, 3), (None, 4)])
def test_the_keywords_of_evaluations(board: nbhooks.Dashboard, count: int | None, made: int) -> None:
    from tensorflow.python.training import evaluation

    with tf.Graph().as_default():
        data = v1.data.make_one_shot_iterator(tf.data.Dataset.range(4)).get_next()
        counter = evaluation._get_or_create_eval_step()
        with tf.control_dependencies([data]):
            update = tf.group(v1.assign_add(counter, 1))
        (hook,) = nbhooks.build([{"StopAfterNEvalsHook": {"num_evals": count, "log_progress": False}}])
        hook._set_evals_completed_tensor(evaluation._get_latest_eval_step_value([update]))
        with v1.train.MonitoredSession(hooks=[hook]) as session:
            while not session.should_stop():
                session.run(update)
    frame = hook.to_pandas()
    assert frame["tag"].unique().tolist() == ["evaluation"]
    assert frame["step"].tolist()[-1] == made
    assert board.state == ("stopped" if count else "finished")
