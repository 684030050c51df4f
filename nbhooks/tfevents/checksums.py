"""The checksum of TFRecord files, crc32c with a mask, over many rows at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import google_crc32c
import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Sequence

Words: TypeAlias = npt.NDArray[np.uint32]

_POLYNOMIAL = 0x82F63B78
_MASK = np.uint32(0xA282EAD8)

_OF_A_STEP = 1000
"""Rows whose four bytes take as long as what numpy does beside them."""

_OF_A_CALL = 60
"""Rows whose four bytes take as long as all of one row where it is taken by itself."""


def masked(data: bytes | memoryview) -> int:
    """Give the masked crc32c of some bytes, as a TFRecord file stores it."""
    crc = google_crc32c.value(bytes(data))
    return int(((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF)


def masked_rows(rows: npt.NDArray[np.uint8], length: int) -> Words:
    """Give the masked crc32c of each row.

    Args:
        rows: (n, at least `length`), contiguous, each row a multiple of four bytes.
        length: how many bytes of each row count.

    Returns:
        uint32 (n,).
    """
    if length * (_OF_A_STEP + len(rows)) > 4 * _OF_A_CALL * len(rows):
        return _one_by_one(rows, length)
    words = rows.view("<u4")
    crc = np.full(len(rows), 0xFFFFFFFF, np.uint32)
    for number in range(length // 4):
        crc ^= words[:, number]
        crc = _LOW[crc & 0xFFFF] ^ _HIGH[crc >> 16]
    for number in range(length // 4 * 4, length):
        crc = _BYTE[(crc ^ rows[:, number]) & 0xFF] ^ (crc >> 8)
    return mask(~crc)


class Columns:
    """The checksum of rows that differ in some columns only: what the others do to it is reckoned once.

    Two rows that differ in a byte differ in their checksums by what that byte, and the zeros that stand
    behind it, would make of nothing.
    """

    def __init__(self, row: bytes, columns: Sequence[int]) -> None:
        """Reckon what all rows share.

        Args:
            row: one of them.
            columns: which bytes differ.
        """
        zeroed = bytearray(row)
        for column in columns:
            zeroed[column] = 0
        self._length, self._columns = len(row), columns
        self._shared = np.uint32(google_crc32c.value(bytes(zeroed)))
        self._tables = _behind(len(row))

    def masked(self, rows: npt.NDArray[np.uint8]) -> Words:
        """Give the masked crc32c of each row, all of which are alike but in these columns."""
        if 2 * len(self._columns) * (_OF_A_STEP + len(rows)) > 4 * _OF_A_CALL * len(rows):
            return masked_rows(rows, self._length)
        crc = np.full(len(rows), self._shared, np.uint32)
        for column in self._columns:
            crc ^= self._tables[self._length - 1 - column].take(rows[:, column])
        return mask(crc)


def _behind(length: int) -> Words:
    """Give what each byte does to a checksum, by how many zeros stand behind it: so many, or more."""
    global _BEHIND  # noqa: PLW0603 - it grows with the longest row so far
    known = _BEHIND  # once: another thread may put a longer one there
    if len(known) < length:
        grown = np.empty((max(length, 2 * len(known)), 256), np.uint32)
        grown[: len(known)] = known
        for number in range(len(known), len(grown)):
            grown[number] = _BYTE[grown[number - 1] & 0xFF] ^ (grown[number - 1] >> 8)
        _BEHIND = known = grown
    return known


def _one_by_one(rows: npt.NDArray[np.uint8], length: int) -> Words:
    data, size = rows.tobytes(), rows.shape[1]
    crc = (google_crc32c.value(data[at : at + length]) for at in range(0, len(data), size))
    return mask(np.fromiter(crc, np.uint32, len(rows)))


def masked_lengths(lengths: npt.NDArray[np.uint64]) -> Words:
    """Give the masked crc32c of each length, eight bytes as they stand in a file."""
    if not len(lengths) or lengths.max() < len(_SHORT):
        return _SHORT[lengths]
    return _masked_lengths(lengths)


def _masked_lengths(lengths: npt.NDArray[np.uint64]) -> Words:
    crc = (lengths & np.uint64(0xFFFFFFFF)).astype(np.uint32) ^ np.uint32(0xFFFFFFFF)
    crc = _LOW[crc & 0xFFFF] ^ _HIGH[crc >> 16]
    crc ^= (lengths >> np.uint64(32)).astype(np.uint32)
    return mask(~(_LOW[crc & 0xFFFF] ^ _HIGH[crc >> 16]))


def mask(crc: Words) -> Words:
    """Turn and shift each checksum: a checksum of data that hold checksums would be a weak one."""
    return np.add(crc >> np.uint32(15) | crc << np.uint32(17), _MASK, dtype=np.uint32)


def _tables() -> tuple[Words, Words, Words]:
    """Make what a byte does to a checksum, and what the low and the high half of four bytes do."""
    byte = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        byte = np.where(byte & 1, byte >> 1 ^ np.uint32(_POLYNOMIAL), byte >> 1)
    further = [byte]
    for _ in range(3):
        further.append(further[-1] >> 8 ^ byte[further[-1] & 0xFF])
    half = np.arange(65536)
    low = further[3][half & 0xFF] ^ further[2][half >> 8]
    high = further[1][half & 0xFF] ^ further[0][half >> 8]
    return byte, low, high


_BYTE, _LOW, _HIGH = _tables()
_BEHIND = _BYTE[None]
_SHORT = _masked_lengths(np.arange(1 << 16, dtype=np.uint64))
"""Of the lengths that nearly all records have."""
