"""Holds commands to their queue: carried out in order, in one place, before the next step, and recorded."""

from __future__ import annotations

import dataclasses
import sys
import threading
import time

import pytest
from stand_ins import Clock

from nbhooks.model.commands import (
    Command,
    Compare,
    Outcome,
    RefusedError,
    Seek,
    SelectTag,
    Stop,
    StopWatching,
)
from nbhooks.model.control import EVERY, HISTORY, Control


class Polls:
    """A front end that counts how often it was polled, and may submit when it is."""

    def __init__(self, control: Control, *commands: Command) -> None:
        self.count = 0
        self._control, self._commands = control, list(commands)

    def __call__(self) -> None:
        self.count += 1
        for command in self._commands:
            self._control.submit(command)
        self._commands.clear()


@pytest.fixture
def clock() -> Clock:
    return Clock(100.0)


@pytest.fixture
def control(clock: Clock) -> Control:
    return Control(step=lambda: 7, clock=clock)


# Polling


def test_a_control_serves_nobody_at_first() -> None:
    control = Control()
    control.between_steps()
    with pytest.raises(AttributeError):
        control.undefined = None


def test_the_front_end_is_polled_at_once_and_then_at_its_pace(control: Control, clock: Clock) -> None:
    control.poll = polls = Polls(control)
    control.between_steps()
    control.between_steps()
    assert polls.count == 1
    clock.now += EVERY
    assert clock.now >= control.poll_due
    control.between_steps()
    assert polls.count == 2
    assert clock.now < control.poll_due


def test_a_click_that_a_poll_brings_is_carried_out_before_the_step(control: Control) -> None:
    done: list[Command] = []
    control.handle(Stop, done.append)
    control.poll = Polls(control, Stop())
    control.between_steps()
    assert done == [Stop()]


def test_a_command_does_not_wait_for_the_next_poll(control: Control) -> None:
    done: list[Command] = []
    control.handle(Stop, done.append)
    control.poll = polls = Polls(control)
    control.between_steps()
    control.submit(Stop())
    assert control.queue
    control.between_steps()
    assert not control.queue
    assert (done, polls.count) == ([Stop()], 1)


# Carrying out


def test_commands_are_carried_out_in_the_order_of_their_submission(control: Control) -> None:
    done: list[Command] = []
    for kind in (Seek, SelectTag, Compare):
        control.handle(kind, done.append)
    asked = [Seek(3), SelectTag("loss"), Compare("a", on=True), Seek(None), Seek(4)]
    for command in asked:
        control.submit(command)
    assert done == []
    control.carry_out()
    assert done == asked


def test_a_command_submitted_by_a_handler_comes_next(control: Control) -> None:
    done: list[Command] = []

    def seek(command: Seek) -> None:
        done.append(command)
        if command.step == 1:
            control.submit(Seek(2))

    control.handle(Seek, seek)
    control.submit(Seek(1))
    control.carry_out()
    assert done == [Seek(1), Seek(2)]


def test_a_later_handler_replaces_an_earlier_one(control: Control) -> None:
    done: list[str] = []
    control.handle(Stop, lambda _: done.append("first"))
    control.handle(Stop, lambda _: done.append("second"))
    control.submit(Stop())
    control.carry_out()
    assert done == ["second"]


def test_what_is_submitted_from_many_threads_is_carried_out_once_each(control: Control) -> None:
    done: list[Seek] = []
    control.handle(Seek, done.append)
    threads = [
        threading.Thread(target=lambda first=first: [control.submit(Seek(first + n)) for n in range(500)])
        for first in range(0, 2000, 500)
    ]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        control.carry_out()
    control.carry_out()
    assert sorted(command.step or 0 for command in done) == list(range(2000))


def test_two_threads_may_carry_out_at_once(control: Control) -> None:
    """As after the end, when each thread carries out what it submits: each is refused or done once."""
    rounds, each = 50, 20
    interval = sys.getswitchinterval()
    control.handle(Seek, lambda _: time.sleep(0))  # the other thread may run
    raised: list[BaseException] = []
    ready = threading.Barrier(2)

    def carry_out() -> None:
        try:
            for _ in range(rounds):
                ready.wait(10)
                control.carry_out()
                ready.wait(10)
        except BaseException as error:  # noqa: BLE001 - of a thread, which would end silently
            raised.append(error)
            ready.abort()

    other = threading.Thread(target=carry_out)
    sys.setswitchinterval(1e-6)
    try:
        other.start()
        for number in range(rounds):
            for step in range(number * each, (number + 1) * each):
                control.submit(Seek(step))
            ready.wait(10)
            control.carry_out()
            ready.wait(10)
        other.join()
    finally:
        sys.setswitchinterval(interval)
    assert raised == []
    steps = [entry.command.step for entry in control.history if isinstance(entry.command, Seek)]
    assert sorted(step for step in steps if step is not None) == list(range(rounds * each))


