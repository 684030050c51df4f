"""What one run of a graph leaves behind: every record under one lock, handed out as frozen snapshots."""

from __future__ import annotations

import sys
import threading
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nbhooks.model import arrays
from nbhooks.model.records import (
    Attempt,
    Audio,
    Checkpoint,
    Event,
    Feeds,
    File,
    Histogram,
    Image,
    Line,
    Progress,
    Record,
    Scalar,
    Source,
    State,
    Tensor,
    Text,
    Value,
)
from nbhooks.model.series import Series
from nbhooks.model.snapshot import Columns, Snapshot, SourceView

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from nbhooks.model.scalar_buffer import ScalarBuffer
    from nbhooks.model.series import Floats, Integers, Tail


TAG_BYTES = 2 * 2**20
"""Bytes kept of one tag that is no scalar; beyond it the oldest values go."""

RECORD_BYTES = 500
"""What a record costs beside its value."""

FILES = 10_000
"""Files of one source that are listed, the latest."""

EVENTS = 10_000
"""Events kept; a loss that is infinite at every step must not fill the memory."""


NOTICES = 20
"""Events kept that ask for attention, the latest."""

NOTICED = frozenset({"fault"})
"""Kinds of events that ask for attention."""


class _Values:
    """The latest values of one tag, with the attempt each belongs to, up to so many bytes; always one."""

    __slots__ = ("_bytes", "_most", "_sizes", "pairs")

    def __init__(self, most: float) -> None:
        self.pairs: deque[tuple[int, Value]] = deque()
        self._sizes: deque[int] = deque()
        self._bytes, self._most = 0, most

    def at(self, cursor: int | None) -> Value | None:
        """Give the latest value, or the one that was when the cursor's step was passed last."""
        if cursor is None:
            return self.pairs[-1][1]
        return next((value for _, value in reversed(self.pairs) if value.step <= cursor), None)

    def add(self, attempt: int, record: Value) -> None:
        size = _size_of(record) + RECORD_BYTES
        self.pairs.append((attempt, record))
        self._sizes.append(size)
        self._bytes += size
        while self._bytes > self._most and len(self.pairs) > 1:
            self.pairs.popleft()
            self._bytes -= self._sizes.popleft()


def _size_of(record: Value) -> int:
    """Return the bytes that a record's value takes."""
    if isinstance(record, Tensor):
        value = arrays.distinct(record.value)
        if value.dtype.kind == "O" and value.size:  # strings, which numpy holds by reference
            some = arrays.sample(value)
            return value.nbytes + sum(map(sys.getsizeof, some)) * value.size // some.size
        return value.nbytes
    if isinstance(record, Histogram):
        return arrays.distinct(record.edges).nbytes + arrays.distinct(record.counts).nbytes
    return sys.getsizeof(record.value if isinstance(record, Text) else record.encoded)


@dataclass(slots=True)
class _Shelf:
    """Everything of one source. What a frame is made of goes with the attempt it belongs to."""

    announced: Source
    series: dict[str, Series] = field(default_factory=dict)
    values: dict[str, _Values] = field(default_factory=dict)
    checkpoints: dict[str, tuple[int, Checkpoint]] = field(default_factory=dict)
    files: dict[str, tuple[int, File]] = field(default_factory=dict)
    line: Line | None = None
    progress: Progress | None = None
    way: Series | None = None
    feeds: Feeds | None = None
    alerts: dict[str, Event] = field(default_factory=dict)
    view: SourceView | None = None  # None where a record came since the last one was made
    cursor: int | None = None  # of that view

    def frozen(self, cursor: int | None) -> SourceView:
        if self.view is None or self.cursor != cursor:
            at_cursor = {tag: kept.at(cursor) for tag, kept in self.values.items()}
            self.cursor = cursor
            self.view = SourceView(
                source=self.announced.source,
                kind=self.announced.kind,
                detail=self.announced.detail,
                series={tag: series.view(cursor) for tag, series in self.series.items()},
                values={tag: value for tag, value in at_cursor.items() if value is not None},
                checkpoints=tuple(checkpoint for _, checkpoint in self.checkpoints.values()),
                files=tuple(file for _, file in self.files.values()),
                alerts=dict(self.alerts),
                line=self.line,
                progress=self.progress,
                feeds=self.feeds,
            )
        return self.view


