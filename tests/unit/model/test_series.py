"""Holds one tag's numbers to their promises: nothing extreme is lost, nothing grows without a bound."""

import itertools
import math
import tracemalloc
from bisect import bisect_right
from collections.abc import Iterator

import numpy as np
import pytest

from nbhooks.model import series as room
from nbhooks.model.series import Series, SeriesView

KINDS = ("noise", "constant", "rising", "holes", "only NaN", "infinities", "one number")


def numbers(kind: str, length: int) -> list[float]:
    generator = np.random.default_rng(length)
    values = generator.normal(size=length)
    if kind == "constant":
        values[:] = 2.5
    elif kind == "rising":
        values = np.arange(length, dtype=float)
    elif kind == "holes":
        values[generator.random(length) < 0.5] = math.nan
    elif kind == "only NaN":
        values[:] = math.nan
    elif kind == "infinities":
        values[generator.random(length) < 0.3] = math.inf
        values[generator.random(length) < 0.3] = -math.inf
    elif kind == "one number":
        values[:] = math.nan
        values[length // 2 : length // 2 + 1] = 1.0
    return values.tolist()


def steps(length: int) -> list[int]:
    return [7 + 3 * i for i in range(length)]


def filled(step: list[int], values: list[float]) -> Series:
    series = Series()
    for at, value in zip(step, values, strict=True):
        series.add(at, 1000.0 + at, value)
    return series


def expected_bins(step: list[int], values: list[float], bins: int) -> tuple[int, list[tuple]]:
    """Bin by brute force: the first point alone, then the fewest points a bin that are a power of two.

    The latest point comes once more, unless there is nothing to draw in its bin.
    """
    per_bin, generation = 1, 0
    while len(values) - 1 > bins * per_bin:
        per_bin, generation = 2 * per_bin, generation + 1
    borders = [0, *range(1, len(values), per_bin), len(values)]
    found = []
    for begin, end in itertools.pairwise(borders):
        finite = [value for value in values[begin:end] if math.isfinite(value)] or [math.nan]
        if end > begin:
            found.append((step[begin], min(finite), max(finite)))
    if len(borders) > 2 and borders[-1] - borders[-2] > 1 and math.isfinite(found[-1][1]):
        latest = values[-1] if math.isfinite(values[-1]) else math.nan
        found.append((step[-1], latest, latest))
    return generation, found


def assert_bins(view: SeriesView, step: list[int], values: list[float], bins: int) -> None:
    generation, found = expected_bins(step, values, bins)
    assert view.generation == generation
    assert len(view.x) == len(view.low) == len(view.high) == len(found) <= bins + 2
    if found:
        x, low, high = zip(*found, strict=True)
        np.testing.assert_array_equal(view.x, np.array(x, np.float64))
        np.testing.assert_array_equal(view.low, np.array(low, np.float32))
        np.testing.assert_array_equal(view.high, np.array(high, np.float32))


@pytest.mark.parametrize("kind", KINDS)
def test_bins_are_those_found_by_brute_force_at_every_length(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "BINS", 8)
    for length in range(150):
        step, values = steps(length), numbers(kind, length)
        assert_bins(filled(step, values).view(), step, values, 8)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("length", [400, 401, 402, 403, 1_000, 12_345])
def test_bins_are_those_found_by_brute_force_at_full_size(kind: str, length: int) -> None:
    step, values = steps(length), numbers(kind, length)
    assert_bins(filled(step, values).view(), step, values, room.BINS)


@pytest.mark.parametrize("kind", KINDS)
def test_summary_numbers(kind: str) -> None:
    step, values = steps(1_001), numbers(kind, 1_001)
    view = filled(step, values).view()
    finite = [value for value in values if math.isfinite(value)]
    assert (view.count, view.nonfinite) == (1_001, 1_001 - len(finite))
    assert (view.step, view.wall_time) == (step[-1], 1000.0 + step[-1])
    np.testing.assert_equal(view.last, values[-1])
    if finite:
        assert (view.minimum, view.maximum) == (min(finite), max(finite))
        assert view.mean == pytest.approx(sum(finite) / len(finite), rel=1e-12, abs=1e-12)
    else:
        assert all(math.isnan(number) for number in (view.minimum, view.maximum, view.mean))
    lost = [at for at, value in zip(step, values, strict=True) if not math.isfinite(value)]
    assert view.marks == tuple(lost[: room.MARKED])


def test_an_empty_series_has_a_view() -> None:
    view = Series().view()
    assert (len(view.x), view.count, view.settled, view.generation, view.marks) == (0, 0, 0, 0, ())
    assert all(len(column) == 0 for column in Series().history())


def test_a_view_is_not_changed_by_later_points() -> None:
    series = filled(steps(700), numbers("noise", 700))
    view = series.view()
    before = (view.x.copy(), view.low.copy(), view.high.copy())
    for step in range(5_000, 6_000):
        series.add(step, 0.0, 1e6)
    for held, copy in zip((view.x, view.low, view.high), before, strict=True):
        np.testing.assert_array_equal(held, copy)


def test_dtypes() -> None:
    series = filled(steps(1_000), numbers("holes", 1_000))
    view = series.view()
    assert (view.x.dtype, view.low.dtype, view.high.dtype) == (np.float64, np.float32, np.float32)
    assert [column.dtype for column in series.history()] == [np.int64, np.float64, np.float64, np.int32]


def test_a_value_beyond_float32_does_not_warn() -> None:
    with np.errstate(all="raise"):
        view = filled([1, 2], [1e300, -1e300]).view()
    assert (view.minimum, view.maximum, view.nonfinite) == (-1e300, 1e300, 0)


# Attempts


def random_history(seed: int, length: int) -> Iterator[Series]:
    """Yield a series after each of many random events: a point, or another attempt."""
    generator = np.random.default_rng(seed)
    series, step = Series(), 0
    yield series
    for _ in range(length):
        if generator.random() < 0.03:
            series.begin_attempt()
            step = int(generator.integers(0, step + 1))
        else:
            value = float(generator.choice([generator.normal(), math.nan, math.inf], p=[0.8, 0.1, 0.1]))
            series.add(step, float(step), value)
            step += int(generator.integers(1, 5))
        yield series


@pytest.mark.parametrize("seed", range(8))
def test_settled_bins_never_change_within_a_generation(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "BINS", 16)
    monkeypatch.setattr(room, "ATTEMPTS", 2)
    before = Series().view()
    for series in random_history(seed, 600):
        view = series.view()
        assert view.settled <= len(view.x) <= 16 + 2
        assert view.generation >= before.generation
        if view.generation == before.generation:
            assert view.settled >= before.settled
            for name in ("x", "low", "high"):
                held, now = (getattr(one, name)[: before.settled] for one in (before, view))
                np.testing.assert_array_equal(held, now)
        before = view
    assert before.generation > 3


@pytest.mark.parametrize("seed", range(8))
def test_attempts_lose_no_extreme_and_neither_end(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "BINS", 16)
    monkeypatch.setattr(room, "ATTEMPTS", 2)
    for series in random_history(seed, 300):
        view, (step, _, value, _) = series.view(), series.history()
        finite = value[np.isfinite(value)]
        if len(step):
            assert view.x[0] == step[0]
            assert view.x.max() >= step.max() - 4 * 2**view.generation
        if len(finite):
            assert np.nanmin(view.low) == np.float32(finite.min())
            assert np.nanmax(view.high) == np.float32(finite.max())


@pytest.mark.parametrize("limit", [10, 11])
@pytest.mark.parametrize("seed", range(4))
def test_history_is_thinned_evenly_and_keeps_attempts_and_the_latest(
    limit: int, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "HISTORY_LIMIT", limit)
    generator = np.random.default_rng(seed)
    series, starts, every = Series(), [], 1
    for number in range(200):
        while generator.random() < 0.05:  # two attempts may begin with no point between them
            series.begin_attempt()
            starts.append(number)
        doubles = -(-(number + 1) // every) > limit
        every *= 1 + doubles
        assert series.add(10 * number, 0.5 * number, -float(number)) is doubles
        kept = sorted({*range(0, number + 1, every), number})
        step, wall_time, value, attempt = series.history()
        assert series.thinned == series.view().thinned == every
        assert step.tolist() == [10 * one for one in kept]
        assert wall_time.tolist() == [0.5 * one for one in kept]
        assert value.tolist() == [-float(one) for one in kept]
        assert attempt.tolist() == [bisect_right(starts, one) for one in kept]
        assert len(kept) <= limit + 1
    assert every >= 16


def test_a_series_that_begins_in_a_later_attempt_says_so() -> None:
    series = Series(attempt=2)
    series.add(5, 0.0, 1.0)
    series.begin_attempt()
    series.add(6, 0.0, 1.0)
    assert series.history()[3].tolist() == [2, 3]


def test_a_point_costs_24_bytes() -> None:
    count = 100_000
    tracemalloc.start()
    try:
        series = Series()
        before = tracemalloc.get_traced_memory()[0]
        for step in range(count):
            series.add(step, 0.0, 0.5)
        grown = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    drawn = 24 * (room.BINS + 2)
    # An array grows by a sixteenth more than it needs.
    assert 24 * count <= grown <= 24 * count * 17 / 16 + 2 * drawn + 10_000


@pytest.mark.parametrize("attempts", [1, 2])
def test_many_points_at_once_are_as_one_by_one(attempts: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "HISTORY_LIMIT", 5_000)
    generator = np.random.default_rng(5)
    at_once, one_by_one = Series(), Series()
    step = 0
    for attempt in range(attempts):
        if attempt:
            at_once.begin_attempt()
            one_by_one.begin_attempt()
        for size in generator.integers(1, 400, 40):
            steps = np.arange(step, step + int(size))
            values = generator.normal(size=size)
            thins = at_once.extend(steps, steps.astype(np.float64), values)
            assert thins == (
                sum(one_by_one.add(*point) for point in zip(steps, steps, values, strict=True)) > 0
            )
            step += int(size)
            if generator.random() < 0.1:
                at_once.add(step, 0.0, math.nan)
                one_by_one.add(step, 0.0, math.nan)
    left, right = at_once.view(), one_by_one.view()
    for name in ("x", "low", "high"):
        assert np.array_equal(getattr(left, name), getattr(right, name), equal_nan=True)
    assert left.mean == pytest.approx(right.mean)
    for name in ("settled", "generation", "count", "last", "finite_step", "minimum", "maximum", "nonfinite"):
        assert getattr(left, name) == getattr(right, name)
    for mine, theirs in zip(at_once.history(), one_by_one.history(), strict=True):
        assert np.array_equal(mine, theirs, equal_nan=True)


# Many points at once, and a cursor


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("length", [0, 1, 2, 401, 402, 5000])
def test_many_points_at_once_are_as_each_by_itself(kind: str, length: int) -> None:
    values, step = numbers(kind, length), steps(length)
    columns = np.array(step, np.int64), np.array(step) + 1000.0, np.array(values)
    for cuts in ((), (1,), (length // 3, length // 2)):
        series = Series()
        for one in zip(*(np.split(column, cuts) for column in columns), strict=True):
            assert not series.take(*one)
        expected = filled(step, values)
        same_view(series.view(), expected.view())
        for mine, theirs in zip(series.history(), expected.history(), strict=True):
            np.testing.assert_array_equal(mine, theirs)


def test_many_points_at_once_are_thinned_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "HISTORY_LIMIT", 100)
    series, step = Series(), np.arange(1000)
    assert series.take(step, step * 1.0, step * 1.0)
    assert series.thinned == 16
    assert series.view().count == 1000


@pytest.mark.parametrize("kind", KINDS)
def test_a_cursor_shows_what_was_there_then(kind: str) -> None:
    values, step = numbers(kind, 300), steps(300)
    series, latest = filled(step, values), filled(step, values).view()
    for cursor in (7, 8, 9, 10, 300, step[-1], step[-1] + 5):
        there = bisect_right(step, cursor)
        then = filled(step[:there], values[:there]).view()
        view = series.view(cursor)
        assert view.reached
        for name in ("step", "wall_time", "last", "nonfinite", "minimum", "maximum", "finite"):
            np.testing.assert_equal(getattr(view, name), getattr(then, name), err_msg=name)
        np.testing.assert_allclose(view.mean, then.mean)
        if math.isfinite(then.finite):
            assert view.finite_step == then.finite_step
        for name in ("x", "low", "high", "count", "generation", "settled", "marks"):
            np.testing.assert_array_equal(getattr(view, name), getattr(latest, name), err_msg=name)


def test_before_the_first_point_nothing_was_there() -> None:
    assert not filled([5, 6], [1.0, 2.0]).view(4).reached
    assert not Series().view(4).reached
    assert filled([5, 6], [1.0, 2.0]).view().reached


def test_what_was_done_twice_is_shown_as_it_was_the_second_time() -> None:
    series = filled([1, 2, 3], [1.0, 2.0, 3.0])
    series.begin_attempt()
    for step in (2, 3):
        series.add(step, 2000.0, step * 10.0)
    assert [series.view(cursor).last for cursor in (1, 2, 3)] == [1.0, 20.0, 30.0]
    assert series.view(2).maximum == 20.0


def same_view(one: SeriesView, other: SeriesView) -> None:
    for name in SeriesView.__slots__:
        np.testing.assert_allclose(getattr(one, name), getattr(other, name), err_msg=name, rtol=1e-12)


def test_at_the_last_point_nothing_is_reckoned_from_what_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "HISTORY_LIMIT", 100)
    values, step = numbers("holes", 1000), steps(1000)
    series = filled(step, values)
    latest, view = series.view(), series.view(step[-1])
    assert latest.thinned > 1
    assert (view.nonfinite, view.minimum, view.maximum) == (latest.nonfinite, latest.minimum, latest.maximum)
    half = series.view(step[500])
    assert abs(half.nonfinite - latest.nonfinite / 2) < latest.nonfinite / 4


def test_a_mean_beyond_all_numbers_warns_nobody() -> None:
    assert filled([1, 2, 3], [1e308] * 3).view(2).mean == math.inf
