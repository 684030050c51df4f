"""Records of what happened: events, changes of state, alerts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from nbhooks.model.kinds import AlertLevel, EventKind
from nbhooks.model.record import Keep, Record

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nbhooks.model.lifecycle import Phase


@dataclass(frozen=True, slots=True)
class Event(Record):
    """Something happened that is neither a value nor a state: a stop request, a NaN, a fault.

    Attributes:
        kind: an EventKind.
        step: the global step, where it is known.
        wall_time: seconds since the epoch.
        detail: the rest, in words. Hostile until escaped.
        source: who noticed it.
    """

    KEEP = Keep.LOG
    FRAME = "events"
    COLUMNS: ClassVar[Mapping[str, str]] = {
        "wall_time": "float64",
        "step": "Int64",
        "kind": "category",
        "detail": "",
    }
    kind: str
    step: int | None
    wall_time: float
    detail: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class State(Record):
    """What the session is doing from now on.

    Attributes:
        phase: the state.
        step: the global step, where it is known.
        wall_time: seconds since the epoch.
        reason: what it waits for where that is not the session, what stopped it, or the name of the error it
            died of.
    """

    KEEP = Keep.LOG
    FRAME = Event.FRAME
    COLUMNS: ClassVar[Mapping[str, str]] = Event.COLUMNS
    phase: Phase
    step: int | None
    wall_time: float
    reason: str = ""

    @property
    def global_step(self) -> int | None:
        """The global step, where it is known."""
        return self.step

    @property
    def kind(self) -> str:
        """The kind of event that a change of state is."""
        return EventKind.STATE

    @property
    def source(self) -> str:
        """Nobody: it is the session's."""
        return ""

    @property
    def detail(self) -> str:
        """The state and the reason, in words."""
        return f"{self.phase}: {self.reason}" if self.reason else self.phase.value


@dataclass(frozen=True, slots=True)
class Alert(Record):
    """A user's own code asks for attention (see `nbhooks.alert`).

    Attributes:
        level: how urgent it is.
        title: what it is about, in a few words. Hostile until escaped.
        text: the rest, ``""`` where the title says it all. Hostile until escaped.
        step: the latest global step known when it was raised, None where there is none.
        wall_time: seconds since the epoch.
    """

    KEEP = Keep.LOG
    FRAME = Event.FRAME
    COLUMNS: ClassVar[Mapping[str, str]] = Event.COLUMNS
    level: AlertLevel
    title: str
    text: str
    step: int | None
    wall_time: float

    @property
    def kind(self) -> str:
        """The kind of event that an alert is."""
        return EventKind.ALERT

    @property
    def source(self) -> str:
        """None of the session's: it is the user's."""
        return ""

    @property
    def detail(self) -> str:
        """Level, title and text, in words."""
        return f"{self.level}: {self.title}" + (f": {self.text}" if self.text else "")
