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


def test_from_a_hook(loss: tf.Tensor, board: nbhooks.Dashboard) -> None:
    train([nbhooks.NanTensorHook(loss), nbhooks.StepCounterHook(1), Alerts()], 3)
    assert [detail for _, detail in raised(board)] == ["warning: large: it is 12"] * 3
    steps = [step for step, _ in raised(board)]
    assert steps == sorted(steps)
    assert set(steps) <= {0, 1, 2, 3}
    assert "! alert at step" in str(board)


def test_from_the_loop_at_once(loss: tf.Tensor, board: nbhooks.Dashboard) -> None:
    del loss
    with v1.train.MonitoredSession(hooks=[nbhooks.StepCounterHook(1)]) as session:
        session.run("train")
        nbhooks.alert("begun")
        nbhooks.alert(3, level="error")
        assert [detail for _, detail in raised(board)] == ["info: begun", "error: 3"]


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
