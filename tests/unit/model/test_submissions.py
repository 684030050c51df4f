"""What was submitted can be waited for: the outcome comes on another thread, the result and the error too."""

from __future__ import annotations

import random
import threading
from typing import TYPE_CHECKING

import pytest

from nbhooks.model.commands import (
    Command,
    Entry,
    Outcome,
    Pause,
    RefusedError,
    Resume,
    Seek,
    Step,
    Stop,
)
from nbhooks.model.control import Control
from nbhooks.model.pausing import Pausing
from nbhooks.model.stepping import Stepping

if TYPE_CHECKING:
    from nbhooks.model.submission import Submission


def test_the_outcome_is_what_the_handler_gave() -> None:
    control = Control()
    control.handle(Seek, lambda command: command.step)
    submission = control.submit(Seek(3))
    assert not submission.wait(0)
    control.carry_out()
    assert submission.wait(0)
    assert submission.outcome() == 3
    assert submission.entry is control.history[0]


def test_a_refusal_and_a_failure_are_raised() -> None:
    control = Control()

    def fail(_: Seek) -> None:
        raise ZeroDivisionError("no")

    control.handle(Seek, fail)
    failed, refused = control.submit(Seek(3)), control.submit(Stop())
    control.carry_out()
    with pytest.raises(ZeroDivisionError, match="no"):
        failed.outcome()
    with pytest.raises(RefusedError, match="cannot be carried out here"):
        refused.outcome()
    with pytest.raises(RuntimeError):  # which who does not know this class can catch
        refused.outcome()


def test_what_acts_in_the_place_of_a_handler_is_not_kept() -> None:
    control = Control()
    control.handle(Seek, lambda _: "handled")
    submission = control.submit(Seek(3), act=lambda: "acted")
    control.carry_out()
    assert submission.outcome() == "acted"
    assert submission.act is None
    assert control.history[0].command == Seek(3)


def test_what_acts_is_refused_where_its_command_would_be() -> None:
    control = Control()
    control.handle(Stop, lambda _: None)
    submission = control.submit(Seek(3), act=lambda: pytest.fail("it was carried out"))
    control.carry_out()
    with pytest.raises(RefusedError):
        submission.outcome()


def test_an_interrupt_within_a_command_does_not_leave_anybody_waiting() -> None:
    control = Control()

    def interrupt(_: Seek) -> None:
        raise KeyboardInterrupt

    control.handle(Seek, interrupt)
    submission = control.submit(Seek(3))
    with pytest.raises(KeyboardInterrupt):
        control.carry_out()
    assert submission.wait(0)
    assert control.history[0].outcome is Outcome.FAILED


def test_the_end_releases_who_waits() -> None:
    control = Control()
    control.handle(Seek, lambda _: None)
    submission = control.submit(Seek(3))
    thread = threading.Thread(target=submission.wait)
    thread.start()
    control.release()
    thread.join(20)
    assert not thread.is_alive()
    with pytest.raises(RefusedError, match="the session has ended"):
        submission.outcome()


# Ten thousand commands at once

STEPS, THREADS, EACH = 10_000, 4, 2500


class FakeRun:
    """A training loop that looks at its control as a session does, and pauses as a debugged one does."""

    def __init__(self) -> None:
        self.control = Control()
        self.entries: list[Entry] = []
        self.control.on_entry = self.entries.append
        self.stepping = Stepping()
        self.pausing = Pausing(self.control, lambda: True)
        self.made = self.held = 0
        self.asked = threading.Event()  # set once every command was submitted
        self.control.handle(Pause, lambda _: self.stepping.pause("by you"))
        self.control.handle(Resume, lambda _: self.stepping.resume())
        self.control.handle(Step, lambda command: self.stepping.step(command.count))
        self.control.handle(Seek, lambda command: command.step)

    def train(self) -> None:
        while self.made < STEPS or not self.asked.is_set() or self.control.queue:
            if self.control.queue:
                self.control.between_steps()
            while self.stepping.active and self.stepping.due(self.made):
                self.held += 1
                self.pausing.wait(lambda: bool(self.stepping.reason))
            self.made += 1
        self.control.release()


def test_no_command_of_several_threads_is_lost_and_none_waits_for_ever() -> None:
    run = FakeRun()
    chosen = random.Random(12)  # noqa: S311 - the commands are the same in every run of the test
    plans: list[list[Command]] = [
        [chosen.choice([Pause(), Resume(), Step(2), Step(), Seek(number)]) for number in range(EACH)]
        for _ in range(THREADS)
    ]
    submitted: list[list[Submission]] = [[] for _ in range(THREADS)]

    def ask(number: int) -> None:
        for place, command in enumerate(plans[number]):
            submitted[number].append(run.control.submit(command, by=str(number)))
            if place % 7 == 0:  # as a method of the hook, which waits for its outcome
                assert submitted[number][-1].wait(60)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(THREADS)]
    training = threading.Thread(target=run.train)
    for thread in (training, *threads):
        thread.start()
    for thread in threads:
        thread.join(120)
        assert not thread.is_alive()
    last = run.control.submit(Resume(), by="the last")
    run.asked.set()
    training.join(120)
    assert not training.is_alive()
    assert last.wait(0)
    assert run.made >= STEPS
    assert run.held
    for number in range(THREADS):
        mine = [entry.command for entry in run.entries if entry.by == str(number)]
        assert mine == plans[number]  # each once, in the order of its thread
    everything = [submission for several in submitted for submission in several]
    assert {entry.outcome for entry in run.entries} == {Outcome.DONE}
    assert len(run.entries) == len(everything) + 1 == THREADS * EACH + 1
    assert all(
        submission.outcome() == submission.command.step
        for submission in everything
        if isinstance(submission.command, Seek)
    )
    assert not run.stepping.active  # the last command is the one that counts
