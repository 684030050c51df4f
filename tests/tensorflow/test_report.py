"""A word from the user's own hook gets its step, its session and its type, or is refused."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import tensorflow as tf
from training import train

import nbhooks

if TYPE_CHECKING:
    from collections.abc import Iterator

v1 = tf.compat.v1

pytestmark = pytest.mark.tensorflow


@pytest.fixture
def board(board: nbhooks.Dashboard) -> Iterator[nbhooks.Dashboard]:
    """A dashboard that takes what begins in the test."""
    with board:
        yield board


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
    with pytest.warns(RuntimeWarning, match=r"report\('it', …\) found no session that has hooks of nbhooks"):
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
