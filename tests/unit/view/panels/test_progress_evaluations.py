"""Holds progress that is counted in evaluations to its own words."""

import pytest
from drawn_panels import body, panel_of, read
from markup import Markup

from nbhooks.model.events import State
from nbhooks.model.lifecycle import Phase
from nbhooks.model.records import Progress, Scalar, Source


def test_evaluations_are_counted_by_themselves() -> None:
    kept, panel = panel_of(
        "progress", State(Phase.RUNNING, None, 0.0), Progress("mine", 0, 0.0, 0, 40, "evaluation")
    )
    kept.write(Source("other", "tensors"))
    kept.write(Scalar("other", "loss", 90_000, 1.0, 1.0))
    assert Markup(body(kept, panel)).text == "evaluation 0 of 40 · 0 %"
    kept.write(Progress("mine", 10, 2.0, 0, 40, "evaluation"))
    markup = Markup(body(kept, panel))
    assert markup.text == "evaluation 10 of 40 · 25 % · 5 evaluations/s · 6.0 s left"
    assert (markup.values("value"), markup.values("max")) == (["10"], ["40"])


@pytest.mark.parametrize(
    ("count", "line"),
    [
        (0, "0 evaluations, until the data ends"),
        (1, "1 evaluation, until the data ends"),
        (2_500, "2,500 evaluations, until the data ends"),
    ],
)
def test_evaluations_without_an_end_are_a_count(count: int, line: str) -> None:
    markup = read("progress", Progress("mine", count, 1.0, 0, None, "evaluation"))
    assert markup.text == line
    assert "progress" not in markup.tags


def test_the_rate_of_what_has_no_end() -> None:
    kept, panel = panel_of("progress")
    for step in (0, 100):
        kept.write(Progress("mine", step, step / 50, 0, None, "evaluation"))
        line = Markup(body(kept, panel)).text
    assert line == "100 evaluations, until the data ends · 50 evaluations/s"
