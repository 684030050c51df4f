"""Bytes of a file that are read again, to see whether they are still the same."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nbhooks.tfevents.tfrecord import Bytes

AGAIN = 60.0
"""Seconds for which a damage is read again at every look, even where the file seems unchanged."""

NEARBY = 65_536
"""Bytes between two damages that are rather read again with them than skipped."""

PAGE = 4096
"""Bytes at the beginning and at the end of what was read by which a file is recognized, at the most."""

PIECE = 2**20
"""Bytes of a long stretch that are read at once."""


class Stretch(NamedTuple):
    """Some bytes of a file.

    Attributes:
        begin, end: where they are.
        checksum: crc32 of them.
    """

    begin: int = 0
    end: int = 0
    checksum: int = 0

    def and_on(self, end: int, data: Bytes) -> Stretch:
        """Give the stretch with what comes behind it, as far as `end`."""
        return Stretch(self.begin, end, zlib.crc32(data.data, self.checksum))

    def same(self, stream: BinaryIO) -> bool:
        """Read the bytes, and compare them."""
        stream.seek(self.begin)
        left, checksum = self.end - self.begin, 0
        while left:
            data = stream.read(min(left, PIECE))
            if not data:
                return False
            left, checksum = left - len(data), zlib.crc32(data, checksum)
        return checksum == self.checksum


NOWHERE = Stretch()
"""No bytes at all, which are always the same."""


class Damage(NamedTuple):
    """A stretch without records, which may still be written; one for several that are near one another.

    Attributes:
        stretch: the bytes.
        until: the time until which they are read at every look.
        before: what was known of the file before the reading that came upon the first of them.
    """

    stretch: Stretch
    until: float
    before: Mapping[str, Any]
