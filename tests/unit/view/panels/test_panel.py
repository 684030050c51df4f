"""Holds every panel to what all have: a heading, a place for a fault, widgets that are closed."""

import ipywidgets
import pytest
from drawn_boards import WIDGETS
from drawn_panels import body_sent, drawn, html_of, looked_at, panel_of
from markup import Markup

from nbhooks.model.records import Scalar, Source
from nbhooks.view.panels import panel_for
from nbhooks.view.panels.panel import close

pytestmark = pytest.mark.usefixtures("closed_panels")

KINDS = ["steps", "tensors", "nan", "checkpoints", "progress"]


def test_a_kind_without_a_panel_has_none() -> None:
    assert panel_for(Source("mine", "weather"), lambda: None) is None


@pytest.mark.parametrize("kind", KINDS)
def test_a_panel_before_its_first_record(kind: str) -> None:
    kept, panel = panel_of(kind)
    assert (panel.kind, panel.source) == (kind, "mine")
    assert {"nbhooks-panel", f"nbhooks-{kind}"} <= set(panel.widget._dom_classes)
    read = drawn(kept, panel)
    assert "mine" in read.text
    assert Markup(panel.static()).text.startswith("mine" if kind != "steps" else "")
    assert bool(panel.static()) is (kind != "steps")  # the chart says it all
    assert not read.values("role")
    assert (panel.chart is not None) is (kind in ("steps", "tensors"))
    assert len(panel.figure().axes) == 1
    assert len(panel.plots()) == (kind in ("steps", "tensors"))


def test_a_fault_is_shown_in_its_panel_until_a_drawing_succeeds() -> None:
    kept, panel = panel_of("nan")
    for words in ("once", "again"):
        panel.fail(RuntimeError(words))
        read = Markup(html_of(panel))
        assert read.values("class").count("nbhooks-fault") == 1
        assert f"RuntimeError: {words}. The training goes on." in read.text
    panel.draw(*looked_at(kept))
    assert "nbhooks-fault" not in html_of(panel)
    panel.fail(RuntimeError("later"))
    assert "later" in html_of(panel)


def test_a_body_that_did_not_change_is_not_sent_again() -> None:
    kept, panel = panel_of("nan")
    panel.draw(*looked_at(kept))
    sent = body_sent(panel)
    panel.draw(*looked_at(kept))
    assert sent == []
    kept.write(Scalar("mine", "loss", 1, 0.0, 1.0))
    panel.draw(*looked_at(kept))
    assert len(sent) == 1


@pytest.mark.parametrize("kind", [*KINDS, "wait", "results", "summaries", "feeds", "files"])
def test_a_closed_panel_leaves_no_widget(kind: str) -> None:
    before = len(WIDGETS)
    _, panel = panel_of(kind, others=("w",), tags=("w",))
    assert (panel.kind, panel.source) == (kind, "mine")
    panel.fail(ValueError())
    assert len(WIDGETS) > before
    panel.close()
    assert len(WIDGETS) == before


def test_closing_closes_what_is_within() -> None:
    before = len(WIDGETS)
    close(ipywidgets.VBox([ipywidgets.HBox([ipywidgets.IntSlider(), ipywidgets.Button()])]))
    assert len(WIDGETS) == before
