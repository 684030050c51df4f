"""A signaling NaN as wall time, which numpy's functions do not pass over, is a NaN like any other."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import pytest
from event_files import NAME, scalars
from tensorboard.summary.writer.record_writer import RecordWriter

from nbhooks.replay import load

if TYPE_CHECKING:
    from pathlib import Path

SIGNALING = struct.pack("<Q", 0x7FF0000000000001)


@pytest.mark.parametrize("count", [3, 100])
@pytest.mark.parametrize("where", [0, 1, -1])
def test_sessions_stay_apart(tmp_path: Path, where: int, count: int) -> None:
    for number, begin in enumerate((100.0, 1000.0)):
        events = scalars(range(count), begin=begin)
        written = [event.SerializeToString() for event in events]
        written[where] = written[where].replace(struct.pack("<d", events[where].wall_time), SIGNALING)
        with (tmp_path / f"{NAME}.{number}").open("wb") as file:
            writer = RecordWriter(file)
            for one in written:
                writer.write(one)
    runs = load(tmp_path)
    assert runs.scalars["session"].tolist() == [0] * count + [1] * count
    assert runs.scalars["wall_time"].isna().sum() == 2
