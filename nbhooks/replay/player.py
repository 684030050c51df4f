"""Plays saved runs into a Sink, as if they were live."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from nbhooks.model.events import State
from nbhooks.model.kinds import SourceKind
from nbhooks.model.lifecycle import Phase
from nbhooks.model.records import Attempt, Scalar, Source
from nbhooks.model.sink import ColumnSink, Sink
from nbhooks.model.values import Tensor
from nbhooks.tfevents.checkpoints import checkpoints
from nbhooks.tfevents.sessions import placed, sessions, sessions_at

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    import numpy.typing as npt

    from nbhooks.model.record import Record
    from nbhooks.model.records import Checkpoint
    from nbhooks.tfevents.event_file import EventFile
    from nbhooks.tfevents.logdir import LogDir

RATE = "global_step/sec"
"""The tag under which steps per second are written."""

STEPS, SUMMARIES, TENSORS, CHECKPOINTS = "steps per second", "summaries", "tensors", "checkpoints"

PAUSE = 3600.0
"""Seconds at most from one record to the next: a file may hold any wall time."""

KINDS = {
    STEPS: SourceKind.STEPS,
    SUMMARIES: SourceKind.SUMMARIES,
    TENSORS: SourceKind.TENSORS,
    CHECKPOINTS: SourceKind.CHECKPOINTS,
}
"""Sources of a run, and what each reports."""


def play(
    logdir: LogDir,
    sink: Sink,
    *,
    speed: float | None = None,
    sleep: Callable[[float], object] = time.sleep,
) -> None:
    """Write everything that was read to a sink (see `nbhooks.replay.play`)."""
    if speed is not None and not speed > 0:
        raise ValueError(f"speed={speed}: it is a number greater than 0, or None for no waiting at all")
    several = len(logdir.names) > 1
    players = [Player(run, sink, f"{run} " if several else "", attempts=not several) for run in logdir.names]
    if speed is None and isinstance(sink, ColumnSink):
        for player in players:
            player.play(logdir)
        _end(players, sink)
        return
    before: float | None = None
    for when, player, session, name, record in _in_order(
        [(player, player.take(logdir)) for player in players]
    ):
        if speed is not None and before is not None and when > before:
            sleep(min((when - before) / speed, PAUSE))
        if math.isfinite(when):
            before = when if before is None else max(before, when)
        player.write(session, name, record)
    _end(players, sink)


def _end(players: Sequence[Player], sink: Sink) -> None:
    """Report the state, where there was anything: whether the run had ended is not known."""
    if any(player.span is not None for player in players):
        sink.write(State(Phase.SAVED, None, time.time()))


@dataclass(slots=True)
class Taken:
    """What is new of a run: scalars as columns, everything else as records.

    Attributes:
        time: float64 (n,), when each scalar is written: its wall time, or that of one before it in its file.
        session, tag, step, wall_time, value: of each.
        tags: names.
        others: session, time, source and record of what is no scalar.
    """

    time: npt.NDArray[np.float64]
    session: npt.NDArray[np.int32]
    tag: npt.NDArray[np.int32]
    step: npt.NDArray[np.int64]
    wall_time: npt.NDArray[np.float64]
    value: npt.NDArray[np.float64]
    tags: list[str]
    others: list[tuple[int, float, str, Any]] = field(default_factory=list)


@dataclass(slots=True)
class _Mark:
    """How much of a file was taken, and the session with which it begins; nothing yet, and any."""

    begun: int = 0
    session: int = 0
    scalars: int = 0
    others: int = 0
    checkpoints: int = 0


class Player:
    """Plays one run into a sink, and goes on from there when more of it was read.

    Args:
        run: its name.
        sink: where to.
        prefix: of its sources' names.
        attempts: whether to write an Attempt where one begins; not where a sink takes several runs.

    Attributes:
        run: its name.
        span: the lowest and the highest step that was taken, None before there is one.

    Example:
        >>> from nbhooks.model.store import Store
        >>> player = Player(".", Store())
        >>> player.play(load("logs").logdir)  # doctest: +SKIP
    """

    def __init__(self, run: str, sink: Sink, prefix: str = "", *, attempts: bool = True) -> None:
        """Play nothing yet."""
        self.run = run
        self._sink, self._prefix, self._attempts = sink, prefix, attempts
        self._marks: dict[Path, _Mark] = {}
        self._session = -1
        self.span: tuple[int, int] | None = None
        self._announced: dict[str, str] = {}
        self._tensors: tuple[str, ...] = ()

    def play(self, logdir: LogDir) -> bool:
        """Write what is new to the sink, which takes columns, session by session and tag by tag.

        Returns:
            Whether it was written: not where what was played before does not hold any more, since a file was
            replaced, or one came between two. Then a new player must begin.
        """
        files = logdir.files(self.run)  # once: another thread may read on meanwhile
        if not self._continues(files):
            return False
        taken, sink = self._take(logdir, files), self._sink
        assert isinstance(sink, ColumnSink)  # noqa: S101 - `play` sees to it
        key = taken.session.astype(np.int64) * max(len(taken.tags), 1) + taken.tag
        order = np.argsort(key, kind="stable")
        begins = np.flatnonzero(np.diff(key[order], prepend=-1))
        items: list[tuple[int, float, str, Any]] = list(taken.others)
        played = [taken.tags[code] for code in np.unique(taken.tag)]
        used = {_source_of(tag) for tag in played} | {name for _, _, name, _ in items}
        for name in KINDS:  # in the order in which people look at them
            if name in used:
                self._source(name)
        for begin, end in zip(begins, [*begins[1:], len(order)], strict=False):
            points = order[begin:end]
            points = points[
                np.argsort(taken.time[points], kind="stable")
            ]  # two files may have written one tag
            name = _source_of(taken.tags[taken.tag[points[0]]])
            items.append((int(taken.session[points[0]]), float(taken.time[points[-1]]), name, points))
        for session, _, name, item in sorted(items, key=lambda one: one[:2]):
            if not isinstance(item, np.ndarray):
                self.write(session, name, item)
                continue
            tag = taken.tags[taken.tag[item[0]]]
            columns = taken.step[item], taken.wall_time[item], taken.value[item]
            self._begin(session, float(columns[1][0]), int(columns[0][0]))
            sink.write_scalars(self._source(name), tag, *columns)
        return True

    def write(self, session: int, name: str, record: Any) -> None:
        """Write a record, and first what must be known before it."""
        self._begin(session, record.wall_time, record.step)
        self._sink.write(replace(record, source=self._source(name)))

    def take(self, logdir: LogDir) -> Taken:
        """Take what was not taken yet."""
        return self._take(logdir, logdir.files(self.run))

    def _continues(self, files: list[EventFile]) -> bool:
        """Whether what was played still holds: no file was replaced, none came between two."""
        begins = sessions(files)
        marked = [(self._marks.get(file.path, _NEW), file) for file in files]
        return all(
            mark == _NEW or (mark.begun, mark.session) == (file.begun, begins[id(file)])
            for mark, file in marked
        )

    def _take(self, logdir: LogDir, files: list[EventFile]) -> Taken:
        begins = sessions(files)
        tags: dict[str, int] = {}
        parts: list[tuple[npt.NDArray[Any], ...]] = []
        others: list[tuple[int, float, str, Any]] = []
        saved = False
        for file in files:
            mark = self._marks.setdefault(file.path, _Mark())
            part = file.scalars(mark.scalars)
            mark.scalars += len(part.step)
            time = np.fmax.accumulate(part.wall_time)  # a NaN must not be the time of all that come after it
            inside = logdir.inside(part.step)
            if not inside.all():
                part, time = part.only(inside), time[inside]
            codes = np.array([tags.setdefault(tag, len(tags)) for tag in file.tags], np.int32)
            session = sessions_at(file, part.offset, begins)
            parts.append((time, session, codes[part.tag], part.step, part.wall_time, part.value))
            others += _others(logdir, file, mark.others, begins)
            saved = saved or len(file.checkpoints) > mark.checkpoints
            # A file that is read again from a damage on has fewer for a while, all of which were taken.
            mark.others = max(mark.others, len(file.others))
            mark.checkpoints = max(mark.checkpoints, len(file.checkpoints))
            if mark.scalars or mark.others or mark.checkpoints:
                mark.begun, mark.session = file.begun, begins[id(file)]
        if saved:
            others += _checkpoints(logdir, files)
        if not self._tensors:
            self._tensors = tuple({value.tag: None for _, _, name, value in others if name == TENSORS})
        dtypes = (np.float64, np.int32, np.int32, np.int64, np.float64, np.float64)
        columns = [
            np.concatenate([np.empty(0, dtype), *column]).astype(dtype, copy=False)
            for dtype, column in zip(dtypes, zip(*parts, strict=True) if parts else [()] * 6, strict=True)
        ]
        time, session, tag, step, wall_time, value = columns
        self._note_steps(np.append(step, np.array([record.step for *_, record in others], np.int64)))
        return Taken(time, session, tag, step, wall_time, value, list(tags), others)

    def _note_steps(self, steps: npt.NDArray[np.int64]) -> None:
        if len(steps):
            low, high = self.span or (int(steps[0]), int(steps[0]))
            self.span = min(int(steps.min()), low), max(int(steps.max()), high)

    def _begin(self, session: int, wall_time: float, step: int) -> None:
        """Report that an attempt begins, once; what comes late from one before it belongs to it, too."""
        if self._attempts and session > self._session:
            self._session = session
            self._sink.write(Attempt(wall_time, step))

    def _source(self, name: str) -> str:
        """Give a source's full name, and announce it when it is first used."""
        if name not in self._announced:
            self._announced[name] = f"{self._prefix}{name}"
            detail = {"tags": self._tensors, "others": self._tensors} if name == TENSORS else {}
            self._sink.write(Source(self._announced[name], KINDS[name], detail))
        return self._announced[name]