class Store:
    """A Sink that keeps what it is given.

    Scalars are kept as whole histories (see `nbhooks.model.series`), of other values the latest up to
    `TAG_BYTES` a tag, of everything else all. Taking a record costs O(1); a snapshot costs the same at a
    thousand steps and at ten million.

    Args:
        tag_bytes: bytes kept of one tag that is no scalar; `TAG_BYTES` where None is said.

    Example:
        >>> store = Store()
        >>> store.write(Source("mine", "steps"))
        >>> store.write(Scalar("mine", "loss", 1, 0.0, 0.5))
        >>> store.snapshot().sources[0].series["loss"].last
        0.5
    """

    def __init__(self, tag_bytes: float | None = None) -> None:
        """Begin empty."""
        self._tag_bytes = TAG_BYTES if tag_bytes is None else tag_bytes
        self._lock = threading.Lock()
        self._shelves: dict[str, _Shelf] = {}
        self._events: deque[tuple[int, Event | State]] = deque(maxlen=EVENTS)
        self._notices: deque[Event] = deque(maxlen=NOTICES)
        self._restarts: list[int | None] = []
        self._attempts = 0
        self._state: State | None = None
        self._step: int | None = None
        self._wall_time = 0.0
        self._version = 0
        self._buffers: list[tuple[str, str, ScalarBuffer]] = []
        self._listeners: tuple[Callable[[], object], ...] = ()
        self._keep: dict[type, Callable[..., None]] = {
            Scalar: self._keep_scalar,
            Progress: self._keep_progress,
            **dict.fromkeys((Tensor, Histogram, Image, Audio, Text), self._keep_value),
            Line: self._keep_line,
            Feeds: self._keep_feeds,
            File: self._keep_file,
            Checkpoint: self._keep_checkpoint,
            Event: self._keep_event,
            State: self._keep_state,
            Source: self._keep_source,
            Attempt: self._keep_attempt,
        }

    # Taking

    def write(self, record: Record, /) -> None:
        """Keep a record and notify the listeners.

        Raises:
            TypeError: if it is not one of `nbhooks.model.records`.
            KeyError: if its source was never announced by a Source record.
        """
        keep = self._keep.get(type(record))
        if keep is None:
            kinds = ", ".join(kind.__name__ for kind in self._keep)
            message = f"a Store takes records ({kinds}), not {type(record).__name__}"
            raise TypeError(message)
        with self._lock:
            self._catch_up()
            keep(record)
            self._version += 1
        for listener in self._listeners:
            listener()

    def write_scalars(self, source: str, tag: str, step: Integers, wall_time: Floats, value: Floats) -> None:
        """Keep many scalars of one tag, as `write` does one by one; listeners are notified once.

        Args:
            source: who reports them.
            tag: their name.
            step: (n,), of each.
            wall_time: (n,), of each.
            value: (n,), of each.

        Raises:
            KeyError: if the source was never announced by a Source record.
        """
        if not len(step):
            return
        with self._lock:
            self._catch_up()
            if self._series(source, tag).take(step, wall_time, value):
                self._note_thinning(source, tag)
            self._step, self._wall_time = int(step[-1]), float(wall_time[-1])
            self._version += len(step)
        for listener in self._listeners:
            listener()

    def attach_buffer(self, source: str, tag: str, buffer: ScalarBuffer) -> None:
        """Take a tag's finite scalars from a buffer that grows with every run, which is cheap to fill.

        They are taken when the store is read or written; no listener is called for them.
        """
        self._buffers.append((source, tag, buffer))

    def catch_up(self) -> None:
        """Take what the buffers hold. What fills one calls this now and then, so that it stays small."""
        with self._lock:
            self._catch_up()

    def _catch_up(self) -> None:
        for source, tag, buffer in self._buffers:
            if buffer.ready:
                steps, wall_times, values = buffer.take()
                self._version += len(steps)
                self._step, self._wall_time = steps[-1], wall_times[-1]
                if self._series(source, tag).extend(steps, wall_times, values):
                    self._note_thinning(source, tag)

    def listen(self, listener: Callable[[], object]) -> None:
        """Call `listener` after every record, on the thread that wrote it: it must be quick."""
        self._listeners = (*self._listeners, listener)

    def deafen(self, listener: Callable[[], object]) -> None:
        """Undo `listen`."""
        self._listeners = tuple(other for other in self._listeners if other != listener)

    def latest_finite(self, source: str, tag: str) -> tuple[int, float] | None:
        """Give the step and the value of a tag's latest finite point, None where there is none."""
        with self._lock:
            self._catch_up()
            series = self._shelves[source].series.get(tag)
            return (
                None
                if series is None or series.count == series.nonfinite
                else (series.finite_step, series.finite)
            )

    @property
    def attempt(self) -> int:
        """The attempt at hand, counted from 0."""
        return max(self._attempts - 1, 0)

    def _keep_scalar(self, record: Scalar) -> None:
        if self._series(record.source, record.tag).add(record.step, record.wall_time, record.value):
            self._note_thinning(record.source, record.tag)
        self._step, self._wall_time = record.step, record.wall_time

    def _series(self, source: str, tag: str) -> Series:
        """Find a tag's series, which is about to change."""
        shelf = self._shelves[source]
        shelf.view = None
        if tag not in shelf.series:
            shelf.series[tag] = Series(self.attempt)
        return shelf.series[tag]

    def _note_thinning(self, source: str, tag: str) -> None:
        series = self._series(source, tag)
        detail = f"{tag}: one point in {series.thinned} is kept from here on"
        self._events.append((self.attempt, Event("thinned", series.step, series.wall_time, detail, source)))

    def _keep_progress(self, record: Progress) -> None:
        shelf = self._shelves[record.source]
        shelf.view, shelf.progress = None, record
        shelf.way = shelf.way or Series(self.attempt)
        shelf.way.add(record.step, record.wall_time, record.step)
        if record.unit == "step":
            self._step, self._wall_time = record.step, record.wall_time

    def _keep_value(self, record: Value) -> None:
        shelf = self._shelves[record.source]
        shelf.view, self._step, self._wall_time = None, record.step, record.wall_time
        if record.tag not in shelf.values:
            shelf.values[record.tag] = _Values(self._tag_bytes)
        shelf.values[record.tag].add(self.attempt, record)

    def _keep_feeds(self, record: Feeds) -> None:
        shelf = self._shelves[record.source]
        shelf.view, shelf.feeds = None, record

    def _keep_file(self, record: File) -> None:
        shelf = self._shelves[record.source]
        shelf.view = None
        attempt, _ = shelf.files.get(record.path, (self.attempt, None))
        shelf.files[record.path] = (attempt, record)
        if len(shelf.files) > FILES:
            del shelf.files[next(iter(shelf.files))]

    def _keep_line(self, record: Line) -> None:
        shelf = self._shelves[record.source]
        shelf.view, shelf.line = None, record

    def _keep_checkpoint(self, record: Checkpoint) -> None:
        shelf = self._shelves[record.source]
        shelf.view = None
        attempt, _ = shelf.checkpoints.get(record.path, (self.attempt, None))
        shelf.checkpoints[record.path] = (attempt, record)

    def _keep_event(self, record: Event) -> None:
        self._events.append((self.attempt, record))
        if record.kind in NOTICED:
            self._notices.append(record)
        if record.source in self._shelves:
            shelf = self._shelves[record.source]
            shelf.view, shelf.alerts[record.kind] = None, record

    def _keep_state(self, record: State) -> None:
        self._events.append((self.attempt, record))
        self._state = record
        if record.step is not None:
            self._step, self._wall_time = record.step, record.wall_time

    def _keep_source(self, record: Source) -> None:
        self._shelves[record.source] = _Shelf(record)

    def _keep_attempt(self, record: Attempt) -> None:
        self._attempts += 1
        if self._attempts > 1:
            self._restarts.append(record.step)
            for shelf in self._shelves.values():
                shelf.view = None
                for series in (*shelf.series.values(), *([shelf.way] if shelf.way else [])):
                    series.begin_attempt()

    # Handing out

    @property
    def version(self) -> int:
        """How many records have been taken."""
        return self._version + sum(buffer.ready for _, _, buffer in self._buffers)

    def snapshot(self, cursor: int | None = None) -> Snapshot:
        """Freeze what there is to show.

        Args:
            cursor: the step at which to show series and values: as they were when it was passed last. This
                takes time that grows with the history.
        """
        with self._lock:
            self._catch_up()
            return Snapshot(
                version=self._version,
                state=self._state,
                step=self._step,
                wall_time=self._wall_time,
                sources=tuple(shelf.frozen(cursor) for shelf in self._shelves.values()),
                attempts=self._attempts,
                restarts=tuple(self._restarts),
                notices=tuple(self._notices),
                cursor=cursor,
            )

    def tails(self, wanted: Iterable[tuple[str, str, int, int, int]]) -> list[Tail | None]:
        """Give the bins that charts lack of some series.

        Args:
            wanted: of each series its source and tag, and what the chart has: the generation, how many bins
                of it are settled, and how many points are in them.

        Returns:
            The bins of each, None where there is nothing new or no such series.
        """
        with self._lock:
            self._catch_up()
            return [self._tail(*one) for one in wanted]

    def _tail(self, source: str, tag: str, generation: int, settled: int, count: int) -> Tail | None:
        shelf = self._shelves.get(source)
        series = None if shelf is None else shelf.series.get(tag)
        if series is None or (series.count == count and series.generation == generation):
            return None
        return series.tail(generation, settled)

    def columns(self, source: str | None = None) -> Columns:
        """Copy everything that frames are made of.

        Args:
            source: only what this source reported, and all events; None for all sources.
        """
        with self._lock:
            self._catch_up()
            shelves = [shelf for name, shelf in self._shelves.items() if source in (None, name)]
            return Columns(
                attempts=self._attempts,
                scalars=[
                    (tag, *series.history()) for shelf in shelves for tag, series in shelf.series.items()
                ],
                progress=[
                    (shelf.progress.unit, *shelf.way.history())
                    for shelf in shelves
                    if shelf.progress is not None and shelf.way is not None
                ],
                tagged=[pair for shelf in shelves for kept in shelf.values.values() for pair in kept.pairs],
                checkpoints=[pair for shelf in shelves for pair in shelf.checkpoints.values()],
                files=[pair for shelf in shelves for pair in shelf.files.values()],
                events=list(self._events),
            )
