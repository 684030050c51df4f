"""Wall times that are no numbers leave the sessions as they are."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import pytest
from event_files import scalars, write

from nbhooks.replay import load

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("bits", [0x7FF0000000000001, 0x7FF8000000000000, 0xFFF0000000000001])
def test_no_nan_merges_two_sessions(tmp_path: Path, bits: int) -> None:
    [odd] = struct.unpack("<d", struct.pack("<Q", bits))
    for number in range(2):
        events = scalars(range(3), begin=100.0 + 1000 * number)
        events[-1].wall_time = odd
        write(tmp_path / f"events.out.tfevents.{number}", events)
    assert load(tmp_path).scalars["session"].tolist() == [0, 0, 0, 1, 1, 1]
