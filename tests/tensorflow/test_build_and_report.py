"""Holds hooks made from a configuration, and a word from the user's own hook, to what they promise."""

from __future__ import annotations

import json
import math
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import tensorflow as tf

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
def loss() -> Iterator[tf.Tensor]:
    """A loss that is the global step, in a graph that is the default one."""
    with tf.Graph().as_default():
        step = v1.train.get_or_create_global_step()
        loss = tf.cast(step.read_value(), tf.float32, name="loss")
        v1.summary.scalar("summed", loss)
        with tf.control_dependencies([loss]):
            tf.group(v1.assign_add(step, 1), name="train")
        yield loss


@pytest.fixture
def board() -> Iterator[nbhooks.Dashboard]:
    """A dashboard, which shows nothing here and keeps everything."""
    with nbhooks.Dashboard() as made:
        yield made
    made.close()


def train(hooks: list[Any], most: int = 50) -> None:
    """Train until a hook asks for a stop."""
    with v1.train.MonitoredSession(hooks=hooks) as session:
        for _ in range(most):
            if session.should_stop():
                break
            session.run("train")


# Hooks by name


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
    train(hooks)
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
    train(nbhooks.build([{"StopAtStepHook": {"last_step": 2, "dashboard": board}}]))
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
    train(hooks)
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
    told = hook.to_pandas()
    assert told["tag"].unique().tolist() == ["evaluation"]
    assert told["step"].tolist()[-1] == made
    assert board.state == ("stopped" if count else "finished")


# A word from the user's own hook


class Reporter(v1.train.SessionRunHook):
    """Reports what it fetched, which is the step after its run."""

    def __init__(self, fetches: Any = None, **named: Any) -> None:
        self.fetches, self.named = fetches, named

    def before_run(self, _: v1.train.SessionRunContext) -> v1.train.SessionRunArgs:
        return v1.train.SessionRunArgs(self.fetches)

    def after_run(self, _: v1.train.SessionRunContext, run_values: v1.train.SessionRunValues) -> None:
        nbhooks.report("mine <b>", run_values.results, **self.named)


def reported(board: nbhooks.Dashboard, tag: str = "mine <b>") -> tuple[list[int], list[float]]:
    rows = board.scalars[board.scalars["tag"] == tag]
    return rows["step"].tolist(), rows["value"].tolist()


COMPANY = {
    "steps": lambda _: nbhooks.StepCounterHook(1),
    "stop": lambda _: nbhooks.StopAtStepHook(last_step=9),
    "nan": nbhooks.NanTensorHook,
    "tensors now and then": lambda loss: nbhooks.LoggingTensorHook([loss], 3),
    "final": nbhooks.FinalOpsHook,
}


@pytest.mark.parametrize("place", ["before", "after"])
@pytest.mark.parametrize("company", COMPANY)
def test_the_label_is_the_runs_global_step(
    loss: tf.Tensor, board: nbhooks.Dashboard, company: str, place: str
) -> None:
    hooks = [COMPANY[company](loss), Reporter(loss)]
    train(hooks if place == "after" else hooks[::-1], 5)
    assert reported(board) == ([1, 2, 3, 4, 5], [0.0, 1.0, 2.0, 3.0, 4.0])


def test_steps_of_several_at_once(board: nbhooks.Dashboard) -> None:
    with tf.Graph().as_default():
        step = v1.train.get_or_create_global_step()
        tf.group(v1.assign_add(step, 10), name="train")
        train([Reporter(tf.constant(1.0)), nbhooks.StepCounterHook(1)], 3)
    assert reported(board) == ([10, 20, 30], [1.0, 1.0, 1.0])


def test_a_step_that_is_given_is_taken(loss: tf.Tensor, board: nbhooks.Dashboard) -> None:
    train([nbhooks.StepCounterHook(1), Reporter(loss, step=np.int64(77))], 2)
    assert reported(board)[0] == [77, 77]


