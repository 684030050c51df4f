"""Scalars of many events at once: events of one layout differ in wall time, step and values alone.

One of them is read by hand into a template, which says where those are and what all else must be. Every
event that fits is then read as columns, and what fits no template goes to protobuf.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

from nbhooks.tfevents.checksums import Columns

if TYPE_CHECKING:
    from collections.abc import Iterator

Rows: TypeAlias = npt.NDArray[np.uint8]

WORD = 8
"""Bytes that are compared at once; a row is a multiple of them."""

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
"""How protobuf writes a field."""

CONTENT = {
    1: "<f4",
    2: "<f8",
    3: "<i4",
    4: "<u1",
    5: "<i2",
    6: "<i1",
    9: "<i8",
    17: "<u2",
    19: "<f2",
    22: "<u4",
    23: "<u8",
}
"""Numbers of TensorFlow's dtypes whose ``tensor_content`` numpy reads as it stands."""

_METADATA = {1: BYTES, 2: BYTES, 3: BYTES, 4: VARINT}
"""Fields of a value's metadata: data of the plugin, display name, description and class of data."""

_PACKED = {5: ("<f4", 1), 6: ("<f8", 2)}
"""Of a tensor's value fields: how a value is written, and the dtype that it belongs to."""


class _UnknownLayoutError(Exception):
    """An event has something that templates do not know; protobuf does."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A scalar in an event.

    Attributes:
        tag: its name.
        begin: at which byte of the event.
        dtype: how it is written.
        metadata: the ``SummaryMetadata`` that comes with it, serialized; None where there is none.
    """

    tag: str
    begin: int
    dtype: str
    metadata: bytes | None


@dataclass(frozen=True, slots=True)
class Template:
    """The layout of an event.

    Attributes:
        slots: its scalars, in order.
        wall_time: at which byte that is, None where there is none.
        step: at which bytes the step is, none where there are none.
        checksum: of the rows that fit.
    """

    slots: tuple[Slot, ...]
    wall_time: int | None
    step: range
    _same: npt.NDArray[np.uint64]
    _mask: npt.NDArray[np.uint64]
    checksum: Columns

    def fits(self, rows: Rows) -> npt.NDArray[np.bool_]:
        """Return which rows have this layout.

        Args:
            rows: (n, as many bytes as the template has words for).
        """
        words = rows.view("<u8")
        differs: npt.NDArray[np.uint64] = np.zeros(len(rows), np.uint64)
        for number, (same, mask) in enumerate(zip(self._same, self._mask, strict=True)):
            if mask:
                differs |= (words[:, number] ^ same) & mask
        fits: npt.NDArray[np.bool_] = differs == 0
        return fits

    def wall_times(self, rows: Rows) -> npt.NDArray[np.float64]:
        """Read the wall times of rows that fit."""
        return np.zeros(len(rows)) if self.wall_time is None else _column(rows, self.wall_time, "<f8").copy()

    def steps(self, rows: Rows) -> npt.NDArray[np.int64]:
        """Read the steps of rows that fit."""
        steps = np.zeros(len(rows), np.uint64)
        for number, place in enumerate(self.step):
            steps |= (rows[:, place].astype(np.uint64) & np.uint64(0x7F)) << np.uint64(7 * number)
        return steps.view(np.int64)

    @staticmethod
    def values(rows: Rows, slot: Slot) -> npt.NDArray[np.float64]:
        """Read a scalar of rows that fit."""
        with np.errstate(invalid="ignore"):  # some NaN are signals; a NaN like any other is what they become
            return _column(rows, slot.begin, slot.dtype).astype(np.float64)


def template(event: bytes) -> Template | None:
    """Read the layout of an event, None where it has anything but scalars."""
    try:
        return _template(event)
    except (_UnknownLayoutError, IndexError, UnicodeDecodeError):
        return None


