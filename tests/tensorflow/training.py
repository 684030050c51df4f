"""A small training that may fail, and what a board has of it."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import pytest
import tensorflow as tf

import nbhooks

if TYPE_CHECKING:
    from collections.abc import Callable

v1 = tf.compat.v1


HOSTILE = "<img src=x onerror=alert(1)>"
KITS = {"theirs": v1.train, "ours": nbhooks}


class After(v1.train.SessionRunHook):
    """Does something after each run."""

    def __init__(self, act: Callable[[v1.train.SessionRunContext], object]) -> None:
        self.act = act

    def after_run(self, run_context: v1.train.SessionRunContext, _: v1.train.SessionRunValues) -> None:
        self.act(run_context)


class Once(v1.train.SessionRunHook):
    """Does something when the session was created."""

    def __init__(self, act: Callable[[], object]) -> None:
        self.act = act

    def after_create_session(self, session: v1.Session, coord: tf.train.Coordinator) -> None:
        del session, coord
        self.act()


def fail(*_: object) -> None:
    raise ZeroDivisionError("bad luck")


def train(hooks: list[Any], most: int = 5) -> None:
    """Train so many steps, or until a hook asks for a stop."""
    with v1.train.MonitoredSession(hooks=hooks) as session:
        for _ in range(most):
            if session.should_stop():
                break
            session.run("train")


def raised(hooks: list[Any], most: int = 5, board: nbhooks.Dashboard | None = None) -> BaseException:
    """Train, within a board's block where one is given; it must fail."""
    try:
        with board or contextlib.nullcontext():
            train(hooks, most)
    except Exception as error:  # noqa: BLE001 - which one is what is asked
        return error
    pytest.fail("the training did not fail")


def states(board: nbhooks.Dashboard) -> list[str]:
    """Every state in order."""
    events = board.events
    return events[events["kind"] == "state"]["detail"].tolist()


def faults(board: nbhooks.Dashboard) -> list[str]:
    return board.events[board.events["kind"] == "fault"]["detail"].tolist()
