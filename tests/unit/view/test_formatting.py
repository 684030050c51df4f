"""Holds numbers, sizes and durations to how they are written."""

import math
from collections.abc import Callable

import numpy as np
import pytest

from nbhooks.view import formatting


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0.0, "0"),
        (-0.0, "0"),
        (1.0, "1"),
        (-12345.0, "-12,345"),
        (9999999.0, "9,999,999"),
        (1e7, "1e+07"),
        (0.5, "0.5"),
        (1 / 3, "0.33333"),
        (-1.23456789e-5, "-1.2346e-05"),
        (123.456789, "123.46"),
        (1e300, "1e+300"),
        (math.nan, "NaN"),
        (math.inf, "∞"),
        (-math.inf, "-∞"),
        (np.float32(2.5), "2.5"),
        (7, "7"),
    ],
)
def test_numbers(value: float, written: str) -> None:
    assert formatting.number(value) == written


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, "–"),
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (1_250_000, "1.2 MB"),
        (3_000_000_000, "3.0 GB"),
        (5 * 10**15, "5000.0 TB"),
    ],
)
def test_sizes(value: int | None, written: str) -> None:
    assert formatting.size(value) == written


@pytest.mark.parametrize(
    ("seconds", "written"),
    [
        (None, "–"),
        (math.nan, "–"),
        (math.inf, "–"),
        (0, "0 ms"),
        (0.25, "250 ms"),
        (1, "1.0 s"),
        (9.94, "9.9 s"),
        (59, "59 s"),
        (60, "1 min 0 s"),
        (3599, "59 min 59 s"),
        (3600, "1 h 0 min"),
        (86399, "23 h 59 min"),
        (90000, "1 d 1 h"),
    ],
)
def test_durations(seconds: float | None, written: str) -> None:
    assert formatting.duration(seconds) == written


@pytest.mark.parametrize(
    ("write", "value", "unit"),
    [(formatting.duration, 0.9996, "1.0 s"), (formatting.size, 999_970, "1.0 MB")],
)
def test_rounding_up_takes_the_next_unit_with_it(
    write: Callable[[float], str], value: float, unit: str
) -> None:
    assert write(value) == unit


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0.02, "0.02"),
        (0.0123456, "0.0123"),
        (9.876, "9.88"),
        (421.52, "422"),
        (999.7, "1,000"),
        (12345.6, "12,346"),
    ],
)
def test_rates(value: float, written: str) -> None:
    assert formatting.rate(value) == written


def test_whole_numbers() -> None:
    assert formatting.count(1234567) == "1,234,567"
