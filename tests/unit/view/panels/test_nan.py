"""Holds the panel of a watched loss to its levels, and to name the last checkpoint."""

import math

import pytest
from drawn_panels import drawn, panel_of

from nbhooks.model.events import Event
from nbhooks.model.records import Checkpoint, Scalar, Source


def test_a_calm_loss() -> None:
    kept, panel = panel_of("nan")
    assert drawn(kept, panel).values("data-level") == ["calm"]
    kept.write(Scalar("mine", "loss", 1500, 0.0, 0.25))
    read = drawn(kept, panel)
    assert read.values("data-level") == ["calm"]
    assert "loss = 0.25 at step 1,500" in read.text


@pytest.mark.parametrize(("kind", "level", "word"), [("nan", "alert", "NaN"), ("inf", "warning", "infinite")])
def test_a_loss_that_is_none(kind: str, level: str, word: str) -> None:
    kept, panel = panel_of("nan")
    kept.write(Source("saver", "checkpoints"))
    kept.write(Scalar("mine", "loss", 1500, 0.0, math.nan))
    kept.write(Event(kind, 1500, 0.0, "loss was 0.5 at step 1,499", "mine"))
    read = drawn(kept, panel)
    assert read.values("data-level") == [level]
    assert read.values("role") == (["alert"] if level == "alert" else [])
    assert f"{word} at step 1,500 · loss was 0.5 at step 1,499" in read.text
    assert "no checkpoint was kept" in read.text
    for step, state in ((100, "deleted"), (1000, "kept"), (1400, "writing")):
        kept.write(Checkpoint("saver", f"/logs/model.ckpt-{step}", step, 0.0, state))
    assert "last checkpoint: /logs/model.ckpt-1000 (step 1,000)" in drawn(kept, panel).text


def test_an_infinite_value_does_not_hide_a_nan() -> None:
    kept, panel = panel_of("nan")
    kept.write(Event("nan", 10, 0.0, "", "mine"))
    kept.write(Event("inf", 11, 0.0, "", "mine"))
    assert drawn(kept, panel).values("data-level") == ["alert"]
