"""Pointer and keys on the chart: what is shown and said at a step, and how it zooms."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from chart import NAN, Chart, line

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.browser


def test_hover_shows_the_nearest_step(chart: Chart) -> None:
    chart.full({"loss": line(1 / 3, 123456, 1e-7, every=1000), "other": line(5, every=1000)})
    assert chart.hover(0.02).split("\n") == ["global step 0", "loss", "0.33333", "other", "5"]
    assert chart.hover(0.45).split("\n") == ["global step 1,000", "loss", "123,456", "other", "5 at 0"]
    assert "1e-7" in chart.hover(0.98)
    chart.page.mouse.move(5, 395)
    chart.drawn()
    assert not chart.find("tooltip").is_visible()


@pytest.mark.parametrize("share", [0.0, 0.45, 0.55, 1.0])
@pytest.mark.parametrize("width", [280, 800])
def test_the_tooltip_stays_in_the_plot(make: Callable[[int], Chart], width: int, share: float) -> None:
    chart = make(width).open()
    chart.full({"x" * 500: [(i, 12345 + i, 23456 + i) for i in range(21)]})
    assert "x" * 500 in chart.hover(share)
    box = chart.find("tooltip").bounding_box()
    assert box
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    value = chart.find("tooltip").locator(".nbhooks-chart-value").bounding_box()
    assert value
    assert value["x"] + value["width"] <= box["x"] + box["width"]


def test_marks_are_drawn_and_named(chart: Chart) -> None:
    marks = [
        {"step": 25, "text": "model.ckpt-25", "kind": "checkpoint"},
        {"step": 50, "text": "NaN in loss", "kind": "nonfinite"},
        {"step": 75, "text": "session 1", "kind": "restart"},
    ]
    chart.full({"loss": line(1, 2, every=100)}, marks=marks)
    for kind in ("checkpoint", "nonfinite", "restart"):
        assert chart.path(kind).startswith("M")
    assert "model.ckpt-25\ncheckpoint at 25" in chart.hover(0.25)
    assert "NaN in loss\nnonfinite at 50" in chart.hover(0.5)
    assert "session 1\nrestart at 75" in chart.hover(0.75)
    assert "ckpt" not in chart.hover(0.35)
    assert "checkpoint" in chart.press("Home") + chart.press("ArrowRight")


def test_a_mark_beyond_the_points_is_in_the_picture(chart: Chart) -> None:
    chart.full({"loss": line(1, 2, start=50)}, marks=[{"step": 0, "text": "first", "kind": "checkpoint"}])
    assert "0" in chart.texts
    chart.full({"loss": []}, marks=[{"step": 7, "text": "first", "kind": "checkpoint"}])
    assert "first\ncheckpoint" in chart.hover(0.5)


def test_a_drag_zooms_and_reset_undoes_it(chart: Chart) -> None:
    chart.full({"loss": line(*range(101))})
    before = chart.texts
    assert "1k" in before
    assert chart.button("Reset zoom").is_disabled()
    chart.drag(0.6, 0.4)  # from right to left is as good
    labels = [text for text in chart.texts if re.fullmatch(r"[4-6]\d\d", text)]
    assert len(labels) >= 3
    assert not {"0", "1k"} & set(chart.texts)  # the values' scale, too, is of what is in view
    assert chart.path("dots").count("M") == 101  # few are in view now
    chart.button("Reset zoom").click()
    assert chart.texts == before
    assert chart.button("Reset zoom").is_disabled()
    assert chart.page.evaluate("document.activeElement.getAttribute('role')") == "img"


def test_a_zoom_holds_while_points_come(chart: Chart) -> None:
    chart.full({"loss": line(*range(101))})
    chart.drag(0.4, 0.6)
    before = chart.texts
    chart.points((101, line(*range(100), start=1010)))
    assert chart.held == 201
    assert chart.texts == before


def test_a_click_does_not_zoom(chart: Chart) -> None:
    chart.full({"loss": line(*range(101))})
    chart.drag(0.5, 0.503)
    assert chart.button("Reset zoom").is_disabled()


def test_keys_move_the_cursor_and_the_values_are_said(chart: Chart) -> None:
    chart.full({"loss": line(5, 4, 3), "band": [(0, 1, 2)]})
    chart.drawn()
    assert chart.find("chart-said").get_attribute("aria-live") == "polite"
    assert chart.press("ArrowLeft") == "global step 20; loss: 3; band: 1 to 2 at 0"
    assert chart.press("ArrowLeft") == "global step 10; loss: 4; band: 1 to 2 at 0"
    assert chart.press("Home") == "global step 0; loss: 5; band: 1 to 2"
    assert chart.press("ArrowLeft") == "global step 0; loss: 5; band: 1 to 2"
    assert chart.press("ArrowRight").startswith("global step 10;")
    assert chart.press("End").startswith("global step 20;")
    assert "global step 20" in chart.find("tooltip").inner_text()
    assert chart.press("Escape") == ""
    assert not chart.find("tooltip").is_visible()


def test_escape_resets_the_zoom(chart: Chart) -> None:
    chart.full({"loss": line(*range(101))})
    before = chart.texts
    chart.drag(0.4, 0.6)
    assert chart.texts != before
    chart.press("Escape")
    assert chart.texts == before


def test_keys_within_a_zoom_stay_within_it(chart: Chart) -> None:
    chart.full({"loss": line(*range(101))})
    chart.drag(0.395, 0.605)
    assert chart.press("Home").startswith("global step 400;")
    assert chart.press("End").startswith("global step 600;")


def test_only_the_keys_it_uses_are_kept_from_the_notebook(chart: Chart) -> None:
    """Lab listens at the document, in the capture phase, and would move to another cell."""
    chart.full({"loss": line(1, 2)})
    chart.drawn()
    chart.page.evaluate("window.keys = []")
    chart.page.evaluate("document.addEventListener('keydown', (event) => keys.push(event.key), true)")
    for key in ("ArrowLeft", "b", "Control+End", "Escape", "Escape"):
        chart.press(key)
    chart.button("Logarithmic scale").press("ArrowLeft")
    assert chart.page.evaluate("keys") == ["b", "Control", "End", "Escape", "ArrowLeft"]


def test_the_label_keeps_still_while_it_has_the_focus(chart: Chart) -> None:
    chart.full({"loss": line(1, 2)})
    chart.drawn()
    plot = chart.find("chart-plot")
    plot.focus()
    chart.points((2, line(7, start=20)))
    assert "last 2 at 10" in (chart.drawn().find("chart-plot").get_attribute("aria-label") or "")
    plot.blur()
    assert "last 7 at 20" in (chart.drawn().find("chart-plot").get_attribute("aria-label") or "")


def test_the_plot_sums_up_what_it_shows(chart: Chart) -> None:
    chart.full({"loss": line(3, 2, NAN), "band": [(1000, 1, 2)]})
    chart.drawn()
    plot = chart.page.get_by_role("img")
    assert plot.get_attribute("tabindex") == "0"
    label = plot.get_attribute("aria-label") or ""
    assert label.startswith("Speed, line chart over global step. ")
    assert "loss: last 2 at 10. band: last 1 to 2 at 1,000. " in label