@pytest.mark.parametrize("given", ["stop", Stop, None, {"type": "stop"}])
def test_only_commands_are_taken(control: Control, given: object) -> None:
    with pytest.raises(TypeError, match=r"takes a command .* such as Stop\(\)"):
        control.submit(given)  # type: ignore[arg-type]


# The history


def test_the_history_says_what_was_done_by_whom_when_and_at_which_step(control: Control) -> None:
    control.handle(Stop, lambda _: None)
    control.submit(Stop(), by="a test")
    before = time.time()
    control.carry_out()
    [entry] = control.history
    assert (entry.command, entry.by, entry.step) == (Stop(), "a test", 7)
    assert (entry.outcome, entry.reason) == (Outcome.DONE, "")
    assert before <= entry.wall_time <= time.time()
    assert str(entry) == "Stop by a test: done"


def test_a_refusal_has_its_reason(control: Control) -> None:
    def refuse(_: Stop) -> None:
        raise RefusedError("the session has ended")

    control.handle(Stop, refuse)
    control.submit(Stop())
    control.carry_out()
    assert str(control.history[0]) == "Stop by you: refused: the session has ended"


def test_a_command_that_nothing_carries_out_is_refused(control: Control) -> None:
    control.handle(Seek, lambda _: None)
    control.submit(StopWatching())
    control.carry_out()
    assert control.history[0].outcome is Outcome.REFUSED
    assert "this run takes Seek" in control.history[0].reason


def test_a_handler_that_fails_does_not_stop_the_next_command(control: Control) -> None:
    def fail(_: Stop) -> None:
        raise ZeroDivisionError("no")

    control.handle(Stop, fail)
    control.handle(Seek, lambda _: None)
    control.submit(Stop())
    control.submit(Seek(1))
    control.carry_out()
    assert [str(entry) for entry in control.history] == [
        "Stop by you: failed: ZeroDivisionError: no",
        "Seek(step=1) by you: done",
    ]


def test_every_entry_is_reported(control: Control) -> None:
    control.handle(Seek, lambda _: None)
    reported: list[str] = []
    control.on_entry = lambda entry: reported.append(str(entry))
    control.submit(Seek(None))
    control.carry_out()
    assert reported == ["Seek(step=None) by you: done"]


def test_the_history_is_bounded(control: Control) -> None:
    control.handle(Seek, lambda _: None)
    for step in range(HISTORY + 5):
        control.submit(Seek(step))
    control.carry_out()
    assert len(control.history) == HISTORY
    assert control.history[-1].command == Seek(HISTORY + 4)


def test_a_history_entry_and_a_command_are_frozen(control: Control) -> None:
    control.submit(Seek(1))
    control.carry_out()
    for frozen, name in ((control.history[0], "by"), (Seek(1), "step")):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(frozen, name, "another")


# The end


def test_what_is_released_polls_nothing_and_refuses_what_is_left(control: Control, clock: Clock) -> None:
    control.handle(Stop, lambda _: None)
    control.poll = polls = Polls(control)
    control.submit(Stop())
    control.release()
    clock.now += EVERY
    control.between_steps()
    assert polls.count == 0
    assert [str(entry) for entry in control.history] == ["Stop by you: refused: the session has ended"]
    assert not control.handles(Stop)


def test_what_is_submitted_after_the_release_is_refused_at_once(control: Control) -> None:
    control.release("it is over")
    control.submit(Stop())
    assert str(control.history[0]) == "Stop by you: refused: it is over"


def test_a_handler_registered_after_the_release_takes_commands_again(control: Control) -> None:
    control.release()
    control.handle(Stop, lambda _: None)
    control.submit(Stop())
    control.carry_out()
    assert control.history[0].outcome is Outcome.DONE
