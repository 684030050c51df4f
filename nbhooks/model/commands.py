"""What a page, a button or a Python call can ask of a run: frozen commands, and the record of each."""

from __future__ import annotations

import reprlib
from dataclasses import dataclass, fields
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nbhooks.model.conditions import Condition


_SHORT = reprlib.Repr()
_SHORT.maxstring = _SHORT.maxother = 200


@dataclass(frozen=True, slots=True)
class Command:
    """Something asked of a run. Its kind says what, its fields say the rest."""

    def __str__(self) -> str:
        """The kind, and the fields that have a value: ``Seek(step=300)``."""
        given = [f"{field.name}={_SHORT.repr(getattr(self, field.name))}" for field in fields(self)]
        return f"{type(self).__name__}({', '.join(given)})" if given else type(self).__name__


@dataclass(frozen=True, slots=True)
class Stop(Command):
    """End a live session as ``run_context.request_stop()`` does. The run that has begun is still made."""


@dataclass(frozen=True, slots=True)
class Seek(Command):
    """Show saved runs at a step.

    Attributes:
        step: the global step; None for the latest.
    """

    step: int | None


@dataclass(frozen=True, slots=True)
class SelectTag(Command):
    """Compare saved runs by a tag.

    Attributes:
        tag: its name.
    """

    tag: str


@dataclass(frozen=True, slots=True)
class Compare(Command):
    """Add a saved run to the comparison, or take it out.

    Attributes:
        run: its name.
        on: whether it is compared from now on.
    """

    run: str
    on: bool


@dataclass(frozen=True, slots=True)
class OpenPanels(Command):
    """Show the panels of a saved run, or hide them.

    Attributes:
        run: its name.
        on: whether they are shown from now on.
    """

    run: str
    on: bool


@dataclass(frozen=True, slots=True)
class StopWatching(Command):
    """Read no further from the files of a board of saved runs."""


@dataclass(frozen=True, slots=True)
class Pause(Command):
    """Hold the training before its next run."""


@dataclass(frozen=True, slots=True)
class Step(Command):
    """Make some runs, then pause. Steps that were not made yet add up.

    Attributes:
        count: how many runs, at least 1.
    """

    count: int = 1


@dataclass(frozen=True, slots=True)
class UntilStep(Command):
    """Run until a global step is reached, then pause.

    Attributes:
        step: the global step.
    """

    step: int


@dataclass(frozen=True, slots=True)
class Resume(Command):
    """Run on, without a pause that is pending."""


@dataclass(frozen=True, slots=True)
class Save(Command):
    """Write a checkpoint."""


@dataclass(frozen=True, slots=True)
class Watch(Command):
    """Fetch a tensor with every run that computes it.

    Attributes:
        name: of the tensor, with or without ``":0"``.
    """

    name: str


@dataclass(frozen=True, slots=True)
class Unwatch(Command):
    """Undo a `Watch`.

    Attributes:
        name: of the tensor.
    """

    name: str


@dataclass(frozen=True, slots=True)
class SetValue(Command):
    """Load a variable with a value, or feed a tensor with it from the next run on.

    Attributes:
        name: of the variable or tensor.
        value: a number, a string or a nested list.
    """

    name: str
    value: object


@dataclass(frozen=True, slots=True)
class Unset(Command):
    """Feed a tensor no more, so that it has its own value again.

    Attributes:
        name: of the tensor.
    """

    name: str


@dataclass(frozen=True, slots=True)
class AddCondition(Command):
    """Pause whenever a condition holds after a run.

    Attributes:
        condition: or its text, as in ``"loss > 3"``.
    """

    condition: Condition | str


@dataclass(frozen=True, slots=True)
class RemoveCondition(Command):
    """Undo an `AddCondition`.

    Attributes:
        condition: or its text.
    """

    condition: Condition | str


@dataclass(frozen=True, slots=True)
class Evaluate(Command):
    """Evaluate tensors without moving the graph.

    Attributes:
        names: of the tensors.
    """

    names: tuple[str, ...]


class Outcome(str, Enum):
    """What came of a command."""

    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"

    __str__ = str.__str__


@dataclass(frozen=True, slots=True)
class Entry:
    """A command that was carried out or refused.

    Attributes:
        command: what was asked.
        by: who asked.
        step: the global step at which it was taken, None where that is not known.
        wall_time: when it was taken, in seconds since the epoch.
        outcome: what came of it.
        reason: why it was refused or failed, ``""`` where it was done.
    """

    command: Command
    by: str
    step: int | None
    wall_time: float
    outcome: Outcome
    reason: str = ""

    def __str__(self) -> str:
        """In words: ``Stop by you: refused: the session has ended``."""
        words = [f"{self.command} by {self.by}", self.outcome, self.reason]
        return ": ".join(filter(None, words))


class RefusedError(RuntimeError):
    """A command cannot be carried out now; the message says why."""
