"""Event files as they are on disk: how far each was read, and what it said so far."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from nbhooks.tfevents import events, tfrecord
from nbhooks.tfevents.stretches import AGAIN, NEARBY, NOWHERE, PAGE, Damage, Stretch

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import numpy.typing as npt
    from tensorboard.compat.proto.graph_pb2 import GraphDef

    from nbhooks.model.records import Value
    from nbhooks.tfevents.hparams import Described

BATCH = 16 * 2**20
"""Bytes that are read at once: many small files, or a piece of a large one."""

REPLACED = "replaced, or shorter than it was: read anew"


class Part(NamedTuple):
    """Scalars of one file, as columns.

    Attributes:
        offset: int64 (n,), at which byte of the file the record of each begins.
        wall_time, step, value: float64, int64 and float64 (n,).
        tag: int32 (n,), the number of each one's tag in the file.
    """

    offset: npt.NDArray[np.int64]
    wall_time: npt.NDArray[np.float64]
    step: npt.NDArray[np.int64]
    value: npt.NDArray[np.float64]
    tag: npt.NDArray[np.int32]

    def only(self, of: Any) -> Part:
        """Give some of the rows: a slice, a mask, or their numbers."""
        return Part(self.offset[of], self.wall_time[of], self.step[of], self.value[of], self.tag[of])


NOTHING = Part(np.empty(0, np.int64), np.empty(0), np.empty(0, np.int64), np.empty(0), np.empty(0, np.int32))


def joined(parts: Sequence[Part]) -> Part:
    """Put parts behind one another."""
    return Part(*map(np.concatenate, zip(NOTHING, *parts, strict=True)))


def identity(status: os.stat_result) -> tuple[int, int, int, int]:
    """Give what is another for another file under the same name, and beside the size for other bytes."""
    return status.st_dev, status.st_ino, status.st_mtime_ns, status.st_ctime_ns


@dataclass(slots=True)
class EventFile:
    """A file, and what it said so far.

    Attributes:
        path, run: where it is, and the run that it belongs to.
        identity: device, inode and times of change when it was read last.
        size: as it was when it was read last.
        read: bytes that need not be read again, unless what is damaged among them changes.
        begun: how many times rows were withdrawn: it was replaced, or something before them has healed.
        healed: how many times damaged bytes were found to have changed.
        head, tail: its first bytes, and the last record that was read: both are others in another file.
        damages: what holds no record yet, in the order of the file.
        first, last: wall times of its first and its latest event; NaN before there is one.
        starts: byte, wall time and step of each session start that it tells of.
        tags: number of each tag of a scalar.
        parts: scalars, in order. None is much smaller than the next: a file that is read on a thousand times
            has few.
        others: pairs of the byte and what is no scalar.
        checkpoints: byte, wall time, step and path of each.
        hparams: hyper-parameters by name.
        experiments: pairs of the byte and a hyper-parameter or metric that an experiment describes.
        graphs: at which bytes graphs are.
        problems: from which byte to which something is lost, and why.
    """

    path: Path
    run: str
    identity: tuple[int, int, int, int] = (0, 0, 0, 0)
    size: int = -1
    read: int = 0
    begun: int = 0
    healed: int = 0
    head: Stretch = NOWHERE
    tail: Stretch = NOWHERE
    damages: list[Damage] = field(default_factory=list)
    first: float = math.nan
    last: float = math.nan
    starts: list[tuple[int, float, int]] = field(default_factory=list)
    tags: dict[str, int] = field(default_factory=dict)
    parts: list[Part] = field(default_factory=list)
    others: list[tuple[int, Value]] = field(default_factory=list)
    checkpoints: list[tuple[int, float, int, str]] = field(default_factory=list)
    hparams: dict[str, Any] = field(default_factory=dict)
    experiments: list[tuple[int, Described]] = field(default_factory=list)
    graphs: list[int] = field(default_factory=list)
    plugins: dict[str, Any] = field(default_factory=dict)
    problems: list[tuple[int, int, str]] = field(default_factory=list)

    @property
    def state(self) -> tuple[object, ...]:
        """What is another after every reading that found something."""
        problems = tuple(self.problems[-8:]), len(self.problems)
        return self.identity[:2], self.size, self.read, self.begun, self.healed, problems

    def changed(self, now: float) -> bool:
        """Tell whether there may be anything to read, or nothing where something was.

        Args:
            now: the time, for what is damaged.
        """
        try:
            status = os.stat(self.path)  # noqa: PTH116 - a Path takes twice as long, and this is asked often
        except OSError:
            return True
        if status.st_size != self.size or identity(status) != self.identity:
            return True
        return bool(self.damages) and any(now < damage.until for damage in self.damages)

    def scalars(self, begin: int = 0) -> Part:
        """Give the scalars from the given one on."""
        parts: list[Part] = []
        left = sum(len(part.step) for part in self.parts) - begin
        for part in reversed(self.parts):
            if left > 0:
                parts.insert(0, part.only(slice(-left, None)))
                left -= len(part.step)
        return parts[0] if len(parts) == 1 else joined(parts)

    def held(self) -> Mapping[str, Any]:
        """Remember what the bytes up to `read` said, as `go_back` needs it: lists only grow."""
        if not self.read:
            return _FRESH
        values = {name: getattr(self, name) for name in _SAID}
        return {
            name: len(value)
            if isinstance(value, list)
            else value.copy()
            if isinstance(value, dict)
            else value
            for name, value in values.items()
        }

    def go_back(self, before: Mapping[str, Any]) -> None:
        """Let go of what was read since something was remembered, so that it is read again."""
        for name, value in before.items():
            known = getattr(self, name)
            if isinstance(known, list):
                del known[value:]
            else:
                setattr(self, name, value.copy() if isinstance(value, dict) else value)
        while self.parts and self.parts[-1].offset[-1] >= self.read:
            part = self.parts.pop()
            kept = int(np.searchsorted(part.offset, self.read))
            if kept:
                self.parts.append(part.only(slice(kept)))
        self.settle()
        self.size = self.read

    def settle(self) -> None:
        """Let go of problems behind what was read, or of a file that could not be."""
        self.problems = [
            (begin, min(end, self.read), reason)
            for begin, end, reason in self.problems
            if reason == REPLACED or (end and begin < self.read)
        ]

    def copy(self) -> EventFile:
        """Make another that can be read on while this one stays as it is."""
        other = EventFile(self.path, self.run)
        for name in EventFile.__slots__:
            value = getattr(self, name)
            setattr(other, name, value.copy() if isinstance(value, (dict, list)) else value)
        return other


_SAID = [
    name
    for name in EventFile.__slots__
    if name not in ("path", "run", "identity", "size", "begun", "healed", "parts", "problems")
]
"""What the bytes of a file say, but for its scalars and problems, which know their places."""

_FRESH: Mapping[str, Any] = {
    name: 0 if isinstance(value, list) else value
    for name, value in ((name, getattr(EventFile(Path(), ""), name)) for name in _SAID)
}


def unread(file: EventFile) -> int:
    """Tell how many bytes of a file are to be read, 0 of one that is not there."""
    try:
        return max(file.path.stat().st_size - file.read, 0)
    except OSError:
        return 0


def read(
    files: Sequence[EventFile], wanted: events.Wanted, done: Callable[[int], object], now: float
) -> None:
    """Read what is new in some files, and what has healed.

    Args:
        files: each goes on from where it was read to; one that was replaced or has shrunk is read anew.
        wanted: what is asked for.
        done: told how many bytes were read.
        now: the time, for what is damaged.
    """
    batch: list[EventFile] = []
    pending = 0
    for file in files:
        new = _news(file, now)
        if new > BATCH:
            _read_in_pieces(file, wanted, done, now)
            continue
        if batch and pending + new > BATCH:
            _read_batch([(one, one.size) for one in batch], wanted, now)
            done(pending)
            batch, pending = [], 0
        if new:
            batch.append(file)
            pending += new
    if batch:
        _read_batch([(one, one.size) for one in batch], wanted, now)
        done(pending)


def _news(file: EventFile, now: float) -> int:
    """Tell how many bytes of a file are to be read, and note what has become of it."""
    try:
        status = file.path.stat()
        same = file.size < 0 or _same(file, status)
        if same:
            _look_again(file, now, changed=identity(status) != file.identity)
    except OSError as error:
        _note(file, f"cannot be read: {error.strerror}")
        return 0
    if not same:
        _forget(file)
    if (status.st_size, identity(status)) == (file.size, file.identity):
        return 0
    file.size, file.identity = status.st_size, identity(status)
    if not file.size:
        _note(file, "empty")
    return file.size - file.read


def _same(file: EventFile, status: os.stat_result) -> bool:
    """Tell whether what was read of a file still stands in it.

    An inode is given again to the next file, often at once, and a file may be written over: what was read
    is compared wherever anything about the file has changed.
    """
    now = identity(status)
    if now[:2] != file.identity[:2] or status.st_size < file.size:
        return False
    if now == file.identity:
        return True
    with file.path.open("rb", buffering=0) as stream:
        return file.head.same(stream) and file.tail.same(stream)


def _look_again(file: EventFile, now: float, *, changed: bool) -> None:
    """Go back to before the first damage whose bytes are others now.

    For a while the stat of a file is not trusted with that: a network file system shows an old one.
    """
    again = [damage for damage in file.damages if changed or now < damage.until]
    if not again:
        return
    with file.path.open("rb", buffering=0) as stream:
        healing = next((damage for damage in again if not damage.stretch.same(stream)), None)
    if healing is None:
        return
    begin = healing.stretch.begin
    behind = [int(part.offset[-1]) for part in file.parts[-1:]]
    behind += [offset for offset, _ in file.others[-1:]]
    behind += [offset for offset, *_ in file.checkpoints[-1:]]
    behind += [offset for offset, *_ in file.starts[-1:]]
    file.begun += max(behind, default=-1) >= begin
    file.healed += 1
    file.go_back(healing.before)


def _read_in_pieces(
    file: EventFile, wanted: events.Wanted, done: Callable[[int], object], now: float
) -> None:
    """Read a large file as if it had grown by a piece at a time, so that memory need not hold it whole."""
    size, piece = file.size, BATCH
    while file.size == size:  # it is not where it cannot be read any more
        begin = file.read
        end = min(begin + piece, size)
        _read_batch([(file, end)], wanted, now)
        done(file.read - begin)
        if end == size:
            break
        piece = BATCH if file.read > begin else 2 * piece  # a record, or a gap, that is longer


def _read_batch(batch: list[tuple[EventFile, int]], wanted: events.Wanted, now: float) -> None:
    """Read files that lie one behind the other in one buffer: a stream of records stays one so.

    Args:
        batch: of each file up to which byte to read.
        wanted: what is asked for.
        now: the time, for what is damaged.
    """
    room = sum(end - file.read for file, end in batch)
    buffer = np.empty(room + tfrecord.PADDING, np.uint8)
    buffer[room:] = 0
    borders, files, follows, at = [], [], [], 0
    for file, end in batch:
        try:
            with file.path.open("rb") as stream:  # without a buffer, a read ends after two gigabytes
                stream.seek(file.read)
                got = stream.readinto(buffer[at : at + end - file.read].data)
        except OSError as error:
            _note(file, f"cannot be read: {error.strerror}")
            file.size, file.identity = file.read, (*file.identity[:2], 0, 0)  # the rest is tried again
            continue
        borders.append((at, at + got))
        files.append(file)
        follows.append(file.size - end)
        at += got
    if files:
        _sort_out(buffer, files, tfrecord.frame(buffer, borders, follows), borders, wanted, now + AGAIN)


def _sort_out(  # noqa: PLR0913, PLR0917 - all of one reading
    buffer: tfrecord.Bytes,
    files: list[EventFile],
    framed: tfrecord.Framed,
    borders: list[tuple[int, int]],
    wanted: events.Wanted,
    until: float,
) -> None:
    """Decode a buffer, and give each file what it said; what is damaged is looked at again until then."""
    before = [file.held() for file in files]
    begins = np.array([begin for begin, _ in borders])
    of = np.searchsorted(begins, framed.starts, side="right") - 1
    decoded = events.decode(buffer, framed, of, [file.plugins for file in files], wanted)
    shifts = np.array([file.read for file in files]) - begins  # from a place in the buffer to one in the file
    offsets = framed.starts + shifts[of]
    records = np.searchsorted(of, np.arange(len(files) + 1))
    rows = np.searchsorted(decoded.scalars.record, records)
    for number, file in enumerate(files):
        mine = slice(records[number], records[number + 1])
        times = decoded.wall_time[mine]
        times = times[~np.isnan(times)]  # nanmin takes a signaling NaN for the least
        if len(times):
            file.first = float(np.fmin(times.min(), file.first))
            file.last = float(np.fmax(times.max(), file.last))
        _take_scalars(file, decoded.scalars, slice(rows[number], rows[number + 1]), offsets)
        file.settle()  # what was said of bytes that have now been read again is over
        file.read = int(framed.pending[number] + shifts[number])
    for record, value in decoded.values:
        files[of[record]].others.append((int(offsets[record]), value))
    for record, *checkpoint in decoded.checkpoints:
        files[of[record]].checkpoints.append((int(offsets[record]), *checkpoint))
    _take_hparams(decoded, files, of, offsets)
    for record, *start in decoded.starts:
        files[of[record]].starts.append((int(offsets[record]), *start))
    for record in decoded.graphs:
        files[of[record]].graphs.append(int(offsets[record]))
    gaps = sorted((*framed.gaps, *decoded.gaps), key=lambda gap: gap.begin)
    _recognize(buffer, files, framed, shifts, gaps)
    for gap in gaps:
        number = int(np.searchsorted(begins, gap.begin, side="right") - 1)
        file, shift, since = files[number], int(shifts[number]), before[number]
        begin, reason = gap.begin + shift, gap.reason
        if begin and gap.begin == begins[number] and file.problems and file.problems[-1][1] == begin:
            begin, _, reason = file.problems.pop()  # this one goes on, from where there was no more to read
            since = file.damages[-1].before
        _note(file, reason, begin, gap.end + shift)
        _watch(file, buffer, gap, shift, Damage(NOWHERE, until, since))


def _recognize(
    buffer: tfrecord.Bytes,
    files: Sequence[EventFile],
    framed: tfrecord.Framed,
    shifts: npt.NDArray[np.int64],
    gaps: Sequence[tfrecord.Gap],
) -> None:
    """Remember by what each file can be recognized: undamaged bytes, which no writer touches again."""
    damaged = np.array([gap.begin for gap in gaps], np.int64)
    good = framed.starts[~np.isin(framed.starts, damaged)] if gaps else framed.starts
    ends = np.searchsorted(good, framed.pending)
    firsts = np.append(damaged, len(buffer))[np.searchsorted(damaged, -shifts)]
    first = 0
    for file, shift, end, gap in zip(files, shifts.tolist(), ends.tolist(), firsts.tolist(), strict=True):
        if not file.head.end and shift <= 0:
            file.head = _stretch(buffer, -shift, min(gap, file.read - shift, PAGE - shift), shift)
        if end > first:
            begin = int(good[end - 1])
            stop = begin + int(tfrecord.u64(buffer)[begin]) + tfrecord.FRAME
            file.tail = _stretch(buffer, max(begin, stop - PAGE), stop, shift)
        first = end


def _stretch(buffer: tfrecord.Bytes, begin: int, end: int, shift: int) -> Stretch:
    return Stretch(begin + shift, begin + shift).and_on(end + shift, buffer[begin:end])


def _watch(file: EventFile, buffer: tfrecord.Bytes, gap: tfrecord.Gap, shift: int, damage: Damage) -> None:
    """Look at a gap again later, together with one that it goes on or that is near."""
    known = file.damages[-1] if file.damages else None
    if known is None or known.before is not damage.before or gap.begin + shift - known.stretch.end > NEARBY:
        file.damages.append(damage._replace(stretch=_stretch(buffer, gap.begin, gap.end, shift)))
    elif gap.end + shift > known.stretch.end:
        stretch = known.stretch.and_on(gap.end + shift, buffer[known.stretch.end - shift : gap.end])
        file.damages[-1] = damage._replace(stretch=stretch)


def _take_hparams(
    decoded: events.Decoded, files: list[EventFile], of: npt.NDArray[np.int64], offsets: npt.NDArray[np.int64]
) -> None:
    for record, found in decoded.hparams:
        files[of[record]].hparams.update(found)
    for record, described in decoded.experiments:
        files[of[record]].experiments.append((int(offsets[record]), described))


def _take_scalars(
    file: EventFile, scalars: events.Scalars, rows: slice, offsets: npt.NDArray[np.int64]
) -> None:
    if rows.start == rows.stop:
        return
    tag = scalars.tag[rows]
    first = np.full(len(scalars.tags), -1)
    first[tag[::-1]] = np.arange(len(tag) - 1, -1, -1)  # of one that comes again, the last to be put counts
    codes = np.empty(len(scalars.tags), np.int32)
    for place in np.sort(first[first >= 0]).tolist():  # in the order in which they come in the file
        code = tag[place]
        codes[code] = file.tags.setdefault(scalars.tags[code], len(file.tags))
    columns = scalars.wall_time[rows], scalars.step[rows], scalars.value[rows]
    file.parts.append(Part(offsets[scalars.record[rows]], *columns, codes[tag]))
    while len(file.parts) > 1 and len(file.parts[-2].step) <= 2 * len(file.parts[-1].step):
        file.parts[-2:] = [joined(file.parts[-2:])]


def _note(file: EventFile, reason: str, begin: int = 0, end: int = 0) -> None:
    if (begin, end, reason) not in file.problems[-8:]:
        file.problems.append((begin, end, reason))


def _forget(file: EventFile) -> None:
    """Let go of what another file of this name said."""
    fresh = EventFile(file.path, file.run, begun=file.begun + 1)
    for name in EventFile.__slots__:
        setattr(file, name, getattr(fresh, name))
    _note(file, REPLACED)


def graph(file: EventFile, offset: int) -> GraphDef:
    """Read and parse the graph of the record that begins at a byte of a file.

    Raises:
        ValueError: if it cannot be read any more, or makes no sense.
    """
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.compat.proto.graph_pb2 import GraphDef

    try:
        with file.path.open("rb") as stream:
            stream.seek(offset)
            data = tfrecord.read_one(stream)
        found = None if data is None else GraphDef.FromString(Event.FromString(data).graph_def)
    except Exception as error:  # whatever protobuf is led to by hostile bytes
        raise ValueError(f"the graph in {str(file.path)!r} cannot be read: {error}") from error
    if found is None:
        raise ValueError(f"the graph in {str(file.path)!r} is damaged, or the file was changed")
    return found
