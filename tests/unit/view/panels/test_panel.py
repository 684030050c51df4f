"""Holds every panel to what all have: a body, news, a plot where there is one, and its faults."""

from __future__ import annotations

import pytest
from drawn_panels import body, drawn, looked_at, panel_of

from nbhooks.model.records import Scalar, Source
from nbhooks.view import blocks
from nbhooks.view.panels import panel_for

KINDS = [
    "steps", "tensors", "nan", "checkpoints", "progress", "wait", "results", "summaries", "feeds", "files"
]  # fmt: skip


def test_a_kind_without_a_panel_has_none() -> None:
    assert panel_for(Source("mine", "weather")) is None


@pytest.mark.parametrize("kind", KINDS)
def test_a_panel_before_its_first_record(kind: str) -> None:
    kept, panel = panel_of(kind)
    assert (panel.kind, panel.source) == (kind, "mine")
    assert panel.content(lambda _: None) == []
    assert len(panel.figure().axes) == 1
    assert drawn(kept, panel).text
    assert not drawn(kept, panel).values("role")
    assert isinstance(panel.news(looked_at(kept)[0]), str)
    assert len(panel.plots()) == (kind in ("steps", "tensors"))


def test_a_fault_is_shown_in_its_panel_until_a_body_can_be_made(monkeypatch: pytest.MonkeyPatch) -> None:
    kept, panel = panel_of("nan")
    before, reported = body(kept, panel), []
    with monkeypatch.context() as failing:
        failing.setattr(type(panel), "body", lambda *_: 1 / 0)
        [fault] = panel.content(reported.append)
    assert fault == blocks.Text(
        "This panel could not be drawn: ZeroDivisionError: division by zero. The training goes on.", "alert"
    )
    assert [type(error) for error in reported] == [ZeroDivisionError]
    assert blocks.to_html(panel.content(reported.append)) == before


def test_content_is_made_of_what_was_seen() -> None:
    kept, panel = panel_of("steps")
    panel.see(*looked_at(kept))
    basis = panel.basis
    panel.see(*looked_at(kept))
    assert [one is other for one, other in zip(panel.basis, basis, strict=True)] == [True]
    kept.write(Scalar("mine", "rate", 1, 0.0, 1.0))
    panel.see(*looked_at(kept))
    assert panel.basis[0] is not basis[0]
