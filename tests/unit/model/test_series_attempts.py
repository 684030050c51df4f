"""Holds the bins of a series to its attempts: a restart may go back in steps, no bin has points of two."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest

from nbhooks import figures
from nbhooks.model import series as room
from nbhooks.model.series import Series, SeriesView


def restarted(*attempts: tuple[range, float]) -> Series:
    """Make a series of attempts: the steps of each, and what is added to each step to make its value."""
    series = Series()
    for number, (steps, offset) in enumerate(attempts):
        if number:
            series.begin_attempt()
        for step in steps:
            series.add(step, 1000.0 * number + step, step + offset)
    return series


def by_attempt(view: SeriesView) -> list[slice]:
    """Return the bins of each attempt."""
    return [slice(begin, end) for begin, end in pairwise((0, *view.starts, len(view.x)))]


@pytest.mark.parametrize("again", [0, 300, 700, 999, 1000, 1500])
def test_no_bin_has_points_of_two_attempts(again: int) -> None:
    """The second attempt's values are a million higher: a bin with points of both would be as tall."""
    first, second = range(1000), range(again, again + 1234)
    view = restarted((first, 0.0), (second, 1e6)).view()
    assert view.generation >= 3
    one, other = by_attempt(view)
    assert (view.x[one][0], view.x[other][0]) == (0, again)
    for bins, offset, steps in ((one, 0.0, first), (other, 1e6, second)):
        x, low, high = view.x[bins], view.low[bins], view.high[bins]
        assert (np.diff(x) > 0).all()
        assert set(x.tolist()) <= set(steps)
        np.testing.assert_array_equal(low, np.float32(x + offset))
        assert (high - low < 2**view.generation).all()


def test_the_line_of_each_attempt_ends_where_its_data_does() -> None:
    view = restarted((range(1000), 0.0), (range(500, 900), 0.0)).view()
    one, other = by_attempt(view)
    assert view.x[one][-1] == pytest.approx(999, abs=2**view.generation)
    assert view.x[other][-1] == 899
    at_once = restarted((range(1000), 0.0), (range(500, 501), 0.0)).view()
    assert at_once.x[by_attempt(at_once)[0]][-1] == 999


def test_wall_times_go_with_the_bins() -> None:
    view = restarted((range(1000), 0.0), (range(500, 1500), 0.0)).view()
    for number, bins in enumerate(by_attempt(view)):
        np.testing.assert_array_equal(view.times[bins], 1000.0 * number + view.x[bins])


@pytest.mark.parametrize("seed", range(6))
def test_bins_are_those_found_by_brute_force(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each attempt has bins of as many points, the last one of fewer; the very first point is alone."""
    monkeypatch.setattr(room, "BINS", 64)
    generator = np.random.default_rng(seed)
    lengths = generator.integers(1, 200, 6).tolist()
    series = restarted(*((range(int(n)), 0.0) for n in lengths))
    view = series.view()
    assert len(view.starts) == 5
    each = 2**view.generation
    for number, (bins, length) in enumerate(zip(by_attempt(view), lengths, strict=True)):
        begins = [0, *range(1, length, each)] if number == 0 else list(range(0, length, each))
        found = view.x[bins].tolist()
        assert found[: len(begins)] == begins
        assert len(found) - len(begins) <= 1  # the latest point has a bin of its own


def test_an_attempt_without_points_leaves_nothing() -> None:
    series = restarted((range(3), 0.0))
    series.begin_attempt()
    assert series.view().starts == ()
    series.begin_attempt()
    series.add(1, 5.0, 7.0)
    view = series.view()
    assert view.starts == (3,)
    np.testing.assert_array_equal(view.x, [0, 1, 2, 1])
    np.testing.assert_array_equal(view.low, [0, 1, 2, 7])


def test_bins_are_bounded_however_often_a_run_begins_anew() -> None:
    series = Series()
    for attempt in range(3000):
        series.begin_attempt()
        series.add(attempt, 0.0, 1.0)
        assert len(series.view().x) <= room.BINS + 2
    assert series.view().starts
    assert math.isfinite(series.view().low.sum())


def test_a_figure_breaks_the_line_too() -> None:
    view = restarted((range(3), 0.0), (range(1, 4), 5.0)).view()
    [line, *_] = figures.figure([figures.Plot("loss", "", {"loss": view})]).axes[0].lines
    np.testing.assert_array_equal(line.get_xdata(), [0, 1, 2, math.nan, 1, 2, 3])
    np.testing.assert_array_equal(line.get_ydata(), [0, 1, 2, math.nan, 6, 7, 8])