def test_from_the_loop(loss: tf.Tensor, board: nbhooks.Dashboard) -> None:
    del loss
    with v1.train.MonitoredSession(hooks=[nbhooks.StepCounterHook(1)]) as session:
        for number in range(3):
            session.run("train")
            nbhooks.report("loop", number)
            nbhooks.report("other", number, step=number)
    assert reported(board, "loop") == ([1, 2, 3], [0.0, 1.0, 2.0])
    assert reported(board, "other") == ([0, 1, 2], [0.0, 1.0, 2.0])


def test_the_last_word_before_an_error_is_kept(loss: tf.Tensor, board: nbhooks.Dashboard) -> None:
    class Breaker(Reporter):
        def after_run(self, *arguments: Any) -> None:
            super().after_run(*arguments)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), board:
        train([nbhooks.StepCounterHook(1), Breaker(loss)], 2)
    assert board.state == "died"
    assert reported(board) == ([1], [0.0])


BFLOAT = tf.bfloat16.as_numpy_dtype


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (2, 2.0),
        (True, 1.0),
        (0.25, 0.25),
        (math.nan, math.nan),
        (-math.inf, -math.inf),
        (np.float16(0.5), 0.5),
        (np.float64(0.5), 0.5),
        (np.int8(-3), -3.0),
        (np.uint64(2**60), 2.0**60),
        (np.bool_(True), 1.0),  # noqa: FBT003 - a value
        (np.array(0.5, np.float32), 0.5),
        (np.array([[0.5]]), 0.5),
        ([0.5], 0.5),
        (BFLOAT(1.5), 1.5),
        (np.array([1.5], BFLOAT), 1.5),
        (Fraction(1, 4), 0.25),
        (Decimal("0.25"), 0.25),
    ],
)
def test_what_is_one_real_number(loss: tf.Tensor, board: nbhooks.Dashboard, given: Any, kept: float) -> None:
    del loss
    with v1.train.MonitoredSession(hooks=[nbhooks.StepCounterHook(1)]) as session:
        session.run("train")
        nbhooks.report("it", given)
    (value,) = reported(board, "it")[1]
    assert value == kept or (math.isnan(value) and math.isnan(kept))


WRONG = {
    "nothing": None,
    "a word": "0.5",
    "bytes": b"0.5",
    "a word of NumPy's": np.str_("0.5"),
    "an array of a word": np.array("0.5"),
    "an array of bytes": np.array(b"0.5"),
    "a complex number": 1 + 2j,
    "a complex number of NumPy's": np.complex64(1 + 2j),
    "an array of a complex number": np.array([1 + 2j]),
    "a date": np.datetime64("2020-01-01"),
    "two": [1.0, 2.0],
    "none": [],
    "a ragged list": [[1.0], [1.0, 2.0]],
    "an object": object(),
    "a record": np.zeros((), [("loss", np.float32)]),
    "raw bytes": np.void(b"0.5"),
    "a dict": {"loss": 1.0},
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_none_is_refused(loss: tf.Tensor, board: nbhooks.Dashboard, what: str) -> None:
    del loss
    with v1.train.MonitoredSession(hooks=[nbhooks.StepCounterHook(1)]) as session:
        session.run("train")
        with pytest.raises(TypeError, match=r"report\('it', …\) takes one real number, not "):
            nbhooks.report("it", WRONG[what])
    assert reported(board, "it") == ([], [])
    assert board.state == "finished"


def test_a_tensor_is_refused(loss: tf.Tensor) -> None:
    with pytest.raises(TypeError, match=r"takes one real number, not \w*Tensor"):
        nbhooks.report("it", loss)


def test_nobody_is_listening(loss: tf.Tensor) -> None:
    del loss
    with pytest.warns(RuntimeWarning, match=r"report\('it', …\) found no session that nbhooks watches"):
        nbhooks.report("it", 1.0)
    session = v1.train.MonitoredSession(hooks=[v1.train.StepCounterHook(1)])
    with session, pytest.warns(RuntimeWarning, match="found no session"):
        nbhooks.report("it", 1.0)


def test_the_session_is_over(loss: tf.Tensor) -> None:
    del loss
    train([nbhooks.StepCounterHook(1)], 2)
    with pytest.warns(RuntimeWarning, match="found no session") as caught:
        nbhooks.report("it", 1.0)
    assert caught[0].filename == __file__