def _template(event: bytes) -> Template:
    varies = bytearray(-(-len(event) // WORD) * WORD)  # a bit is set where rows may differ
    slots: list[Slot] = []
    wall_time, step = None, range(0)
    seen: set[int] = set()
    for field, kind, begin, end in _fields(event, 0, len(event)):
        if field in seen:
            raise _UnknownLayoutError
        seen.add(field)
        if (field, kind) == (1, FIXED64):
            wall_time = begin
            varies[begin:end] = b"\xff" * (end - begin)
        elif (field, kind) == (2, VARINT):
            step = range(begin, end)
            # A tenth byte has one bit; what protobuf does with more is its own business.
            varies[begin:end] = (b"\x7f" * 9 + b"\x01")[: end - begin]
        elif (field, kind) == (5, BYTES):
            slots = [_slot(event, *value) for value in _fields(event, begin, end)]
        else:
            raise _UnknownLayoutError
    if not slots:
        raise _UnknownLayoutError
    for slot in slots:
        size = np.dtype(slot.dtype).itemsize
        varies[slot.begin : slot.begin + size] = b"\xff" * size
    mask = ~np.frombuffer(bytes(varies), np.uint8)
    mask[len(event) :] = 0
    same = np.zeros(len(mask), np.uint8)
    same[: len(event)] = np.frombuffer(event, np.uint8)
    checksum = Columns(event, [place for place, bits in enumerate(varies) if bits])
    return Template(tuple(slots), wall_time, step, same.view("<u8"), mask.view("<u8"), checksum)


def _slot(event: bytes, field: int, kind: int, begin: int, end: int) -> Slot:
    """Read a summary's value, which must be a tag and a scalar, with or without metadata."""
    if (field, kind) != (1, BYTES):
        raise _UnknownLayoutError
    tag, found, metadata = None, None, None
    for inner, how, first, last in _fields(event, begin, end):
        if (inner, how) == (1, BYTES) and tag is None:
            tag = event[first:last].decode("utf-8")
        elif (inner, how) == (2, FIXED32) and found is None:
            found = first, "<f4"
        elif (inner, how) == (8, BYTES) and found is None:
            found = _tensor(event, first, last)
        elif (inner, how) == (9, BYTES) and metadata is None:
            metadata = _metadata(event, first, last)
        else:
            raise _UnknownLayoutError
    if tag is None or found is None:
        raise _UnknownLayoutError
    return Slot(tag, *found, metadata)


def _metadata(event: bytes, begin: int, end: int) -> bytes:
    """Read a value's metadata, which must say nothing but how to show it."""
    seen: set[int] = set()
    for field, kind, first, last in _fields(event, begin, end):
        if field in seen or kind != _METADATA.get(field):
            raise _UnknownLayoutError
        seen.add(field)
        if field == 1:
            _plugin(event, first, last)
        elif kind == BYTES:
            event[first:last].decode("utf-8")  # protobuf refuses an event with a text that is none
    return event[begin:end]


def _plugin(event: bytes, begin: int, end: int) -> None:
    """Read a plugin's data, which may be anything but hyper-parameters: those are read by themselves."""
    seen: set[int] = set()
    for field, kind, first, last in _fields(event, begin, end):
        if field in seen or field not in (1, 2) or kind != BYTES:
            raise _UnknownLayoutError
        seen.add(field)
        if field == 1 and event[first:last].decode("utf-8") == "hparams":
            raise _UnknownLayoutError


def _tensor(event: bytes, begin: int, end: int) -> tuple[int, str]:
    """Read a tensor, which must be a scalar of a type that is written as it stands."""
    number, found, belongs = None, None, None
    for field, kind, first, last in _fields(event, begin, end):
        if (field, kind) == (1, VARINT) and number is None and last - first == 1:
            number = event[first]
        elif (field, kind) == (2, BYTES) and first == last:
            pass  # the shape of a scalar has nothing in it
        elif (field, kind) == (4, BYTES) and found is None:
            found = first, CONTENT.get(number or 0, ""), last - first
            belongs = number
        elif field in _PACKED and kind in (BYTES, FIXED32, FIXED64) and found is None:
            dtype, belongs = _PACKED[field]
            found = first, dtype, last - first
        else:
            raise _UnknownLayoutError
    if found is None or belongs != number or not found[1] or np.dtype(found[1]).itemsize != found[2]:
        raise _UnknownLayoutError
    return found[0], found[1]


def _fields(event: bytes, at: int, end: int) -> Iterator[tuple[int, int, int, int]]:
    """Yield each field's number, how it is written, and where its value begins and ends."""
    while at < end:
        key, at = event[at], at + 1
        if key >= 0x80:  # noqa: PLR2004 - no field of ours has a longer key, and protobuf refuses some of them
            raise _UnknownLayoutError
        kind = key & 7
        if kind == VARINT:
            _, after = _varint(event, at)
        elif kind == BYTES:
            length, first = _varint(event, at)
            if first - at > 1 and not event[first - 1]:  # longer than need be: protobuf takes some of them
                raise _UnknownLayoutError
            at, after = first, first + length
        elif kind in (FIXED64, FIXED32):
            after = at + (8 if kind == FIXED64 else 4)
        else:
            raise _UnknownLayoutError
        if after > end:
            raise _UnknownLayoutError
        yield key >> 3, kind, at, after
        at = after


def _varint(event: bytes, at: int) -> tuple[int, int]:
    """Read a number written seven bits a byte, the lowest first."""
    value, shift = 0, 0
    while True:
        byte = event[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if value >> 64 or (byte >= 0x80 and shift > 63):  # noqa: PLR2004 - ten bytes hold 64 bits
            raise _UnknownLayoutError
        if byte < 0x80:  # noqa: PLR2004 - the highest bit says that another byte comes
            return value, at


def _column(rows: Rows, begin: int, dtype: str) -> npt.NDArray[np.float64]:
    """View the numbers at a byte of each row."""
    return np.ndarray((len(rows),), dtype, rows.data, begin, rows.strides[:1])
