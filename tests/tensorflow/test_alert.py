"""An alert from the user's own hook reaches the board of its session, or is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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


def raised(board: nbhooks.Dashboard) -> list[tuple[int, str]]:
    rows = board.events[board.events["kind"] == "alert"]
    return list(zip(rows["step"].tolist(), rows["detail"].tolist(), strict=True))


class Alerts(v1.train.SessionRunHook):
    """Raises an alert after each run."""

    def after_run(self, *_: Any) -> None:
        nbhooks.alert("large", "it is 12", level="warning")


COMPANY = {
    "steps": lambda _: nbhooks.StepCounterHook(1),
    "tensors now and then": lambda loss: nbhooks.LoggingTensorHook([loss], 3),
    "final": nbhooks.FinalOpsHook,
}


@pytest.mark.parametrize("place", ["before", "after"])
@pytest.mark.parametrize("company", COMPANY.values(), ids=COMPANY)
def test_from_a_hook(loss: tf.Tensor, board: nbhooks.Dashboard, company: Any, place: str) -> None:
    hooks = [company(loss), Alerts()]
    train(hooks if place == "after" else hooks[::-1], 3)
    assert raised(board) == [(step, "warning: large: it is 12") for step in (1, 2, 3)]
    assert "! alert at step 3: warning: large: it is 12" in str(board)


def test_from_the_loop_at_once(loss: tf.Tensor, board: nbhooks.Dashboard) -> None:
    del loss
    with v1.train.MonitoredSession(hooks=[nbhooks.StepCounterHook(1)]) as session:
        session.run("train")
        nbhooks.alert("begun")
        nbhooks.alert(3, level="error")
        assert raised(board) == [(1, "info: begun"), (1, "error: 3")]


def test_before_the_first_run_and_after_an_error(loss: tf.Tensor, board: nbhooks.Dashboard) -> None:
    class Breaks(v1.train.SessionRunHook):
        def after_create_session(self, *_: Any) -> None:
            nbhooks.alert("created")

        def after_run(self, run_context: v1.train.SessionRunContext, _: Any) -> None:
            run_context.session.close()
            nbhooks.alert("closed")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        train([nbhooks.NanTensorHook(loss), Breaks()], 3)
    assert [detail for _, detail in raised(board)] == ["info: created", "info: closed"]


def test_without_a_global_step(board: nbhooks.Dashboard) -> None:
    with tf.Graph().as_default():
        tf.no_op("train")
        train([nbhooks.FeedFnHook(dict), Alerts()], 2)
    rows = board.events[board.events["kind"] == "alert"]
    assert rows["step"].isna().tolist() == [True, True]


@pytest.mark.parametrize("level", ["fatal", "", None, 3, "Info"])
def test_a_level_that_there_is_not(loss: tf.Tensor, board: nbhooks.Dashboard, level: Any) -> None:
    del loss
    with v1.train.MonitoredSession(hooks=[nbhooks.StepCounterHook(1)]):
        with pytest.raises(ValueError, match="takes a level of 'info', 'warning', 'error', not ") as caught:
            nbhooks.alert("it", level=level)
        assert repr(level) in str(caught.value)
    assert raised(board) == []


def test_without_a_session_it_warns(loss: tf.Tensor) -> None:
    del loss
    with pytest.warns(RuntimeWarning, match=r"alert\('it', …\) found no session") as caught:
        nbhooks.alert("it")
    assert caught[0].filename == __file__
