"""What one run of a graph leaves behind: every record under one lock, handed out as frozen snapshots."""

from __future__ import annotations

import sys
import threading
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from nbhooks.model import arrays
from nbhooks.model.events import Alert, Event, State
from nbhooks.model.kinds import EventKind
from nbhooks.model.record import Keep, Record
from nbhooks.model.records import Attempt, Scalar, Source
from nbhooks.model.series import Series, SeriesView
from nbhooks.model.snapshot import Columns, Snapshot, SourceView

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from nbhooks.model.scalar_buffer import ScalarBuffer
    from nbhooks.model.series import Floats, Integers, Tail
    from nbhooks.model.snapshot import Points
    from nbhooks.model.values import Value


TAG_BYTES = 2 * 2**20
"""Bytes kept of one tag that is no scalar; beyond it the oldest values go."""

RECORD_BYTES = 500
"""What a record costs beside its value."""

PATHS = 10_000
"""Files, or checkpoints, of one source that are listed, the latest."""

EVENTS = 10_000
"""Events kept; a loss that is infinite at every step must not fill the memory."""

ALERTS = 20
"""Titles of alerts of which a snapshot has the latest; all are among the events."""

ORDERED = (Keep.SESSION, Keep.LOG)
"""What is kept in its place between the values of buffers."""

FAULTS = 20
"""Faults that a snapshot has, the latest; all are among the events."""


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
    return sum(map(_bytes_of, record.payload))


def _bytes_of(item: Any) -> int:
    if not isinstance(item, np.ndarray):
        return sys.getsizeof(item)
    array = arrays.distinct(item)
    if array.dtype.kind == "O" and array.size:  # strings, which numpy holds by reference
        some = arrays.sample(array)
        return array.nbytes + sum(map(sys.getsizeof, some)) * array.size // some.size
    return array.nbytes


class _Views(Mapping[str, SeriesView]):
    """The views of a source's series, each frozen when it is first looked at.

    Args:
        series: of the source, as they are now.
        cursor: the step at which they are shown.
        lock: of the store.
    """

    __slots__ = ("_cursor", "_lock", "_made", "_series")

    def __init__(self, series: dict[str, Series], cursor: int | None, lock: threading.Lock) -> None:
        self._series, self._cursor, self._lock = dict(series), cursor, lock
        self._made: dict[str, SeriesView] = {}

    def __getitem__(self, tag: str) -> SeriesView:
        view = self._made.get(tag)
        if view is None:
            with self._lock:
                view = self._made[tag] = self._series[tag].view(self._cursor)
        return view

    def __iter__(self) -> Iterator[str]:
        return iter(self._series)

    def __len__(self) -> int:
        return len(self._series)

    def freeze(self) -> None:
        """Freeze those that nobody has looked at yet. Called with the lock held."""
        for tag, series in self._series.items():
            if tag not in self._made:
                self._made[tag] = series.view(self._cursor)


@dataclass(slots=True)
class _Shelf:
    """Everything of one source. What a frame is made of goes with the attempt it belongs to."""

    announced: Source
    series: dict[str, Series] = field(default_factory=dict)
    values: dict[str, _Values] = field(default_factory=dict)
    counts: dict[type[Record], Series] = field(default_factory=dict)
    records: dict[type[Record], dict[str, tuple[int, Any]]] = field(default_factory=dict)
    view: SourceView | None = None  # None where a record came since the last one was made
    cursor: int | None = None  # of that view

    views: _Views | None = None  # of that view

    def frozen(self, cursor: int | None, lock: threading.Lock, *, lazily: bool) -> SourceView:
        """Give the view of the source, which is made anew where a record came. The lock is held."""
        if self.view is None or self.cursor != cursor:
            at_cursor = {tag: kept.at(cursor) for tag, kept in self.values.items()}
            self.cursor = cursor
            self.views = _Views(self.series, cursor, lock)
            self.view = SourceView(
                source=self.announced.source,
                kind=self.announced.kind,
                detail=self.announced.detail,
                series=self.views,
                values={tag: value for tag, value in at_cursor.items() if value is not None},
                records={
                    kind: tuple([record for _, record in kept.values()])
                    for kind, kept in self.records.items()
                },
            )
        if self.views is not None and not lazily:
            self.views.freeze()
        return self.view

    def histories(self) -> Iterator[tuple[str, str, Series]]:
        """Yield the frame and the tag of every series."""
        for tag, series in self.series.items():
            yield Scalar.FRAME, tag, series
        for kind, series in self.counts.items():
            _, latest = self.records[kind][""]
            yield kind.FRAME, latest.tag, series

    def pairs(self) -> Iterator[tuple[int, Record]]:
        """Yield the attempt and the record of everything that has a row, but for the log."""
        for values in self.values.values():
            yield from values.pairs
        for kind, kept in self.records.items():
            if kind.FRAME and kind.KEEP in (Keep.BY_PATH, Keep.LATEST):
                yield from kept.values()


