"""A board's Stop ends a session as a hook's request does, before the next step, and is named as the cause."""

from __future__ import annotations

import gc
import sys
import threading
import time
import weakref
from typing import TYPE_CHECKING, Any

import pytest
import tensorflow as tf
from drawn_boards import recordings

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
        control = recordings(board)[0].control
    [entry] = control.history
    assert (entry.command, entry.step, entry.outcome) == (Stop(), 3, Outcome.DONE)


def test_another_thread_may_request_it(board: Dashboard, train: Any) -> None:
    begun = threading.Event()
    thread = threading.Thread(target=lambda: (begun.wait(20), board.stop()))
    thread.start()
    with v1.train.MonitoredSession(
        hooks=[nbhooks.NanTensorHook(tf.constant(1.0), dashboard=board)]
    ) as session:
        deadline = time.monotonic() + 30
        while not session.should_stop():
            assert time.monotonic() < deadline
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
        deadline = time.monotonic() + 30
        while board.state != "waiting" or not recordings(board)[0].can_stop:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        board.stop()

    thread = threading.Thread(target=stop_the_wait)
    with v1.train.MonitoredSession(hooks=[hook]) as session:
        thread.start()
        assert session.run(train) == 1  # the run that has begun is made
        assert session.should_stop()
    thread.join()
    assert board.state == "stopped"


class Sees(v1.train.SessionRunHook):
    """Sees the coordinators and sessions that are created, and holds them weakly."""

    def __init__(self) -> None:
        self.found: list[weakref.ref[Any]] = []

    def after_create_session(self, session: Any, coord: Any) -> None:
        self.found += [weakref.ref(session), weakref.ref(coord)]


def late(train: Any, hooks: list[Any], board: Dashboard) -> RuntimeError:
    """Train in a loop that does not ask whether to stop; return what it raises."""
    try:
        with v1.train.MonitoredSession(hooks=hooks) as session:
            for _ in range(5):
                session.run(train)
                if recordings(board)[0].can_stop:
                    board.stop()
    except RuntimeError as error:
        return error
    pytest.fail("the loop came to its end")


def test_the_error_of_a_loop_that_does_not_ask_names_what_stopped_it(board: Dashboard, train: Any) -> None:
    error = late(train, [nbhooks.StepCounterHook(1, dashboard=board)], board)
    assert "Run called even after should_stop" in str(error)
    if sys.version_info >= (3, 11):
        assert "the stop was requested by you" in error.__notes__[0]


def test_after_such_an_error_nothing_is_kept(board: Dashboard, train: Any) -> None:
    hook, sees = nbhooks.StepCounterHook(1, dashboard=board), Sees()
    error = late(train, [hook, sees], board)
    del error
    gc.collect()
    assert [one() for one in sees.found] == [None, None]
    assert not {"before_run", "after_run"} & set(vars(hook))


def test_a_coordinator_is_given_back_where_the_loop_asks(board: Dashboard, train: Any) -> None:
    coordinators = []

    class Coordinated(v1.train.SessionRunHook):
        def after_create_session(self, session: Any, coord: Any) -> None:
            del session
            coordinators.append((coord, dict(vars(coord))))

    hook = nbhooks.StepCounterHook(1, dashboard=board)
    with v1.train.MonitoredSession(hooks=[hook, Coordinated()]) as session:
        while not session.should_stop():
            session.run(train)
            board.stop() if recordings(board)[0].can_stop else None
    [(coordinator, before)] = coordinators
    assert vars(coordinator).keys() == before.keys()


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
        control = recordings(board)[0].control
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


def test_a_request_before_the_first_run_ends_it_with_that_run(board: Dashboard, train: Any) -> None:
    steps = []
    with v1.train.MonitoredSession(hooks=[nbhooks.StepCounterHook(1, dashboard=board)]) as session:
        board.stop()
        while not session.should_stop():
            steps.append(int(session.run(train)))
    assert steps == [1]
    assert board.state == "stopped"


