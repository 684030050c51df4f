"""Holds text from outside to stay text in every panel, in its HTML and in what a page is sent."""

import json
import math

import numpy as np
import pytest
from drawn_panels import body, panel_of, sent, strings
from markup import HOSTILE, Markup

from nbhooks.model.events import Event, State
from nbhooks.model.lifecycle import Phase
from nbhooks.model.records import Attempt, Checkpoint, Line, Progress, Scalar
from nbhooks.model.store import Store
from nbhooks.model.values import Tensor
from nbhooks.view.panels.panel import Panel


def every_panel(name: str) -> list[tuple[str, Store, Panel]]:
    """Give every panel after a life in which whatever can be named was named so."""
    panels = []
    values = np.array([name.encode("utf-8", "surrogatepass")] * 2, object)
    for kind in ("steps", "tensors", "nan", "checkpoints", "progress"):
        kept, panel = panel_of(
            kind, name=name, tags=(name, f"{name} 2", "never"), others=(f"{name} 2", f"{name} 3")
        )
        kept.write(Attempt(0.0, 0))
        for step in range(3):
            kept.write(Scalar(name, name, step, 0.0, [1.0, math.nan, math.inf][step]))
        kept.write(Tensor(name, f"{name} 2", 1, 0.0, "string", (2,), values))
        kept.write(Tensor(name, f"{name} 3", 1, 0.0, name, (), np.array(1 + 2j)))
        kept.write(Line(name, 1, 0.0, name))
        kept.write(Progress(name, 5, 1.0, 0, 10))
        kept.write(Checkpoint(name, name, 1, 0.0, "kept", 1.0, 10))
        kept.write(Checkpoint(name, f"{name} 2", 1, 0.0, "failed"))
        kept.write(Event("nan", 2, 0.0, name, name))
        kept.write(State(Phase.DIED, 2, 0.0, name))
        panel.choose("values", f"{name} 2")
        panels.append((kind, kept, panel))
    return panels


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_becomes_no_element(name: str) -> None:
    harmless = every_panel("".join("/" if letter == "/" else "x" for letter in name))
    for (kind, kept, panel), (_, other, model) in zip(every_panel(name), harmless, strict=True):
        read, expected = Markup(body(kept, panel)), Markup(body(other, model))
        assert read.elements == expected.elements, kind
        if kind in ("tensors", "nan"):
            assert name in read.text, kind
    kept, panel = next((kept, panel) for kind, kept, panel in every_panel(name) if kind == "tensors")
    table = Markup(body(kept, panel))
    assert table.values("data-tag") == [name, f"{name} 2", "never", f"{name} 3"]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_page_is_sent_the_text_itself(name: str) -> None:
    for kind, kept, panel in every_panel(name):
        if kind in ("tensors", "nan", "checkpoints"):
            assert any(name in text for text in strings(sent(kept, panel))), kind


def test_what_a_page_is_sent_can_be_sent() -> None:
    for _, kept, panel in every_panel("loss \ud800"):
        json.dumps(sent(kept, panel), ensure_ascii=False).encode("utf-8")


def test_the_parser_would_see_an_element_that_should_not_be_there() -> None:
    assert Markup("<td><img src=x onerror=alert(1)></td>").elements != Markup("<td>xxxx</td>").elements
    assert Markup('<td title="" onmouseover="x">').elements != Markup('<td title="xxx">').elements
