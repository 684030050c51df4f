"""Holds the panel of a wait to what it says of it."""

import pytest
from drawn_panels import read
from markup import Markup

from nbhooks.model.events import State
from nbhooks.model.lifecycle import Phase
from nbhooks.model.records import Progress


def waiting(state: str, *steps: int, last: int = 500, began: float | None = 100.0) -> Markup:
    points = [
        Progress("mine", step, 100.0 + 5 * n, steps[0], last, "step", began) for n, step in enumerate(steps)
    ]
    return read("wait", *points, State(Phase(state), None, 200.0, "global step 500"))


@pytest.mark.parametrize(
    ("state", "steps", "line"),
    [
        ("waiting", (0,), "waiting for global step 500, now 0 · 0 ms"),
        ("waiting", (0, 100, 1_2), "waiting for global step 500, now 12 · 10 s"),
        ("running", (0, 700), "waited 5.0 s for global step 500; it was 700 then"),
        ("running", (900,), "waited 0 ms for global step 500; it was 900 then"),
        ("running", (0, 250), "stopped waiting for global step 500 after 5.0 s, at 250"),
        ("stopped", (0, 250), "stopped waiting for global step 500 after 5.0 s, at 250"),
        ("died", (0,), "stopped waiting for global step 500 after 0 ms, at 0"),
    ],
)
def test_a_wait(state: str, steps: tuple[int, ...], line: str) -> None:
    markup = waiting(state, *steps)
    assert markup.text == line
    assert ("progress" in markup.tags) is (steps[-1] < 500)


def test_a_wait_has_a_bar_between_its_ends() -> None:
    markup = waiting("waiting", 100, 300)
    assert (markup.values("value"), markup.values("max")) == (["200"], ["400"])
    assert waiting("waiting", 100, 50).values("value") == ["0"]


def test_nothing_to_wait_for() -> None:
    assert read("wait").text == "nothing to wait for so far"
    assert read("wait", Progress("mine", 1, 0.0, 0, None)).text == "nothing to wait for so far"
    assert waiting("waiting", 3, began=None).text == "waiting for global step 500, now 3 · –"
