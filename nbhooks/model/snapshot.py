"""What a store held at one moment: immutable views of it, and the columns that frames are made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nbhooks.model.records import Checkpoint, Event, Feeds, File, Line, Progress, State, Value
    from nbhooks.model.series import Attempts, Floats, Integers, SeriesView


@dataclass(frozen=True, slots=True)
class SourceView:
    """What one source had reported at one moment.

    Attributes:
        source, kind, detail: as in its Source record.
        series: scalar tags in the order of their first report.
        values: the latest Tensor, Histogram, Image, Audio or Text of each other tag.
        checkpoints: in the order in which they were begun.
        files: in the order in which they were first reported.
        alerts: the latest Event of each kind.
        line, progress, feeds: the latest of each, where there is one.
    """

    source: str
    kind: str
    detail: Mapping[str, object]
    series: Mapping[str, SeriesView]
    values: Mapping[str, Value]
    checkpoints: tuple[Checkpoint, ...]
    files: tuple[File, ...]
    alerts: Mapping[str, Event]
    line: Line | None
    progress: Progress | None
    feeds: Feeds | None


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
        notices: the latest events that ask for attention.
        cursor: the step at which series and values are shown, None for the latest.
    """

    version: int
    state: State | None
    step: int | None
    wall_time: float
    sources: tuple[SourceView, ...]
    attempts: int
    restarts: tuple[int | None, ...]
    notices: tuple[Event, ...] = ()
    cursor: int | None = None


@dataclass(frozen=True, slots=True)
class Columns:
    """Everything a Store holds that goes into frames.

    Attributes:
        attempts: how many there were.
        scalars: for each tag of each source: tag, step (n,), wall_time (n,), value (n,), attempt (n,).
        progress: the same of each source on its way, with what is counted as the tag and as both numbers.
        tagged, checkpoints, files, events: pairs of the attempt, counted from 0, and the record.
    """

    attempts: int
    scalars: list[tuple[str, Integers, Floats, Floats, Attempts]]
    progress: list[tuple[str, Integers, Floats, Floats, Attempts]]
    tagged: list[tuple[int, Value]]
    checkpoints: list[tuple[int, Checkpoint]]
    files: list[tuple[int, File]]
    events: list[tuple[int, Event | State]]
