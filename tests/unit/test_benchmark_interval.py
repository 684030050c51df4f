"""When the overhead benchmark calls a ratio a result."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

FOLDER = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture(scope="module")
def overhead() -> Iterator[ModuleType]:
    """Import the script as it is run, with its folder on the path."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(FOLDER)
        yield importlib.import_module("overhead")


def ratios(spread: float, number: int) -> list[float]:
    return list(np.random.default_rng(3).normal(0.95, spread, number))


def test_the_interval_holds_the_median_and_narrows_with_more_pairs(overhead: ModuleType) -> None:
    few, many = (overhead.Interval.of(ratios(0.03, number)) for number in (10, 1000))
    for interval in (few, many):
        assert interval.low <= interval.median <= interval.high
    assert many.high - many.low < (few.high - few.low) / 3
    # The interval of a normal sample's median is 1.96 * 1.25 * spread / sqrt(number) to each side.
    assert many.high - many.low == pytest.approx(2 * 1.96 * 1.2533 * 0.03 / 1000**0.5, rel=0.3)


def test_the_interval_of_equal_pairs_has_no_width(overhead: ModuleType) -> None:
    assert overhead.Interval.of([0.95] * 60) == overhead.Interval(0.95, 0.95, 0.95)


@pytest.mark.parametrize(
    ("interval", "target", "verdict"),
    [
        ((0.94, 0.95, 0.961), 0.9, "not resolved"),
        ((0.94, 0.95, 0.961), None, "not resolved"),
        ((0.951, 0.955, 0.96), 0.95, "met"),
        ((0.93, 0.935, 0.94), 0.95, "missed"),
        ((0.945, 0.951, 0.955), 0.95, "the target is in the interval"),
        ((0.995, 1.0, 1.005), None, "noise"),
    ],
)
def test_the_verdict(
    overhead: ModuleType, interval: tuple[float, float, float], target: float | None, verdict: str
) -> None:
    assert overhead.Interval(*interval).verdict(target) == verdict


def test_the_full_table_has_sixty_pairs_a_row(overhead: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(sys, "argv", ["overhead.py", "--script"])
    monkeypatch.setattr(overhead, "print_training", lambda *arguments: asked.append(arguments[2]))
    monkeypatch.setattr(overhead, "Script", FakeScript)
    overhead.main()
    assert [options.pairs for options in asked] == [60]


def test_rows_of_the_step_path_name_their_target(
    overhead: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    script = FakeScript()
    options = type("Options", (), {"pairs": 60, "seconds": 0.6})
    for row in overhead.rows("step path alone", 16, overhead.TINY):
        overhead.compare(script, row, options)
    five, eleven, noise = capsys.readouterr().out.splitlines()
    assert "| step path alone, 5 hooks | 120 | 0.909 (0.909 to 0.909) | ≥ 0.98 | missed | 200 | 220 |" in five
    assert five.endswith("| 20.0 (20.0 to 20.0) |")
    assert "11 hooks" in eleven
    assert "TensorFlow / TensorFlow | 120 | 1.000 (1.000 to 1.000) | – | noise" in noise
    assert sum(pairs for pairs, _ in script.races) == 360
    assert {first for _, first in script.races} == {0, 1}  # each side's hooks are made first in some sessions


class FakeScript:
    """Answers at once: 200 µs a step, and 20 more with our hooks."""

    def __init__(self) -> None:
        self.races: list[tuple[int, int]] = []

    def call(self, function: str, *arguments: object) -> object:
        if function != "races.race":
            return {}
        other, _, _, pairs, _, first = arguments
        assert isinstance(pairs, int)
        assert isinstance(first, int)
        self.races.append((pairs, first))
        return [[200.0, 220.0 if other == "nbhooks" else 200.0]] * pairs

    def close(self) -> None:
        """Nothing to end."""
