"""Holds the tails of a series to what its views show: put together they are the whole."""

from __future__ import annotations

import math

import numpy as np
import pytest

from nbhooks.model import series as room
from nbhooks.model.series import Series, SeriesView, Tail


class Chart:
    """Puts tails together, as a chart in a page does."""

    def __init__(self) -> None:
        self.columns = [np.zeros(0)] * 4
        self.generation, self.settled = -1, 0

    def take(self, tail: Tail) -> None:
        if tail.generation != self.generation:
            assert tail.begin == 0
        self.generation, self.settled = tail.generation, tail.settled
        n = tail.bins
        assert len(tail.packed) == 24 * n
        fresh = (
            np.frombuffer(tail.packed, "<f8", n),
            np.frombuffer(tail.packed, "<f8", n, 8 * n),
            np.frombuffer(tail.packed, "<f4", n, 16 * n),
            np.frombuffer(tail.packed, "<f4", n, 20 * n),
        )
        self.columns = [
            np.append(old[: tail.begin], new) for old, new in zip(self.columns, fresh, strict=True)
        ]

    def shows(self, view: SeriesView) -> bool:
        expected = (view.x, view.times, view.low, view.high)
        return all(
            np.array_equal(mine, its, equal_nan=True)
            for mine, its in zip(self.columns, expected, strict=True)
        )


@pytest.mark.parametrize("seed", range(6))
def test_tails_put_together_are_the_view(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "BINS", 16)
    monkeypatch.setattr(room, "ATTEMPTS", 2)
    generator = np.random.default_rng(seed)
    series, chart, step = Series(), Chart(), 0
    for _ in range(400):
        draw = generator.random()
        if draw < 0.03:
            series.begin_attempt()
            step = int(generator.integers(0, step + 1))
        elif draw < 0.1 and series.count:
            count = int(generator.integers(1, 40))
            steps = np.arange(step, step + count)
            series.extend(steps, 0.25 * steps, steps.astype(np.float64))
            step += count
        else:
            value = float(generator.choice([generator.normal(), math.nan, math.inf], p=[0.8, 0.1, 0.1]))
            series.add(step, 0.25 * step, value)
            step += int(generator.integers(1, 5))
        if generator.random() < 0.5:
            tail = series.tail(chart.generation, chart.settled)
            chart.take(tail)
            view = series.view()
            assert chart.shows(view)
            assert (tail.starts, tail.points, tail.step, tail.nonfinite, tail.marks, tail.thinned) == (
                view.starts,
                view.count,
                view.step,
                view.nonfinite,
                view.marks,
                view.thinned,
            )
    assert chart.generation > 3


def test_a_tail_has_no_more_than_is_new() -> None:
    series = Series()
    for step in range(100):
        series.add(step, 0.0, 1.0)
    whole = series.tail(-1, 0)
    series.add(100, 0.0, 1.0)
    tail = series.tail(whole.generation, whole.settled)
    assert (whole.begin, whole.bins) == (0, 100)
    assert (tail.begin, tail.bins) == (100, 1)


@pytest.mark.parametrize("way", ["add", "extend", "take"])
def test_a_bin_has_the_wall_time_of_its_first_point(way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "BINS", 8)
    steps = np.arange(3, 150)
    times = 1e9 + 0.5 * steps**2
    series = Series()
    if way == "add":
        for step, time in zip(steps.tolist(), times.tolist(), strict=True):
            series.add(step, time, 1.0)
    elif way == "take":
        series.take(steps, times, np.ones(len(steps)))
    else:
        series.add(3, times[0], 1.0)
        series.extend(np.array(steps[1:]), np.array(times[1:], np.float64), np.ones(len(steps) - 1))
    view = series.view()
    assert view.generation > 2
    assert view.times.dtype == np.float64
    np.testing.assert_array_equal(view.times, 1e9 + 0.5 * view.x**2)
