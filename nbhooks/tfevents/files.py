"""Reads event files: what is new in each, and what has healed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nbhooks.tfevents import events, tfrecord
from nbhooks.tfevents.event_file import REPLACED, EventFile, Part, identity, joined
from nbhooks.tfevents.stretches import AGAIN, NEARBY, NOWHERE, PAGE, Damage, Stretch

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Sequence

    import numpy.typing as npt
    from tensorboard.compat.proto.graph_pb2 import GraphDef

UNREADABLE = "cannot be read"
"""What a problem begins with that is over as soon as the file can be read."""

BATCH = 16 * 2**20
"""Bytes that are read at once: many small files, or a piece of a large one."""


def unread(file: EventFile) -> int:
    """Return how many bytes of a file are to be read, 0 of one that is not there."""
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
        done: called with how many bytes were read.
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
    """Return how many bytes of a file are to be read, and record what has become of it."""
    try:
        status = file.path.stat()
        same = file.size < 0 or _same(file, status)
        if same:
            _look_again(file, now, changed=identity(status) != file.identity)
    except OSError as error:
        _unreadable(file, error)
        return 0
    file.problems = [problem for problem in file.problems if not problem[2].startswith(UNREADABLE)]
    if not same:
        _forget(file)
    if (status.st_size, identity(status)) == (file.size, file.identity):
        return 0
    file.size, file.identity = status.st_size, identity(status)
    if not file.size:
        _note(file, "empty")
    return file.size - file.read


def _same(file: EventFile, status: os.stat_result) -> bool:
    """Return whether what was read of a file still stands in it.

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
    borders, files, further, at = [], [], [], 0
    for file, end in batch:
        try:
            with file.path.open("rb") as stream:  # without a buffer, a read ends after two gigabytes
                stream.seek(file.read)
                got = stream.readinto(buffer[at : at + end - file.read].data)
        except OSError as error:
            _unreadable(file, error)
            file.size = file.read
            continue
        borders.append((at, at + got))
        files.append(file)
        further.append(file.size - end)
        at += got
    if files:
        _sort_out(buffer, files, tfrecord.frame(buffer, borders, further), borders, wanted, now + AGAIN)


def _sort_out(  # noqa: PLR0913, PLR0917 - all of one reading
    buffer: tfrecord.Bytes,
    files: list[EventFile],
    framed: tfrecord.Framed,
    borders: list[tuple[int, int]],
    wanted: events.Wanted,
    until: float,
) -> None:
    """Decode a buffer, and give each file what it said; what is damaged is looked at again until then."""
    for file in files:
        file.settle()  # what was said of bytes that have now been read again is over
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
    _recognize(buffer, files, framed, begins, shifts, gaps)
    for gap in gaps:
        number = int(np.searchsorted(begins, gap.begin, side="right") - 1)
        file, shift, since = files[number], int(shifts[number]), before[number]
        begin, reason = gap.begin + shift, gap.reason
        if begin and gap.begin == begins[number] and file.problems and file.problems[-1][1] == begin:
            begin, _, reason = file.problems.pop()  # this one goes on, from where there was no more to read
            since = file.damages[-1].before
        _note(file, reason, begin, gap.end + shift)
        _watch(file, buffer, gap, shift, Damage(NOWHERE, until, since))


def _recognize(  # noqa: PLR0913, PLR0917 - as _sort_out
    buffer: tfrecord.Bytes,
    files: Sequence[EventFile],
    framed: tfrecord.Framed,
    begins: npt.NDArray[np.int64],
    shifts: npt.NDArray[np.int64],
    gaps: Sequence[tfrecord.Gap],
) -> None:
    """Remember by what each file can be recognized: undamaged bytes, which no writer touches again."""
    damaged = np.array([gap.begin for gap in gaps], np.int64)
    good = framed.starts[~np.isin(framed.starts, damaged)] if gaps else framed.starts
    ends = np.searchsorted(good, framed.pending)
    firsts = np.append(damaged, len(buffer))[np.searchsorted(damaged, begins)]
    first = 0
    for file, at, shift, end, gap in zip(
        files, begins.tolist(), shifts.tolist(), ends.tolist(), firsts.tolist(), strict=True
    ):
        if not file.head.end and at + shift == 0:  # this reading began with the file
            file.head = _stretch(buffer, at, min(gap, file.read - shift, at + PAGE), shift)
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


def _unreadable(file: EventFile, error: OSError) -> None:
    """Note an error that may pass: the file is read at the next look, though it may not have changed."""
    _note(file, f"{UNREADABLE}: {error.strerror}")
    file.identity = (*file.identity[:2], 0, 0)


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