def test_a_run_without_the_hooks_does_not_carry_it_out(board: Dashboard, train: Any) -> None:
    with v1.train.MonitoredSession(hooks=[nbhooks.StepCounterHook(1, dashboard=board)]) as session:
        session.run(train)
        board.stop()
        session.run_step_fn(lambda step_context: step_context.session.run(train))
        assert not session.should_stop()
        session.run_step_fn(lambda step_context: step_context.run_with_hooks(train))
        assert session.should_stop()
    assert board.state == "stopped"


class Aborts(v1.train.SessionRunHook):
    """Raises once, after so many runs, what makes a MonitoredSession create its session anew."""

    def __init__(self, after: int) -> None:
        self.left = after

    def after_run(self, run_context: Any, run_values: Any) -> None:
        del run_context, run_values
        self.left -= 1
        if not self.left:
            raise tf.errors.AbortedError(None, None, "the worker restarts")


def test_it_is_carried_out_after_a_recovery(board: Dashboard, train: Any) -> None:
    hooks = [nbhooks.StepCounterHook(1, dashboard=board), Aborts(2)]
    runs = 0
    with v1.train.MonitoredSession(hooks=hooks) as session:
        while not session.should_stop():
            session.run(train)
            runs += 1
            if runs == 3:
                assert recordings(board)[0].control.handles(Stop)
                board.stop()
    assert runs == 4
    assert board.state == "stopped"


def test_a_recovery_that_was_taken_for_a_death_is_polled_again(board: Dashboard, train: Any) -> None:
    polls = []
    with v1.train.MonitoredSession(hooks=[nbhooks.StepCounterHook(1, dashboard=board), Aborts(2)]) as session:
        session.run(train)
        [recording] = recordings(board)
        recording.control.poll = lambda: polls.append(recording.state)
        recording.die()  # as a board finds it that has waited for long
        session.run(train)
        session.run(train)
        assert board.state == "running"
    assert "running" in polls


def test_a_request_whose_run_raised_is_over(board: Dashboard) -> None:
    """TensorFlow does not stop after a run that raised, so neither does the board say so."""
    with tf.Graph().as_default():
        x = v1.placeholder_with_default(1.0, [])
        step = v1.train.get_or_create_global_step()
        with tf.control_dependencies([tf.debugging.check_numerics(x, "broken")]):
            op = v1.assign_add(step, 1)
        with v1.train.MonitoredSession(
            hooks=[nbhooks.StopAtStepHook(last_step=99, dashboard=board)]
        ) as session:
            session.run(op)
            board.stop()
            with pytest.raises(tf.errors.InvalidArgumentError, match="broken"):
                session.run(op, {x: float("nan")})
            assert not session.should_stop()
            session.run(op)
            assert recordings(board)[0].can_stop
    assert board.state == "finished"


def test_of_two_sessions_the_one_that_runs_is_stopped(board: Dashboard) -> None:
    def built() -> tuple[tf.Graph, Any]:
        graph = tf.Graph()
        with graph.as_default():
            return graph, v1.assign_add(v1.train.get_or_create_global_step(), 1)

    (first, train), (second, other) = built(), built()
    with first.as_default():
        outer = v1.train.MonitoredSession(hooks=[nbhooks.StepCounterHook(1, dashboard=board)])
    outer.run(train)
    with (
        second.as_default(),
        v1.train.MonitoredSession(hooks=[nbhooks.StepCounterHook(1, dashboard=board)]) as inner,
    ):
        inner.run(other)
    board.stop()
    outer.run(train)
    assert outer.should_stop()
    outer.close()
    assert [recording.state for recording in recordings(board)] == ["stopped", "finished"]


def test_who_asks_is_named(board: Dashboard, train: Any) -> None:
    with v1.train.MonitoredSession(hooks=[nbhooks.StepCounterHook(1, dashboard=board)]) as session:
        session.run(train)
        recordings(board)[0].control.submit(Stop(), by="a test")
        session.run(train)
    assert board.events.detail.tolist()[-1] == "stopped: a test"
