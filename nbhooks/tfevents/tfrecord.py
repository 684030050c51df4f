"""Where the records of TFRecord files begin and end, what is damaged, and what is not there yet.

A record is its length (eight bytes), the length's checksum (four), the data, and the data's checksum (four).
Lengths form a chain. To walk it faster than one record at a time, a file is cut into lanes: each finds a
place where a record may begin, and all lanes are walked at once. A lane counts only if the one before it ends
where it begins, so that what looks like a record within a record's data leads nobody astray.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, BinaryIO, TypeAlias

import numpy as np
import numpy.typing as npt

from nbhooks.tfevents.checksums import masked, masked_lengths

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Bytes: TypeAlias = npt.NDArray[np.uint8]
Offsets: TypeAlias = npt.NDArray[np.int64]

PADDING = 16
"""Bytes that must come after the last file in a buffer, so that words may be read beyond its end."""

FRAME = 16
"""Bytes of a record beside its data."""

LONGEST = 2**31
"""Bytes of data from which no record can be what it claims: protobuf reads less."""

LANE = 16_384
"""Bytes from one lane to the next."""

LANES = 12
"""Lanes up to which walking them at once takes longer than one record after the other."""

SEARCH = 4096
"""Bytes in which a lane looks for a place to begin."""

AT_ONCE = 16_384
"""Places of all lanes together that are looked at in one step."""

WINDOW = 65_536
"""Bytes that are searched at once for the next record after a damage, and walked at first from there."""

NEAR = 512
"""Bytes that are searched first: the next record is near, and damages may be many."""

EFFORT = 8
"""How many times the bytes of a file may be read to find records after damages."""


class Reason(str, Enum):
    """Why there is no record at some byte."""

    INCOMPLETE = "incomplete"
    LENGTH_CHECKSUM = "length checksum"
    TOO_LONG = "longer than a record can be"
    BEYOND_PART = "beyond this part"
    """It ends in bytes that are there and will be read later."""
    BEYOND_END = "beyond the end"
    DATA_CHECKSUM = "data checksum"

    __str__ = str.__str__


_UNREAD = frozenset({Reason.INCOMPLETE, Reason.BEYOND_PART})
_UNFINISHED = _UNREAD | {Reason.BEYOND_END}


@dataclass(frozen=True, slots=True)
class Gap:
    """Bytes of a buffer that hold no record that can be trusted."""

    begin: int
    end: int
    reason: str


@dataclass(slots=True)
class Framed:
    """The records of a buffer.

    Attributes:
        starts: int64 (n,), where each record begins, in order.
        lengths: int64 (n,), of the data of each. Both checksums of a length are right, the data's are not
            looked at yet.
        gaps: what had to be skipped.
        pending: for each file where its last, unfinished record begins, or the last gap if nothing comes
            behind it; its end where there is neither.
    """

    starts: Offsets
    lengths: Offsets
    gaps: list[Gap] = field(default_factory=list)
    pending: list[int] = field(default_factory=list)


def frame(buffer: Bytes, files: Sequence[tuple[int, int]], further: Sequence[int] | None = None) -> Framed:
    """Find the records of one or many files that lie one behind the other.

    Args:
        buffer: the bytes, with `PADDING` behind the last.
        files: where each begins and ends.
        further: how many bytes each has beyond its end here, which are there and will be read later; none
            by default.
    """
    chains, stops = _walk(buffer, files)
    framed = Framed(np.empty(0, np.int64), np.empty(0, np.int64))
    parts: list[Offsets] = []
    more = further or [0] * len(files)
    for (begin, end), beyond, chain, stop in zip(files, more, chains, stops, strict=True):
        repair = _Repair(buffer, begin, end, beyond, framed.gaps)
        parts.extend(repair.go_on(chain, stop))
        framed.pending.append(repair.pending)
    framed.starts = np.concatenate(parts) if parts else framed.starts
    framed.lengths = u64(buffer)[framed.starts].astype(np.int64)
    return framed


class _Repair:
    """Goes on with a file behind each damage."""

    def __init__(self, buffer: Bytes, begin: int, end: int, further: int, gaps: list[Gap]) -> None:
        self.pending = end
        self._buffer, self._end, self._further, self._gaps = buffer, end, further, gaps
        self._effort = EFFORT * (end - begin)

    def go_on(self, chain: Offsets, stop: int) -> Iterator[Offsets]:
        """Yield the chains from one damage to the next."""
        while True:
            at = stop
            if len(chain) and not self._data_right(int(chain[-1])):
                # The record before is damaged, perhaps by bytes that are missing: the next begins in it.
                at, chain = int(chain[-1]), chain[:-1]
            yield chain
            cut = self._further and self._reason(stop) in _UNREAD
            if at == self._end or cut:
                self.pending = at  # the rest is left to the next part of the file
                return
            found = self._next_record(at)
            if found is None:
                self._note_end(at)
                return
            self._gaps.append(Gap(at, found, self._reason(at).value))
            chain, stop = self._chain_from(found)

    def _chain_from(self, begin: int) -> tuple[Offsets, int]:
        """Walk in windows that grow: where damages are many, no lane is made in vain."""
        window, chains = WINDOW, []
        while True:
            limit = min(begin + window, self._end)
            chain, begin, whole = _one_by_one(self._buffer, begin, limit, self._end)
            chains.append(chain)
            if not whole or begin >= self._end:
                return np.concatenate(chains), begin
            if window > 64 * LANE:
                (rest,), (stop,) = _walk(self._buffer, [(begin, self._end)])
                return np.concatenate([*chains, rest]), stop
            window *= 2

    def _note_end(self, at: int) -> None:
        """Note a record that is not finished, or is damaged; nothing can be read behind either."""
        if self._reason(at) in _UNFINISHED:
            self.pending = at
        else:
            cut = self._reason(self.pending) in (Reason.BEYOND_PART, Reason.BEYOND_END)
            self._gaps.append(Gap(at, self.pending if cut else self._end, self._reason(at).value))

    def _reason(self, at: int) -> Reason:
        if self._end - at < FRAME - 4:
            return Reason.INCOMPLETE
        if masked(self._buffer[at : at + 8].data) != u32(self._buffer)[at + 8]:
            return Reason.LENGTH_CHECKSUM
        length = int(u64(self._buffer)[at])
        if length >= LONGEST:
            return Reason.TOO_LONG
        beyond = length + FRAME + at - self._end
        if beyond > 0:
            return Reason.BEYOND_PART if beyond <= self._further else Reason.BEYOND_END
        return Reason.DATA_CHECKSUM

    def _next_record(self, at: int) -> int | None:
        """Find the first place behind `at` where both checksums are right.

        Where there is none, `pending` is from where on to look when there is more: from a record that is cut
        off here, else from behind all that was looked at.
        """
        begin, window, last = at + 1, NEAR, self._end - FRAME + 1
        self.pending = max(at, last)
        while begin < last:
            places = np.arange(begin, min(begin + window, last))
            begin, window = begin + window, min(window * 2, WINDOW)
            lengths = u64(self._buffer)[places]
            right = (lengths < LONGEST) & (masked_lengths(lengths) == u32(self._buffer)[places + 8])
            for place in places[right].tolist():
                reason = self._reason(place)
                if self._effort < 0 or reason is Reason.BEYOND_PART:
                    self.pending = at if self._effort < 0 else place
                    return None
                if reason is Reason.BEYOND_END:
                    self.pending = min(self.pending, place)
                elif self._data_right(place):
                    return int(place)
        return None

    def _data_right(self, at: int) -> bool:
        length = int(u64(self._buffer)[at])
        self._effort -= length
        data = self._buffer[at + 12 : at + 12 + length].data
        return masked(data) == int(u32(self._buffer)[at + 12 + length])


def _walk(buffer: Bytes, files: Sequence[tuple[int, int]]) -> tuple[list[Offsets], list[int]]:
    """Walk the chain of each file as far as it goes.

    Returns:
        For each file where its records begin, and where the chain stops.
    """
    if sum(end - begin for begin, end in files) < LANES * LANE:
        walked = [_one_by_one(buffer, begin, end, end) for begin, end in files]
        return [chain for chain, _, _ in walked], [stop for _, stop, _ in walked]
    lanes = _lanes(buffer, files)
    order, visited, ends = _walk_lanes(buffer, lanes)
    chains, stops = [], []
    borders = np.searchsorted(lanes.file, np.arange(len(files) + 1))
    cuts = np.searchsorted(order, np.arange(len(lanes.start) + 1))
    for number, (_, end) in enumerate(files):
        parts, stop = [], files[number][0]
        for lane in range(borders[number], borders[number + 1]):
            if lanes.start[lane] < stop:
                continue  # what began here lay within a record
            if lanes.start[lane] > stop:
                chain, stop, whole = _one_by_one(buffer, stop, int(lanes.start[lane]), end)
                parts.append(chain)
                if not whole or stop != lanes.start[lane]:
                    if not whole:
                        break
                    continue
            parts.append(visited[cuts[lane] : cuts[lane + 1]])
            stop = int(ends[lane])
            if stop < lanes.limit[lane]:
                break
        else:
            chain, stop, _ = _one_by_one(buffer, stop, end, end)
            parts.append(chain)
        chains.append(np.concatenate(parts) if parts else np.empty(0, np.int64))
        stops.append(stop)
    return chains, stops


@dataclass(slots=True)
class _Lanes:
    """Places where records seem to begin: of each where, until where it is walked, and its file's end."""

    start: Offsets
    limit: Offsets
    end: Offsets
    file: Offsets


