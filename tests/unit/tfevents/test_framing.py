"""Holds framing to its word: every undamaged record comes back, and nothing is invented."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import numpy as np
import pytest
from event_files import NAME
from raw_records import flip, frame, masked, record, scalar
from tensorboard.compat.proto.event_pb2 import Event

from nbhooks.replay import load
from nbhooks.tfevents import checksums, tfrecord

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("every_way_to_frame")


# Checksums


@pytest.mark.parametrize("length", range(41))
def test_checksums_are_those_of_google(length: int) -> None:
    rows = np.random.default_rng(length).integers(0, 256, (50, -(-length // 8) * 8 or 8), np.uint8)
    expected = [masked(row[:length].tobytes()) for row in rows]
    assert [checksums.masked(row[:length].tobytes()) for row in rows] == expected
    assert checksums.masked_rows(rows, length).tolist() == expected


def test_checksums_of_lengths() -> None:
    generator = np.random.default_rng(0)
    lengths = generator.integers(0, 1 << 63, 1000, np.uint64) >> generator.integers(0, 63, 1000, np.uint64)
    lengths[:3] = 0, 40, 2**64 - 1
    expected = [masked(struct.pack("<Q", length)) for length in lengths.tolist()]
    assert checksums.masked_lengths(lengths).tolist() == expected


# Whole files


@pytest.mark.parametrize(
    "lengths",
    [[], [0], [0] * 500, [1], [5, 0, 7], [1_000_000], [3, 1_000_000, 2, 0, 300_000] * 3, list(range(3000))],
    ids=["none", "empty", "500 empty", "tiny", "few", "long", "mixed", "all lengths"],
)
def test_every_record_comes_back(lengths: list[int]) -> None:
    generator = np.random.default_rng(1)
    written = [generator.bytes(length) for length in lengths]
    framed, (held,) = frame(b"".join(map(record, written)))
    assert held == written
    assert framed.gaps == []


def test_many_files_in_one_buffer_stay_apart() -> None:
    generator = np.random.default_rng(2)
    written = [
        [generator.bytes(int(size)) for size in generator.integers(0, 90, n)] for n in (0, 1, 0, 900, 2, 0)
    ]
    files = [b"".join(map(record, file)) for file in written]
    torn = [file[:-3] for file in files]
    ends = np.cumsum([len(file) for file in files]).tolist()
    framed, held = frame(*files)
    assert held == written
    assert framed.pending == ends
    framed, held = frame(*torn)
    assert held == [file[:-1] for file in written]
    assert framed.gaps == []
    kept = [sum(len(record(data)) for data in file[:-1]) for file in written]
    begins = np.cumsum([0, *map(len, torn)]).tolist()
    assert framed.pending == [begin + size for begin, size in zip(begins, kept, strict=False)]


def test_lanes_across_many_small_records() -> None:
    written = [struct.pack("<I", number)[: number % 5] for number in range(200_000)]
    kinds = [record(data) for data in written]
    whole = b"".join(kinds)
    framed = tfrecord.frame(np.frombuffer(whole + bytes(tfrecord.PADDING), np.uint8), [(0, len(whole))])
    assert len(whole) > 100 * tfrecord.LANE
    np.testing.assert_array_equal(framed.lengths, [len(data) for data in written])
    np.testing.assert_array_equal(framed.starts, np.cumsum([0, *map(len, kinds[:-1])]))


@pytest.mark.parametrize("torn", range(16))
def test_a_tail_is_not_taken_for_what_stands_elsewhere(torn: int) -> None:
    whole = record(b"") * 3 + record(b"x")
    framed, (held,) = frame(whole + record(b"")[:torn])
    assert held == [b"", b"", b"", b"x"]
    assert framed.pending == [len(whole)]
    assert framed.gaps == []


@pytest.mark.parametrize("length", range(5))
def test_a_short_record_at_the_end_may_be_damaged(length: int) -> None:
    whole, last = record(b"x") * 3, record(bytes(length))
    framed, (held,) = frame(whole + flip(last, 9))
    assert held == [b"x"] * 3
    assert [(gap.begin, gap.end) for gap in framed.gaps] == [(len(whole), len(whole) + len(last))]


@pytest.mark.parametrize("shift", [0, 1, 7, 4095])
def test_an_event_file_inside_a_payload_stays_there(shift: int, tmp_path: Path) -> None:
    inner = b"".join(scalar(step, 0.5) for step in range(3000))  # long enough for lanes to begin in it
    path = tmp_path / NAME
    odd = record(Event(file_version="x" * shift).SerializeToString())
    tensor = Event(wall_time=1.0, step=1)
    tensor.summary.value.add(tag="bytes").tensor.string_val.append(inner)
    tensor.summary.value[0].tensor.dtype = 7
    path.write_bytes(odd + scalar(1) + record(tensor.SerializeToString()) + scalar(2))
    runs = load(path)
    assert runs.scalars["value"].tolist() == [0.25, 0.5]
    assert runs.tensors["value"].item().item() == inner
    assert not len(runs.problems)


def test_behind_a_damage_a_record_may_not_be_finished() -> None:
    """What claims to end beyond the end may do so yet; only what comes before it is lost."""
    torn = record(bytes(100))[:-7]
    framed, _ = frame(b"\1" * 50 + torn)
    assert [(gap.begin, gap.end) for gap in framed.gaps] == [(0, 50)]
    assert framed.pending == [50]
