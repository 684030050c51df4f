"""Holds what hostile or damaged records may cost: no quadratic time, no memory that they claim."""

from __future__ import annotations

import tracemalloc
from typing import TYPE_CHECKING

import numpy as np
import pytest
from event_files import NAME
from raw_records import flip, frame, header, problems, scalar

from nbhooks.replay import load
from nbhooks.tfevents import checksums, files, tfrecord

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("every_way_to_frame")


@pytest.mark.parametrize("spread", ["to the end", "one after another"])
def test_false_headers_cost_no_quadratic_time(monkeypatch: pytest.MonkeyPatch, spread: str) -> None:
    size = 1_200_000
    lengths = [size - at - 17 if spread == "to the end" else size // 2 for at in range(0, size // 2, 12)]
    data = b"\1" + b"".join(map(header, lengths))
    data += bytes(size - len(data))
    looked_at = 0

    def counting(part: bytes | memoryview) -> int:
        nonlocal looked_at
        looked_at += len(part)
        return checksums.masked(part)

    monkeypatch.setattr(tfrecord, "masked", counting)
    tracemalloc.start()
    framed, _ = frame(data)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(framed.starts) == 0
    assert [(gap.begin, gap.end) for gap in framed.gaps] == [(0, size)]
    assert looked_at < (tfrecord.EFFORT + 2) * size
    assert peak < 8 * size + 2**24


def test_many_damages_cost_no_search_of_a_whole_window_each(monkeypatch: pytest.MonkeyPatch) -> None:
    written = [scalar(step) for step in range(4000)]
    data = b"".join(flip(one, 1) if number % 2 else one for number, one in enumerate(written))
    searched = 0

    def counting(lengths: np.ndarray) -> np.ndarray:
        nonlocal searched
        searched += len(lengths)
        return checksums.masked_lengths(lengths)

    monkeypatch.setattr(tfrecord, "masked_lengths", counting)
    framed, (held,) = frame(data)
    assert len(held) == 2000
    assert len(framed.gaps) == 2000
    assert searched < 50 * len(data)


def test_giant_claims_take_no_memory(tmp_path: Path) -> None:
    path = tmp_path / NAME
    path.write_bytes(b"".join(header(2**62 - number) + scalar(number) for number in range(300)))
    tracemalloc.start()
    runs = load(path)
    assert len(runs.scalars) == 300
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2**26


@pytest.mark.parametrize("what", ["zeros", "noise"])
def test_a_long_gap_is_looked_at_once(what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No file is read whole for a gap, nor the gap searched again when something comes behind it."""
    monkeypatch.setattr(files, "BATCH", 1000)
    size = 300_000
    gap = bytes(size) if what == "zeros" else np.random.default_rng(1).bytes(size)
    path, largest, framed = tmp_path / NAME, 0, tfrecord.frame

    def measured(buffer: np.ndarray, *more: object) -> tfrecord.Framed:
        nonlocal largest
        largest = max(largest, len(buffer))
        return framed(buffer, *more)

    monkeypatch.setattr(tfrecord, "frame", measured)
    path.write_bytes(scalar(1) + gap)
    runs = load(path)
    assert largest < 3000
    assert problems(runs) == [(len(scalar(1)), size)]
    for step in (2, 3):
        largest = 0
        with path.open("ab") as file:
            file.write(scalar(step))
        runs.reload()
        assert largest < 3000
        assert problems(runs) == [(len(scalar(1)), size)]
    assert runs.scalars["step"].tolist() == [1, 2, 3]
