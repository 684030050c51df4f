"""A pause holds the session before a run, ends with a command, and never blocks where nobody is there."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
import tensorflow as tf
from debugged import Script, build, events, state, train

import nbhooks
from nbhooks.model import pausing
from nbhooks.model.lifecycle import Phase

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.tensorflow

v1 = tf.compat.v1


@pytest.fixture(autouse=True)
def _graph(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(pausing, "GRACE", 0.0)
    with tf.Graph().as_default():
        build()
        yield


def in_thread(act: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=act)
    thread.start()
    return thread


def wait_for(predicate: Callable[[], object], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not predicate():
        assert time.monotonic() < deadline
        time.sleep(0.002)


# Where nobody is there


def test_without_on_pause_training_goes_on_and_it_is_recorded() -> None:
    hook = nbhooks.NotebookDebugHook(start_paused=True)
    assert len(train([hook])) == 6
    assert events(hook, "pause") == [
        "nobody was there to end the pause (before the first run), so training went on"
    ]
    assert [text for text in events(hook, "state") if "paused" in text] == ["paused: before the first run"]
    assert events(hook, "state")[-1].startswith("stopped")


def test_on_pause_is_called_with_the_hook_and_training_goes_on() -> None:
    script = Script()
    hook = nbhooks.NotebookDebugHook(start_paused=True, on_pause=script)
    assert len(train([hook])) == 6
    assert script.pauses == [(0, "before the first run")]


def test_stepping_through_goes_exactly_so_far() -> None:
    script = Script(
        lambda hook: hook.step(), lambda hook: hook.step(3), lambda hook: hook.step(), lambda _: None
    )
    hook = nbhooks.NotebookDebugHook(start_paused=True, on_pause=script)
    train([hook], last=8)
    assert script.steps == [0, 1, 4, 5]
    assert script.reasons[1:3] == ["after 1 step", "after 3 steps"]


def test_it_runs_until_a_global_step() -> None:
    script = Script(lambda hook: hook.until_step(4))
    train([nbhooks.NotebookDebugHook(start_paused=True, on_pause=script)])
    assert script.pauses == [(0, "before the first run"), (4, "step 4 is reached")]


def test_what_on_pause_raises_does_not_end_the_training() -> None:
    def fail(_: Any) -> None:
        raise ZeroDivisionError("no")

    hook = nbhooks.NotebookDebugHook(start_paused=True, on_pause=fail)
    with pytest.warns(RuntimeWarning, match="on_pause failed with ZeroDivisionError"):
        assert len(train([hook])) == 6


def test_conditions_pause_at_the_step_after_the_run() -> None:
    script = Script()
    conditions = [nbhooks.break_at(2), nbhooks.break_when("loss", "<", 0.5), nbhooks.break_on_nonfinite("w")]
    train([nbhooks.NotebookDebugHook(break_on=conditions, on_pause=script)])
    # The loss before a run is 4 * 0.5625**(step - 1).
    assert script.pauses[0] == (2, "step 2: 2")
    assert script.steps[1:] == [5, 6]
    assert {reason.partition(":")[0] for reason in script.reasons[1:]} == {"loss < 0.5"}


# The end


def test_where_no_run_comes_any_more_it_holds_at_the_end_with_the_session_open() -> None:
    values = []
    script = Script(lambda hook: hook.step(100), lambda hook: values.append(hook.eval("w:0")) or None)
    hook = nbhooks.NotebookDebugHook(start_paused=True, on_pause=script)
    train([hook])
    assert script.pauses[-1] == (6, "the session is about to close")


def test_a_condition_that_holds_after_the_last_run_pauses_at_the_end() -> None:
    weights = []
    script = Script(lambda hook: weights.append(hook.eval(v1.global_variables()[1])))
    hook = nbhooks.NotebookDebugHook(break_on=nbhooks.break_at(6), on_pause=script)
    train([hook])
    assert script.pauses == [(6, "step 6: 6")]
    assert weights[0] == pytest.approx(3 - 2 * 0.75**6)
    assert state(hook).closing


def test_at_the_end_no_step_can_be_made() -> None:
    def step(hook: Any) -> None:
        with pytest.raises(RuntimeError, match="about to close, and no further run comes"):
            hook.step()

    script = Script(step)
    train([nbhooks.NotebookDebugHook(break_on=nbhooks.break_at(6), on_pause=script)])
    assert len(script.pauses) == 1


# Somebody is there


def test_a_thread_in_control_is_waited_for_and_steps_by_exactly_one() -> None:
    hook = nbhooks.NotebookDebugHook()
    runs: list[int] = []
    seen: list[tuple[int | None, int]] = []
    ready = threading.Event()

    def control() -> None:
        ready.wait(60)
        hook.pause()
        wait_for(lambda: hook.paused)
        for count in (1, 1, 2):
            before = len(runs)
            step = hook.global_step
            hook.step(count)
            wait_for(lambda step=step, count=count: hook.paused and hook.global_step == step + count)
            seen.append((hook.global_step, len(runs) - before))
        hook.stop()

    thread = in_thread(control)
    with nbhooks.MonitoredTrainingSession(hooks=[hook]) as session:
        while not session.should_stop():
            session.run("train")
            runs.append(1)
            ready.set()
    thread.join(60)
    assert [made for _, made in seen] == [1, 1, 2]
    assert len(runs) == seen[-1][0] + 1  # a stop still makes the run that has begun
    assert events(hook, "state")[-1] == "stopped: you"
    history = hook.history()
    assert list(history.columns) == ["step", "wall_time", "command", "by", "outcome", "reason"]
    assert history.command.tolist() == ["Pause", "Step(count=1)", "Step(count=1)", "Step(count=2)", "Stop"]
    assert history.step.tolist()[1:] == [step - made for step, made in seen] + [seen[-1][0]]
    assert set(history.outcome) == {"done"}


def test_a_pause_is_a_state_with_a_reason() -> None:
    hook = nbhooks.NotebookDebugHook()
    thread = None

    def look() -> None:
        hook.pause()
        wait_for(lambda: hook.paused and hook._joined[-1][0].lifecycle.phase is Phase.PAUSED)
        seen.append(state(hook))
        hook.resume()

    seen: list[Any] = []
    with nbhooks.MonitoredTrainingSession(hooks=[hook]) as session:
        session.run("train")
        thread = in_thread(look)
        wait_for(lambda: hook._joined[-1][0].control.queue)
        session.run("train")
    thread.join(60)
    assert (seen[0].paused, seen[0].reason, seen[0].step) == (True, "by you", 1)
    assert seen[0].stop_runs_once
    assert not state(hook).paused


def test_an_interrupt_leaves_a_pause_as_an_interrupt(monkeypatch: pytest.MonkeyPatch) -> None:
    hook = nbhooks.NotebookDebugHook(start_paused=True)
    calls = []

    def attended() -> bool:
        calls.append(1)
        raise KeyboardInterrupt

    monkeypatch.setattr(hook, "_attended", attended)
    with pytest.raises(KeyboardInterrupt):
        train([hook])
    assert calls == [1]
    assert not hook.paused


def test_an_interrupt_that_is_caught_leaves_the_session_running(monkeypatch: pytest.MonkeyPatch) -> None:
    hook = nbhooks.NotebookDebugHook(start_paused=True)

    def attended() -> bool:
        raise KeyboardInterrupt

    monkeypatch.setattr(hook, "_attended", attended)
    with nbhooks.MonitoredTrainingSession(hooks=[hook]) as session:
        with pytest.raises(KeyboardInterrupt):
            session.run("train")
        session.run("train")
    assert events(hook, "state")[-1].startswith("finished")


def test_commands_from_the_loop_itself_act_at_once() -> None:
    script = Script()
    hook = nbhooks.NotebookDebugHook(on_pause=script)
    with nbhooks.MonitoredTrainingSession(hooks=[hook]) as session:
        for number in range(4):
            session.run("train")
            if number == 1:
                hook.pause()
                hook.set("w", 7.0)
                assert hook.eval("w/Read/ReadVariableOp:0") == 7.0
    assert script.pauses == [(2, "by you")]


def test_a_raw_run_is_no_step() -> None:
    script = Script(lambda hook: hook.step(2))
    hook = nbhooks.NotebookDebugHook(start_paused=True, on_pause=script)
    with nbhooks.MonitoredTrainingSession(hooks=[hook]) as session:
        for _ in range(3):
            session.run("train")
            session.run_step_fn(lambda step_context: step_context.session.run("loss:0"))
    assert script.steps == [0, 2]


def test_a_recovery_goes_on_with_what_was_watched() -> None:
    class Fails(v1.train.SessionRunHook):
        runs = 0

        def before_run(self, run_context: Any) -> None:
            del run_context
            Fails.runs += 1
            if Fails.runs == 3:
                raise tf.errors.AbortedError(None, None, "the machine went away")

    hook = nbhooks.NotebookDebugHook(watch="loss")
    train([hook, Fails()])
    frame = hook.to_pandas()
    assert set(frame.session) == {0, 1}
    assert hook.history().empty


def test_a_hook_outside_of_a_session_says_so() -> None:
    hook = nbhooks.NotebookDebugHook()
    with pytest.raises(RuntimeError, match="is in no session yet"):
        hook.pause()
    train([hook])
    with pytest.raises(RuntimeError, match="the session has ended"):
        hook.pause()
    assert hook.history().reason.tolist() == ["the session has ended"]


def test_who_waits_is_released_where_the_session_dies() -> None:
    hook = nbhooks.NotebookDebugHook()
    raised: list[BaseException] = []
    begun = threading.Event()

    def ask() -> None:
        begun.wait(60)
        try:
            while True:
                hook.eval("loss:0")
        except RuntimeError as error:
            raised.append(error)

    thread = in_thread(ask)

    def fail_at_last() -> None:
        with nbhooks.MonitoredTrainingSession(hooks=[hook]) as session:
            for _ in range(200):
                session.run("train")
                begun.set()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_at_last()
    thread.join(60)
    assert not thread.is_alive()
    assert "ended" in str(raised[0])


@pytest.mark.parametrize(
    ("count", "error"), [(0, ValueError), (-1, ValueError), (1.5, TypeError), ("2", TypeError)]
)
def test_a_step_that_is_none_is_refused(count: Any, error: type[Exception]) -> None:
    def step(hook: Any) -> None:
        with pytest.raises(error, match=r"at least 1 run, not|takes a whole number, not"):
            hook.step(count)

    script = Script(step)
    train([nbhooks.NotebookDebugHook(start_paused=True, on_pause=script)])
    assert len(script.pauses) == 1


def test_a_step_of_a_page_that_is_none_is_refused_with_a_note() -> None:
    from nbhooks.model.commands import Outcome, Step, UntilStep

    def ask(hook: Any) -> None:
        control = hook._joined[-1][0].control
        for bad in (Step(0), Step(-1), Step("3"), UntilStep(0), UntilStep(None)):
            submission = control.submit(bad)
            control.carry_out()
            assert submission.entry.outcome is Outcome.REFUSED
            assert state(hook).note

    script = Script(ask)
    train([nbhooks.NotebookDebugHook(start_paused=True, on_pause=script)])
    assert len(script.pauses) == 1


# An error


def test_an_error_of_a_run_pauses_where_a_condition_asks_for_it() -> None:
    script = Script(lambda hook: hook.eval("w/Read/ReadVariableOp:0"))
    hook = nbhooks.NotebookDebugHook(break_on=nbhooks.break_on_error(), on_pause=script)
    with nbhooks.MonitoredTrainingSession(hooks=[hook]) as session:
        session.run("train")
        on_error = hook._joined[-1][0].on_error
        for harmless in (
            tf.errors.OutOfRangeError(None, None, "end"),
            StopIteration(),
            tf.errors.AbortedError(None, None, "gone"),
            tf.errors.UnavailableError(None, None, "gone"),
            KeyboardInterrupt(),
        ):
            on_error(harmless)
        assert script.pauses == []
        on_error(tf.errors.InvalidArgumentError(None, None, "a bad batch"))
    assert script.pauses == [(1, "InvalidArgumentError: a bad batch")]


def test_an_error_pauses_nothing_where_no_condition_asks_for_it() -> None:
    script = Script()
    hook = nbhooks.NotebookDebugHook(on_pause=script)
    with nbhooks.MonitoredTrainingSession(hooks=[hook]) as session:
        session.run("train")
        hook._joined[-1][0].on_error(tf.errors.InvalidArgumentError(None, None, "a bad batch"))
    assert script.pauses == []