class Store:
    """A Sink that keeps what it is given, in the way that each class of records names.

    Scalars are kept as whole histories (see `nbhooks.model.series`), of other values the latest up to
    `TAG_BYTES` a tag, the rest as `nbhooks.model.record.Keep` says. Taking a record costs O(1); a snapshot
    costs the same at a thousand steps and at ten million.

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
        self._events: deque[tuple[int, Record]] = deque(maxlen=EVENTS)
        self._faults: deque[Event] = deque(maxlen=FAULTS)
        self._alerts: dict[str, Alert] = {}
        self._restarts: list[int | None] = []
        self._attempts = 0
        self._state: State | None = None
        self._step: int | None = None
        self._wall_time = 0.0
        self._version = 0
        self._buffers: list[tuple[str, str, ScalarBuffer]] = []
        self._buffered: set[str] = set()
        self._listeners: tuple[Callable[[], object], ...] = ()
        self._keep: dict[Keep, Callable[[Any], None]] = {
            Keep.SESSION: self._keep_session,
            Keep.SERIES: self._keep_point,
            Keep.COUNT: self._keep_count,
            Keep.RECENT: self._keep_recent,
            Keep.BY_PATH: self._keep_by_path,
            Keep.LATEST: self._keep_latest,
            Keep.LOG: self._keep_in_log,
        }
        self._keep_of: dict[type[Record], Callable[[Any], None]] = {}

    # Taking

    def write(self, record: Record, /) -> None:
        """Keep a record and notify the listeners.

        Raises:
            TypeError: if it is no Record.
            KeyError: if its source was never announced by a Source record.
        """
        keep = self._keep_of.get(type(record)) or self._way_of(record)
        with self._lock:
            # What a buffer holds came before an attempt, an event or a value of the same source. For the rest
            # the order is of no matter, and taking it costs a run more than keeping the record.
            if self._buffers and (record.KEEP in ORDERED or record.source in self._buffered):  # type: ignore[attr-defined]
                self._catch_up()
            keep(record)
            self._version += 1
        for listener in self._listeners:
            listener()

    def _way_of(self, record: Record) -> Callable[[Any], None]:
        """Find how the records of a class are kept, and remember it: an Enum is slow as a key."""
        if not isinstance(record, Record):
            raise TypeError(
                "a Store takes records (see nbhooks.model.record.Record), such as a Scalar, "
                f"not {type(record).__name__}"
            )
        return self._keep_of.setdefault(type(record), self._keep[record.KEEP])

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
        self._buffered.add(source)

    def catch_up(self) -> None:
        """Take what the buffers hold. What fills one calls this now and then, so that it stays small."""
        with self._lock:
            self._catch_up()

    def _catch_up(self) -> None:
        for source, tag, buffer in self._buffers:
            if buffer.ready:
                steps, wall_times, values = buffer.take()
                self._version += len(steps)
                if wall_times[-1] >= self._wall_time:  # a record may have come since
                    self._step, self._wall_time = int(steps[-1]), float(wall_times[-1])
                if self._series(source, tag).extend(steps, wall_times, values):
                    self._note_thinning(source, tag)

    def add_listener(self, listener: Callable[[], object]) -> None:
        """Call `listener` after every record, on the thread that wrote it: it must be quick."""
        self._listeners = (*self._listeners, listener)

    def remove_listener(self, listener: Callable[[], object]) -> None:
        """Undo `add_listener`."""
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

    def _keep_point(self, record: Any) -> None:
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
        event = Event(EventKind.THINNED, series.step, series.wall_time, detail, source)
        self._events.append((self.attempt, event))

    def _put(self, record: Any, key: str) -> dict[str, tuple[int, Any]]:
        """Keep a record of a source in place of the one that had the same key, and in its attempt."""
        shelf = self._shelves[record.source]
        shelf.view = None
        kept = shelf.records.get(type(record))
        if kept is None:
            kept = shelf.records[type(record)] = {}
        before = kept.get(key)
        kept[key] = (self.attempt if before is None else before[0], record)
        self._note_step(record)
        return kept

    def _note_step(self, record: Record) -> None:
        if (step := record.global_step) is not None:
            self._step, self._wall_time = step, record.wall_time

    def _keep_count(self, record: Any) -> None:
        self._put(record, "")
        counts = self._shelves[record.source].counts
        series = counts.get(type(record))
        if series is None:
            series = counts[type(record)] = Series(self.attempt)
        series.add(record.step, record.wall_time, record.step)

    def _keep_recent(self, record: Any) -> None:
        shelf = self._shelves[record.source]
        shelf.view = None
        if record.tag not in shelf.values:
            shelf.values[record.tag] = _Values(self._tag_bytes)
        shelf.values[record.tag].add(self.attempt, record)
        self._note_step(record)

    def _keep_by_path(self, record: Any) -> None:
        kept = self._put(record, record.path)
        if len(kept) > PATHS:
            del kept[next(iter(kept))]

    def _keep_latest(self, record: Any) -> None:
        self._shelves[record.source].records.pop(type(record), None)  # the attempt is that of the latest
        self._put(record, "")

    def _keep_in_log(self, record: Any) -> None:
        self._events.append((self.attempt, record))
        if isinstance(record, State):
            self._state = record
            self._note_step(record)
        elif isinstance(record, Alert):
            self._alerts.pop(record.title, None)  # the latest of a title stands last
            self._alerts[record.title] = record
            if len(self._alerts) > ALERTS:
                del self._alerts[next(iter(self._alerts))]
        elif record.source in self._shelves:
            self._put(record, record.kind)
        if isinstance(record, Event) and record.kind == EventKind.FAULT:
            self._faults.append(record)

    def _keep_session(self, record: Any) -> None:
        if isinstance(record, Source):
            self._shelves[record.source] = _Shelf(record)
        elif isinstance(record, Attempt):
            self._begin_attempt(record)

    def _begin_attempt(self, record: Attempt) -> None:
        self._attempts += 1
        if self._attempts > 1:
            self._restarts.append(record.step)
            for shelf in self._shelves.values():
                shelf.view = None
                for _, _, series in shelf.histories():
                    series.begin_attempt()

    # Handing out

    @property
    def version(self) -> int:
        """How many records have been taken."""
        return self._version + sum(buffer.ready for _, _, buffer in self._buffers)

    def snapshot(self, cursor: int | None = None, *, lazily: bool = False) -> Snapshot:
        """Freeze what there is to show.

        Args:
            cursor: the step at which to show series and values: as they were when it was passed last. This
                takes time that grows with the history.
            lazily: whether each series is frozen only when it is first looked at, so that those that nobody
                looks at cost nothing; it may then be younger than the rest of the snapshot.
        """
        with self._lock:
            self._catch_up()
            return Snapshot(
                version=self._version,
                state=self._state,
                step=self._step,
                wall_time=self._wall_time,
                sources=tuple(
                    [shelf.frozen(cursor, self._lock, lazily=lazily) for shelf in self._shelves.values()]
                ),
                attempts=self._attempts,
                restarts=tuple(self._restarts),
                cursor=cursor,
                alerts=tuple(self._alerts.values()),
                faults=tuple(self._faults),
            )

    def tails(self, wanted: Iterable[tuple[str, str, int, int, int]]) -> list[Tail | None]:
        """Give the bins that charts lack of some series.

        Args:
            wanted: of each series its source and tag, and what the chart has: the generation, how many bins
                of it are settled, and how many points are in all.

        Returns:
            The bins of each, None where there is nothing new or no such series.
        """
        with self._lock:
            self._catch_up()
            return [self._tail(*one) for one in wanted]

    def _tail(self, source: str, tag: str, generation: int, settled: int, points: int) -> Tail | None:
        shelf = self._shelves.get(source)
        series = None if shelf is None else shelf.series.get(tag)
        if series is None or (series.count == points and series.generation == generation):
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
            series: dict[str, list[Points]] = {}
            records: dict[str, list[tuple[int, Record]]] = {}
            for shelf in shelves:
                for frame, tag, history in shelf.histories():
                    series.setdefault(frame, []).append((tag, *history.history()))
                for attempt, record in shelf.pairs():
                    records.setdefault(record.FRAME, []).append((attempt, record))
            for attempt, record in self._events:
                records.setdefault(record.FRAME, []).append((attempt, record))
            return Columns(self._attempts, series, records)
