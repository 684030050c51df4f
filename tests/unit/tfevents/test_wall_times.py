"""Wall times that are no numbers leave the sessions as they are, signaling NaNs among them."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import pytest
from event_files import NAME, scalars, write
from tensorboard.summary.writer.record_writer import RecordWriter

from nbhooks.replay import load

if TYPE_CHECKING:
    from pathlib import Path

SIGNALING = 0x7FF0000000000001


@pytest.mark.parametrize("bits", [SIGNALING, 0x7FF8000000000000, 0xFFF0000000000001])
def test_no_nan_merges_two_sessions(tmp_path: Path, bits: int) -> None:
    [odd] = struct.unpack("<d", struct.pack("<Q", bits))
    for number in range(2):
        events = scalars(range(3), begin=100.0 + 1000 * number)
        events[-1].wall_time = odd
        write(tmp_path / f"events.out.tfevents.{number}", events)
    assert load(tmp_path).scalars["session"].tolist() == [0, 0, 0, 1, 1, 1]


@pytest.mark.parametrize("count", [3, 100])
@pytest.mark.parametrize("where", [0, 1, -1])
def test_a_signaling_nan_in_the_file_merges_none(tmp_path: Path, where: int, count: int) -> None:
    """Its bytes are put in place of a number's: Python's floats may not keep it signaling."""
    signaling = struct.pack("<Q", SIGNALING)
    for number, begin in enumerate((100.0, 1000.0)):
        events = scalars(range(count), begin=begin)
        written = [event.SerializeToString() for event in events]
        written[where] = written[where].replace(struct.pack("<d", events[where].wall_time), signaling)
        with (tmp_path / f"{NAME}.{number}").open("wb") as file:
            writer = RecordWriter(file)
            for one in written:
                writer.write(one)
    runs = load(tmp_path)
    assert runs.scalars["session"].tolist() == [0] * count + [1] * count
    assert runs.scalars["wall_time"].isna().sum() == 2
