"""Checksums of many rows are those of each row, whichever way they are reckoned."""

from __future__ import annotations

import numpy as np
import pytest

from nbhooks.tfevents import checksums
from nbhooks.tfevents.checksums import Columns, masked, masked_rows


@pytest.mark.parametrize("count", [0, 1, 65, 300, 3000])
@pytest.mark.parametrize("length", [1, 7, 8, 57, 64, 803])
def test_checksums_of_rows(count: int, length: int) -> None:
    rows = np.random.default_rng(0).integers(0, 256, (count, -(-length // 8) * 8), np.uint8)
    assert masked_rows(rows, length).tolist() == [masked(row[:length].tobytes()) for row in rows]


@pytest.mark.parametrize("count", [0, 1, 65, 300, 3000])
@pytest.mark.parametrize("columns", [[], [0], [56], [3, 4, 5, 11, 40, 41], list(range(57))])
def test_checksums_of_rows_that_differ_in_some_columns(count: int, columns: list[int]) -> None:
    random = np.random.default_rng(0)
    rows = np.repeat(random.integers(0, 256, (1, 64), np.uint8), count + 1, axis=0)
    rows[:, columns] = random.integers(0, 256, (count + 1, len(columns)), np.uint8)
    alike = Columns(rows[0, :57].tobytes(), columns)
    assert alike.masked(rows[1:]).tolist() == [masked(row[:57].tobytes()) for row in rows[1:]]


def test_checksums_of_rows_of_ever_more_bytes() -> None:
    random = np.random.default_rng(0)
    for length in (8, 16, 400, 40, 2000):
        rows = np.zeros((2000, length), np.uint8)
        rows[:, 1:5] = random.integers(0, 256, (2000, 4), np.uint8)
        alike = Columns(bytes(length), range(1, 5))
        assert alike.masked(rows).tolist() == [masked(row.tobytes()) for row in rows]


def test_another_thread_may_lengthen_the_table_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checksums, "_BEHIND", checksums._BYTE[None])
    empty = np.empty

    def swapped(shape: tuple[int, ...], dtype: type) -> np.ndarray:
        monkeypatch.setattr(np, "empty", empty)
        Columns(bytes(900), [0])  # as another thread does while this one makes room
        return empty(shape, dtype)

    monkeypatch.setattr(np, "empty", swapped)
    rows = np.zeros((2000, 64), np.uint8)
    rows[:, 5] = np.arange(2000) % 256
    assert Columns(bytes(64), [5]).masked(rows).tolist() == [masked(row.tobytes()) for row in rows]
