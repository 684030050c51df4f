"""Before which runs the training is paused, and how long a pause lasts."""

from __future__ import annotations

import itertools
import threading
from typing import TYPE_CHECKING

import pytest
from stand_ins import Clock

from nbhooks.model.commands import Pause, Resume, Step
from nbhooks.model.control import EVERY, Control
from nbhooks.model.pausing import GRACE, Pausing
from nbhooks.model.stepping import Stepping

if TYPE_CHECKING:
    from collections.abc import Callable


def runs(stepping: Stepping, step: int = 0) -> int:
    """Make runs, of a step each, until one is held; return how many were made."""
    for count in range(100):
        if stepping.due(step + count):
            return count
    return -1


def test_nothing_is_paused_at_first() -> None:
    stepping = Stepping()
    assert not stepping.active
    assert runs(stepping) == -1


@pytest.mark.parametrize("count", [1, 2, 7])
def test_exactly_so_many_runs_are_made(count: int) -> None:
    stepping = Stepping()
    stepping.pause("by you")
    stepping.step(count)
    assert runs(stepping) == count
    assert stepping.reason == f"after {count} step{'s' if count > 1 else ''}"


def test_steps_that_are_still_to_be_made_add_up() -> None:
    stepping = Stepping()
    stepping.step(1)
    stepping.step(2)
    assert runs(stepping) == 3


def test_a_pause_and_a_resumption_replace_what_was_to_come() -> None:
    stepping = Stepping()
    stepping.step(5)
    stepping.pause("by you")
    assert runs(stepping) == 0
    stepping.step(5)
    stepping.resume()
    assert runs(stepping) == -1


def test_a_step_is_run_until() -> None:
    stepping = Stepping()
    stepping.until(12)
    assert runs(stepping, 10) == 2
    assert stepping.reason == "step 12 is reached"


# The pause


class Stage:
    """A control whose clock goes on while it sleeps, and somebody who may be there."""

    def __init__(self, *, there: bool = False) -> None:
        self.clock = Clock(100.0)
        self.control = Control(clock=self.clock)
        self.there, self.slept = there, 0.0
        self.stepping = Stepping()
        self.meanwhile: Callable[[float], object] = lambda _: None
        self.pausing = Pausing(self.control, lambda: self.there, self.sleep)
        self.control.handle(Resume, lambda _: self.stepping.resume())
        self.control.handle(Step, lambda command: self.stepping.step(command.count))

    def sleep(self, seconds: float) -> None:
        self.slept += seconds
        self.clock.now += seconds
        self.meanwhile(self.slept)

    def pause(self) -> bool:
        self.slept = 0
        self.stepping.pause("by you")
        return self.pausing.wait(lambda: bool(self.stepping.reason))


def test_a_pause_lasts_until_a_command_ends_it() -> None:
    stage = Stage(there=True)
    stage.meanwhile = lambda slept: stage.control.submit(Resume()) if slept > 3600 else None
    assert stage.pause()
    assert stage.slept > 3600


def test_the_front_end_is_polled_meanwhile() -> None:
    stage = Stage(there=True)
    polls: list[float] = []
    stage.control.poll = lambda: polls.append(stage.clock())
    stage.meanwhile = lambda slept: stage.control.submit(Step()) if slept > 1 else None
    assert stage.pause()
    gaps = [after - before for before, after in itertools.pairwise(polls)]
    assert len(gaps) == 20
    assert max(gaps) == pytest.approx(EVERY)


def test_a_click_that_a_poll_brings_ends_it() -> None:
    stage = Stage(there=True)
    stage.control.poll = lambda: stage.control.submit(Resume())
    assert stage.pause()
    assert stage.slept == 0


def test_where_nobody_is_there_it_ends_after_two_seconds() -> None:
    stage = Stage()
    assert not stage.pause()
    assert stage.slept == pytest.approx(GRACE, abs=2 * EVERY)


def test_the_next_one_does_not_wait_for_nobody_again() -> None:
    stage = Stage()
    stage.pause()
    assert not stage.pause()
    assert stage.slept == 0


def test_who_comes_within_the_time_is_waited_for() -> None:
    stage = Stage()

    def meanwhile(slept: float) -> None:
        stage.there = slept > GRACE / 2
        if slept > 100:
            stage.control.submit(Resume())

    stage.meanwhile = meanwhile
    assert stage.pause()
    assert stage.slept > 100


def test_who_leaves_is_waited_for_so_long_again() -> None:
    stage = Stage(there=True)
    stage.meanwhile = lambda slept: setattr(stage, "there", slept < 50)
    assert not stage.pause()
    assert stage.slept == pytest.approx(50 + GRACE, abs=2 * EVERY)


def test_an_interrupt_leaves_it() -> None:
    stage = Stage(there=True)

    def interrupt(_: float) -> None:
        raise KeyboardInterrupt

    stage.meanwhile = interrupt
    with pytest.raises(KeyboardInterrupt):
        stage.pause()


def test_a_command_of_another_thread_takes_effect_without_a_poll() -> None:
    """The sleep ends with the command: were it not so, this would take an hour."""
    control, stepping = Control(), Stepping()
    control.handle(Resume, lambda _: stepping.resume())
    pausing = Pausing(control, lambda: True, lambda _: control.arrival.wait(3600))
    stepping.pause("by you")
    thread = threading.Thread(target=lambda: control.submit(Resume()))
    thread.start()
    assert pausing.wait(lambda: bool(stepping.reason))
    thread.join()


def test_commands_that_do_not_end_it_are_carried_out_in_it() -> None:
    stage = Stage(there=True)
    done: list[str] = []
    stage.control.handle(Pause, lambda _: done.append("pause"))
    stage.control.submit(Pause())
    stage.control.submit(Pause())
    stage.control.submit(Resume())
    assert stage.pause()
    assert done == ["pause", "pause"]