def _others(
    logdir: LogDir, file: EventFile, begin: int, begins: dict[int, int]
) -> Iterator[tuple[int, float, str, Any]]:
    """Give what a file holds from a place on that is no scalar: session, time, source and record."""
    new = file.others[begin:]
    inside = logdir.inside(np.array([value.step for _, value in new], np.int64))
    latest = -math.inf
    for (session, (_, value)), wanted in zip(placed(file, new, begins), inside, strict=True):
        latest = max(latest, value.wall_time)  # unless that is a NaN
        if wanted:
            yield session, latest, TENSORS if isinstance(value, Tensor) else SUMMARIES, value


def _checkpoints(logdir: LogDir, files: list[EventFile]) -> Iterator[tuple[int, float, str, Checkpoint]]:
    """Yield all checkpoints again: one that was kept may be deleted by now."""
    saved = list(checkpoints(files))
    inside = logdir.inside(np.array([one.step for _, _, one in saved], np.int64))
    for (_, session, checkpoint), wanted in zip(saved, inside, strict=True):
        if wanted:
            yield session, checkpoint.wall_time, CHECKPOINTS, checkpoint


_NEW = _Mark()


def _source_of(tag: str) -> str:
    return STEPS if tag == RATE else SUMMARIES


def _in_order(
    played: Sequence[tuple[Player, Taken]],
) -> Iterator[tuple[float, Player, int, str, Record]]:
    """Yield time, player, session, source and record of everything in the order of time.

    Of a single run a session comes after the one before it, whatever the clock said.
    """
    times = [np.append(taken.time, [when for _, when, *_ in taken.others]) for _, taken in played]
    sessions = [np.append(taken.session, [session for session, *_ in taken.others]) for _, taken in played]
    whose = np.repeat(np.arange(len(played)), [len(column) for column in times])
    begins = np.cumsum([0, *map(len, times)])
    time_of = np.concatenate([np.empty(0), *times])
    alone = len(played) == 1
    order = np.lexsort((time_of, sessions[0])) if alone else np.argsort(time_of, kind="stable")
    for place in order:
        number = int(whose[place])
        player, taken = played[number]
        at = int(place - begins[number])
        if at < len(taken.time):
            tag = taken.tags[taken.tag[at]]
            point = int(taken.step[at]), float(taken.wall_time[at]), float(taken.value[at])
            scalar = Scalar("", tag, *point)
            yield float(taken.time[at]), player, int(taken.session[at]), _source_of(tag), scalar
        else:
            session, when, name, record = taken.others[at - len(taken.time)]
            yield when, player, session, name, record
