"""Holds text from outside to stay text in every panel."""

import math

import ipywidgets
import numpy as np
import pytest
from drawn_panels import html_of, looked_at, panel_of
from markup import HOSTILE, Markup

from nbhooks.model.lifecycle import Phase
from nbhooks.model.records import Attempt, Checkpoint, Event, Line, Progress, Scalar, State, Tensor
from nbhooks.view.panels.panel import Panel

pytestmark = pytest.mark.usefixtures("closed_panels")


def every_panel(name: str) -> list[tuple[str, Panel]]:
    """Give every panel after a life in which whatever can be named was named so."""
    panels = []
    strings = np.array([name.encode(), name.encode()], object)
    for kind in ("steps", "tensors", "nan", "checkpoints", "progress"):
        kept, panel = panel_of(
            kind, name=name, tags=(name, f"{name} 2", "never"), others=(f"{name} 2", f"{name} 3")
        )
        kept.write(Attempt(0.0, 0))
        for step in range(3):
            kept.write(Scalar(name, name, step, 0.0, [1.0, math.nan, math.inf][step]))
        kept.write(Tensor(name, f"{name} 2", 1, 0.0, "string", (2,), strings))
        kept.write(Tensor(name, f"{name} 3", 1, 0.0, name, (), np.array(1 + 2j)))
        kept.write(Line(name, 1, 0.0, name))
        kept.write(Progress(name, 5, 1.0, 0, 10))
        kept.write(Checkpoint(name, name, 1, 0.0, "kept", 1.0, 10))
        kept.write(Checkpoint(name, f"{name} 2", 1, 0.0, name))
        kept.write(Event("nan", 2, 0.0, name, name))
        kept.write(State(Phase.DIED, 2, 0.0, name))
        for widget in panel.widget.children:
            if isinstance(widget, ipywidgets.Dropdown):
                widget.value = f"{name} 2"
        panel.draw(*looked_at(kept))
        panel.fail(ValueError(name))
        panels.append((kind, panel))
    return panels


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_becomes_no_element(name: str) -> None:
    harmless = every_panel("".join("/" if letter == "/" else "x" for letter in name))
    for (kind, panel), (_, model) in zip(every_panel(name), harmless, strict=True):
        for html, like in ((html_of(panel), html_of(model)), (panel.static(), model.static())):
            read, expected = Markup(html), Markup(like)
            assert read.elements == expected.elements, kind
            assert name in read.text or not html, kind  # a chart that says it all leaves nothing to read
        assert f"ValueError: {name}. The training" in Markup(html_of(panel)).text
    table = Markup(html_of(dict(every_panel(name))["tensors"]))
    assert table.values("data-tag") == [name, f"{name} 2", "never", f"{name} 3"]


def test_the_parser_would_see_an_element_that_should_not_be_there() -> None:
    assert Markup("<td><img src=x onerror=alert(1)></td>").elements != Markup("<td>xxxx</td>").elements
    assert Markup('<td title="" onmouseover="x">').elements != Markup('<td title="xxx">').elements
