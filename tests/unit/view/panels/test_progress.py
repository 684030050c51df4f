"""Holds the panel of progress to its bar, its rate and the time that is left."""

import pytest
from drawn_panels import drawn, panel_of
from markup import Markup

from nbhooks.model.events import State
from nbhooks.model.lifecycle import Phase
from nbhooks.model.records import Progress


def progressed(
    *points: tuple[float, int], state: str = "running", first: int = 0, last: int = 1000
) -> Markup:
    kept, panel = panel_of("progress")
    kept.write(State(Phase(state), 0, 0.0))
    for wall_time, step in points:
        kept.write(Progress("mine", step, wall_time, first, last))
        read = drawn(kept, panel)
    return read


@pytest.mark.parametrize(
    ("points", "line"),
    [
        ([(0.0, 100)], "step 100 of 1,000 · 10 %"),
        ([(0.0, 0), (2.0, 200)], "step 200 of 1,000 · 20 % · 100 steps/s · 8.0 s left"),
        ([(0.0, 0), (0.0, 200)], "step 200 of 1,000 · 20 %"),
        ([(0.0, 0), (2.0, 1000)], "step 1,000 of 1,000 · 100 % · 500 steps/s"),
        (
            [(0.0, 0), (5.0, 500), (6.0, 100), (7.0, 110)],
            "step 110 of 1,000 · 11 % · 10 steps/s · 1 min 29 s left",
        ),
        (
            [(0.0, 0), (100.0, 10), (110.0, 110), (120.0, 210)],
            "step 210 of 1,000 · 21 % · 10 steps/s · 1 min 19 s left",
        ),
    ],
)
def test_progress(points: list[tuple[float, int]], line: str) -> None:
    read = progressed(*points)
    assert read.text.endswith(line)
    assert read.values("value") == [str(points[-1][1])]
    assert read.values("max") == ["1000"]


def test_no_time_is_left_after_the_end() -> None:
    assert "left" not in progressed((0.0, 0), (1.0, 100), state="stopped").text


@pytest.mark.parametrize(
    ("first", "last", "step", "share"), [(100, 200, 150, "50 %"), (5, 5, 5, "0 %"), (0, 10, 30, "100 %")]
)
def test_the_bar_stays_between_its_ends(first: int, last: int, step: int, share: str) -> None:
    read = progressed((0.0, step), first=first, last=last)
    assert share in read.text
    assert 0 <= int(read.values("value")[0]) <= int(read.values("max")[0])


def test_a_slow_rate_is_not_called_none() -> None:
    assert "· 0 steps/s" not in progressed((0.0, 0), (100.0, 2)).text
