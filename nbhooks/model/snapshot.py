"""What a store held at one moment: immutable views of it, and the columns that frames are made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, cast

from nbhooks.model.record import Record

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nbhooks.model.events import Alert, Event, State
    from nbhooks.model.series import Attempts, Floats, Integers, SeriesView
    from nbhooks.model.values import Value

_R = TypeVar("_R", bound=Record)

Points: TypeAlias = "tuple[str, Integers, Floats, Floats, Attempts]"
"""The history of a tag: tag, step (n,), wall_time (n,), value (n,), attempt (n,)."""


@dataclass(frozen=True, slots=True)
class SourceView:
    """What one source had reported at one moment.

    Attributes:
        source, kind, detail: as in its Source record.
        series: scalar tags in the order of their first report.
        values: the latest Value of each other tag.
        records: everything else by its class: the latest of each path, the latest of each kind of event, or
            the latest one (see `nbhooks.model.record.Keep`).
    """

    source: str
    kind: str
    detail: Mapping[str, object]
    series: Mapping[str, SeriesView]
    values: Mapping[str, Value]
    records: Mapping[type[Record], tuple[Record, ...]]

    def every(self, kind: type[_R]) -> tuple[_R, ...]:
        """Return the records of a class, in the order in which each was first reported."""
        return cast("tuple[_R, ...]", self.records.get(kind, ()))

    def latest(self, kind: type[_R]) -> _R | None:
        """Return the last of the records of a class, None where there is none."""
        return next(reversed(self.every(kind)), None)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a Store held at one moment. Nothing in it changes any more.

    Attributes:
        version: grows with every record.
        state: the latest State record, None before the first.
        step: the latest global step known, None before the first.
        wall_time: when it was reported, in seconds since the epoch.
        sources: a view of each source, in the order in which they joined.
        attempts: how many sessions were created, recoveries included.
        restarts: the step at which each of them after the first began, where it is known.
        cursor: the step at which series and values are shown, None for the latest.
        alerts: the latest of each title, in the order in which they were raised.
        faults: the latest of what failed in what is shown.
    """

    version: int
    state: State | None
    step: int | None
    wall_time: float
    sources: tuple[SourceView, ...]
    attempts: int
    restarts: tuple[int | None, ...]
    cursor: int | None = None
    alerts: tuple[Alert, ...] = ()
    faults: tuple[Event, ...] = ()


@dataclass(frozen=True, slots=True)
class Columns:
    """Everything a Store holds that goes into frames.

    Attributes:
        attempts: how many there were.
        series: by frame, for each tag of each source: tag, step (n,), wall_time (n,), value (n,),
            attempt (n,).
        records: by frame, pairs of the attempt, counted from 0, and the record.
    """

    attempts: int
    series: Mapping[str, list[Points]]
    records: Mapping[str, list[tuple[int, Record]]]

    def points(self, kind: type[Record]) -> list[Points]:
        """Return the series that belong into the frame of a class of records."""
        return self.series.get(kind.FRAME, [])

    def rows(self, kind: type[Record]) -> list[tuple[int, Any]]:
        """Return the records that belong into the frame of a class of records."""
        return self.records.get(kind.FRAME, [])