def _lanes(buffer: Bytes, files: Sequence[tuple[int, int]]) -> _Lanes:
    """Cut the files: a lane at the beginning of each, and further ones where a record seems to begin."""
    cuts = [np.arange(begin, max(end, begin + 1), LANE) for begin, end in files]
    start = np.concatenate(cuts) if cuts else np.empty(0, np.int64)
    counts = [len(cut) for cut in cuts]
    file = np.repeat(np.arange(len(files)), counts)
    end = np.repeat(np.array([end for _, end in files], np.int64), counts)
    first = np.zeros(len(start), bool)
    first[np.cumsum([0, *counts[:-1]])] = True
    found = first.copy()
    looking, searched = np.flatnonzero(~first), 0
    while len(looking) and searched < SEARCH:
        # Many places of each lane at once: within a long record, such as a graph, most are searched in vain.
        width = min(max(AT_ONCE // len(looking), 1), SEARCH - searched)
        ends = end[looking, np.newaxis]
        places = np.minimum(start[looking, np.newaxis] + np.arange(width), ends - 1)  # none fits at the end
        _, right = _headers(buffer, places.ravel(), np.repeat(ends, width))
        right = right.reshape(places.shape)
        hit = right.any(axis=1)
        found[looking[hit]] = True
        start[looking[hit]] = places[hit, right[hit].argmax(axis=1)]
        looking, searched = looking[~hit], searched + width
        start[looking] += width
        looking = looking[start[looking] < end[looking]]
    start, end, file = start[found], end[found], file[found]
    last = np.append(file[1:] != file[:-1], True) if len(file) else np.empty(0, bool)
    limit = np.where(last, end, np.append(start[1:], 0))
    return _Lanes(start, limit, end, file)


def _walk_lanes(buffer: Bytes, lanes: _Lanes) -> tuple[npt.NDArray[np.int64], Offsets, Offsets]:
    """Walk all lanes at once, one record of each at a time.

    Returns:
        Of each record visited its lane and where it begins, in order; and where each lane stops.
    """
    at = lanes.start.copy()
    going = np.flatnonzero(at < lanes.limit)
    numbers, places = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    while len(going):
        here = at[going]
        lengths, right = _headers(buffer, here, lanes.end[going])
        if not right.all():
            going, here, lengths = going[right], here[right], lengths[right]
        numbers.append(going)
        places.append(here)
        here = here + lengths + FRAME
        at[going] = here
        going = going[here < lanes.limit[going]]
    number, place = np.concatenate(numbers), np.concatenate(places)
    order = np.argsort(number.astype(np.uint16) if len(at) <= 1 << 16 else number, kind="stable")
    return number[order], place[order], at


def _one_by_one(buffer: Bytes, at: int, limit: int, end: int) -> tuple[Offsets, int, bool]:
    """Walk the chain from `at` until `limit` is reached or passed.

    Returns:
        Where the records begin, where it stopped, and whether it came as far as `limit`.
    """
    places = []
    lengths, checksums = u64(buffer), u32(buffer)
    while at < limit:
        if end - at < FRAME or masked(buffer[at : at + 8].data) != checksums[at + 8]:
            break
        length = int(lengths[at])
        if length >= LONGEST or length > end - at - FRAME:
            break
        places.append(at)
        at += length + FRAME
    return np.array(places, np.int64), at, at >= limit


def _headers(buffer: Bytes, places: Offsets, ends: Offsets) -> tuple[Offsets, npt.NDArray[np.bool_]]:
    """Read lengths, and return which have the right checksum and a record that lies within its file.

    Args:
        buffer: the bytes.
        places: int64 (n,), where the lengths are, none behind its file.
        ends: int64 (n,), where each one's file ends.
    """
    lengths = u64(buffer)[places]
    signed = lengths.view(np.int64)
    right = (lengths < LONGEST) & (signed <= ends - places - FRAME)
    which = slice(None) if right.all() else np.flatnonzero(right)
    right[which] = masked_lengths(lengths[which]) == u32(buffer)[places[which] + 8]
    return signed, right


def read_one(stream: BinaryIO) -> bytes | None:
    """Read the data of the record that begins where a stream is, None where both checksums are not right."""
    head = stream.read(FRAME - 4)
    if len(head) < FRAME - 4 or masked(head[:8]) != int.from_bytes(head[8:], "little"):
        return None
    length = int.from_bytes(head[:8], "little")
    if length > os.fstat(stream.fileno()).st_size:
        return None
    data, checksum = stream.read(length), stream.read(4)
    return data if masked(data) == int.from_bytes(checksum, "little") and len(checksum) == 4 else None  # noqa: PLR2004


def u64(buffer: Bytes) -> npt.NDArray[np.uint64]:
    """Read eight bytes from any place on."""
    return np.ndarray((len(buffer) - 7,), "<u8", buffer.data, 0, (1,))


def u32(buffer: Bytes) -> npt.NDArray[np.uint32]:
    """Read four bytes from any place on."""
    return np.ndarray((len(buffer) - 3,), "<u4", buffer.data, 0, (1,))
