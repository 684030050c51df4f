"""A board's Stop ends a session as a hook's request does, before the next step, and is named as the cause."""

from __future__ import annotations

import sys
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
import tensorflow as tf

import nbhooks
from nbhooks.model.commands import Outcome, Stop
from nbhooks.view.dashboard import Dashboard
from nbhooks.view.renderer import InlineRenderer

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.tensorflow

v1 = tf.compat.v1


@pytest.fixture
def board() -> Iterator[Dashboard]:
    board = Dashboard(InlineRenderer)
    yield board
    board.close()


@pytest.fixture
def train() -> Iterator[Any]:
    """The op of a graph with a global step."""
    with tf.Graph().as_default():
        yield v1.assign_add(v1.train.get_or_create_global_step(), 1)


def kinds(board: Dashboard) -> list[str]:
    return [f"{row.kind}: {row.detail}" for row in board.events.itertuples() if row.kind != "state"]


def test_the_step_after_the_request_is_the_last(board: Dashboard, train: Any) -> None:
    hook = nbhooks.StepCounterHook(1, dashboard=board)
    steps = []
    with v1.train.MonitoredSession(hooks=[hook]) as session:
        while not session.should_stop():
            steps.append(int(session.run(train)))
            if len(steps) == 3:
                board.stop()
    assert steps == [1, 2, 3, 4]
    assert board.state == "stopped"
    assert kinds(board) == ["stop requested: you", "command: Stop by you: done"]
    assert board.events.detail.tolist()[-1] == "stopped: you"


def test_the_history_says_at_which_step(board: Dashboard, train: Any) -> None:
    with v1.train.MonitoredSession(hooks=[nbhooks.StepCounterHook(1, dashboard=board)]) as session:
        for _ in range(3):
            session.run(train)
        board.stop()
        session.run(train)
        control = board.panel("StepCounterHook") and board._sections[0].recording.control
    [entry] = control.history
    assert (entry.command, entry.step, entry.outcome) == (Stop(), 3, Outcome.DONE)


def test_another_thread_may_request_it(board: Dashboard, train: Any) -> None:
    begun = threading.Event()
    thread = threading.Thread(target=lambda: (begun.wait(20), board.stop()))
    thread.start()
    with v1.train.MonitoredSession(
        hooks=[nbhooks.NanTensorHook(tf.constant(1.0), dashboard=board)]
    ) as session:
        while not session.should_stop():
            session.run(train)
            begun.set()
    thread.join()
    assert board.state == "stopped"


def test_a_session_that_hooks_are_attached_to_stops_too(board: Dashboard, train: Any) -> None:
    steps = []
    with v1.Session() as raw:
        raw.run(v1.global_variables_initializer())
        with nbhooks.attach(raw, [nbhooks.StepCounterHook(1, dashboard=board)]) as session:
            while not session.should_stop():
                steps.append(int(session.run(train)))
                board.stop() if len(steps) == 2 else None
    assert steps == [1, 2, 3]
    assert board.state == "stopped"


def test_a_wait_for_the_global_step_ends(board: Dashboard, train: Any) -> None:
    hook = nbhooks.GlobalStepWaiterHook(1000, dashboard=board)

    def stop_the_wait() -> None:
        while board.state != "waiting" or not board._sections[0].recording.can_stop:
            time.sleep(0.01)
        board.stop()

    thread = threading.Thread(target=stop_the_wait)
    with v1.train.MonitoredSession(hooks=[hook]) as session:
        thread.start()
        assert session.run(train) == 1  # the run that has begun is made
        assert session.should_stop()
    thread.join()
    assert board.state == "stopped"


def test_the_error_of_a_loop_that_does_not_ask_names_what_stopped_it(board: Dashboard, train: Any) -> None:
    hook = nbhooks.StepCounterHook(1, dashboard=board)
    coordinators = []

    class Coordinated(v1.train.SessionRunHook):
        def after_create_session(self, session: Any, coord: Any) -> None:
            del session
            coordinators.append(coord)

    with (  # noqa: PT012 - the error comes out of the loop
        pytest.raises(RuntimeError, match="Run called even after should_stop") as raised,
        v1.train.MonitoredSession(hooks=[hook, Coordinated()]) as session,
    ):
        for _ in range(5):
            session.run(train)
            if board._sections[0].recording.can_stop:
                board.stop()
    if sys.version_info >= (3, 11):
        assert "the stop was requested by you" in raised.value.__notes__[0]
    hook._release()
    assert "raise_requested_exception" not in vars(coordinators[0])


def test_the_error_of_a_run_has_no_note_where_nobody_stopped(board: Dashboard, train: Any) -> None:
    hook = nbhooks.StepCounterHook(1, dashboard=board)
    with (  # noqa: PT012 - the error comes out of the block
        pytest.raises(RuntimeError) as raised,
        v1.train.MonitoredSession(hooks=[hook]) as session,
    ):
        session.run(train)
        raise RuntimeError("should_stop is not the reason")
    assert not hasattr(raised.value, "__notes__")


@pytest.mark.parametrize("when", ["before a session", "after it", "twice"])
def test_a_request_that_cannot_be_carried_out_says_so(board: Dashboard, train: Any, when: str) -> None:
    if when == "before a session":
        with pytest.raises(RuntimeError, match=r"no session of this board can be stopped; .* it has none"):
            board.stop()
        return
    with v1.train.MonitoredSession(hooks=[nbhooks.StepCounterHook(1, dashboard=board)]) as session:
        session.run(train)
        if when == "twice":
            board.stop()
            session.run(train)
            with pytest.raises(RuntimeError, match="their states: running"):
                board.stop()
    if when == "after it":
        with pytest.raises(RuntimeError, match="their states: finished"):
            board.stop()


def test_a_second_request_in_the_queue_is_refused(board: Dashboard, train: Any) -> None:
    with v1.train.MonitoredSession(hooks=[nbhooks.StepCounterHook(1, dashboard=board)]) as session:
        session.run(train)
        board.stop()
        board.stop()
        session.run(train)
        control = board._sections[0].recording.control
    assert [entry.outcome for entry in control.history] == [Outcome.DONE, Outcome.REFUSED]
    assert control.history[1].reason == "a stop was requested already"


def test_our_hook_that_stops_at_the_same_step_is_not_named(board: Dashboard, train: Any) -> None:
    hooks = [
        nbhooks.StopAtStepHook(last_step=3, dashboard=board),
        nbhooks.StepCounterHook(1, dashboard=board),
    ]
    with v1.train.MonitoredSession(hooks=hooks) as session:
        while not session.should_stop():
            session.run(train)
            if v1.train.global_step(session._tf_sess(), v1.train.get_global_step()) == 2:
                board.stop()
    assert board.events.detail.tolist()[-1] == "stopped: you"
