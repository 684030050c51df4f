"""Holds lines and bars the size of a word to their frame and their proportions."""

from __future__ import annotations

import math

import numpy as np
import pytest
from drawn_panels import filled
from markup import Markup

from nbhooks.view import sparks


@pytest.mark.parametrize("values", [[], [1.0], [math.nan] * 9, [1.0, math.nan]])
def test_no_trend_of_less_than_two_points(values: list[float]) -> None:
    assert sparks.line_svg(sparks.trend(filled(*values).view())) == ""


@pytest.mark.parametrize(
    "values",
    [[1.0, 2.0], [5.0] * 50, [math.nan, 1.0, math.inf, 3.0], [1e300, -1e300, 1.0], list(range(5_000))],
)
def test_a_trend_stays_in_its_frame(values: list[float]) -> None:
    with np.errstate(all="raise"):
        drawn = Markup(sparks.line_svg(sparks.trend(filled(*values).view())))
    (points,) = drawn.values("points") or [""]
    pairs = [tuple(map(int, pair.split(","))) for pair in points.split()]
    assert len(pairs) <= sparks.POINTS
    assert all(0 <= x <= sparks.WIDTH and 0 <= y <= sparks.HEIGHT for x, y in pairs)
    assert [x for x, _ in pairs] == sorted(x for x, _ in pairs)


def test_a_rising_trend_rises() -> None:
    (points,) = Markup(sparks.line_svg(sparks.trend(filled(1.0, 2.0, 3.0).view()))).values("points")
    heights = [int(pair.split(",")[1]) for pair in points.split()]
    assert heights == sorted(heights, reverse=True)
    assert heights[0] > heights[-1]


def tall(shares: tuple[float, ...]) -> list[int]:
    (path,) = Markup(sparks.bars_svg(shares)).values("d")
    return [int(part.split("v-")[1].split("h")[0]) for part in path.split("z")[:-1]]


def test_bars_spread_the_counts_over_one_width() -> None:
    even = tall(sparks.heights(np.array([0.0, 1.0, 24.0]), np.array([1.0, 23.0])))
    assert even == [sparks.HEIGHT] * sparks.BARS
    steep = tall(sparks.heights(np.array([0.0, 12.0, 24.0]), np.array([1.0, 4.0])))
    assert steep == [sparks.HEIGHT // 4] * 12 + [sparks.HEIGHT] * 12


@pytest.mark.parametrize(
    ("edges", "counts"),
    [
        ([0.0], []),
        ([0.0, 1.0], [0.0]),
        ([1.0, 1.0], [5.0]),
        ([0.0, math.inf], [5.0]),
        ([math.nan, 1.0], [5.0]),
        ([0.0, 1.0], [math.nan]),
        ([0.0, 1.0], [math.inf]),
        ([0.0, 1.0], [-5.0]),
        ([-1.7e308, 1.7e308], [5.0]),
    ],
)
def test_no_bars_of_what_has_none(edges: list[float], counts: list[float]) -> None:
    with np.errstate(all="raise", over="ignore", invalid="ignore"):
        assert sparks.heights(np.array(edges), np.array(counts, float)) == ()


def test_a_trend_is_a_shape() -> None:
    assert sparks.trend(filled(1.0, 1.25, 1.5).view()) == (0, 50, 99)
    assert sparks.trend(filled(5.0, 5.0).view()) == (50, 50)


def test_nothing_is_drawn_of_nothing() -> None:
    assert (sparks.line_svg(()), sparks.line_svg((1,)), sparks.bars_svg(())) == ("", "", "")
