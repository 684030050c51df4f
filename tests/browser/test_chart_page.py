"""The chart in its page: width, theme, several views of it, and what it leaves behind."""

from __future__ import annotations

import io
import itertools
from typing import TYPE_CHECKING

import matplotlib.image
import numpy as np
import pytest
from chart import DARK, LIGHT, Chart, line, packed, style

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Locator

pytestmark = pytest.mark.browser

OBSERVERS = """
window.observing = 0;
window.ResizeObserver = class extends ResizeObserver {
  observe(node) { window.observing += 1; super.observe(node); }
  disconnect() { window.observing -= 1; super.disconnect(); }
};
"""

# Counts the drawings that fifty messages cause.
BURST = """
async (bins) => {
  let drawings = 0;
  const watch = new MutationObserver((changes) => { drawings += changes.length; });
  watch.observe(document.querySelector(".nbhooks-chart"), { attributeFilter: ["data-points"] });
  for (let i = 0; i < 50; i++) receive({ type: "points", series: [{ from: 0, count: 1 }] }, [bins]);
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  return drawings;
}
"""

# Hides the chart before it draws, and shows it again before the frame is laid out.
BLINK = """
(bins) => new Promise((done) => {
  requestAnimationFrame(() => { document.body.style.display = "none"; });
  receive({ type: "points", series: [{ from: 0, count: 1 }] }, [bins]);
  requestAnimationFrame(() => { document.body.style.display = ""; done(); });
})
"""


@pytest.mark.parametrize("width", [280, 1600])
def test_it_fits_its_width(make: Callable[[int], Chart], width: int) -> None:
    chart = make(width).open()
    name = "layer/" * 84
    bins = [(1e7 + 12345 * i, -1e-5 * i, 1e-5 * i) for i in range(200)]
    chart.full({name: bins, "b": bins}, caption=[["now", "123,456.7 steps/s"], ["best", "1"]], note=name)
    chart.page.evaluate("(name) => set('title', name)", name)
    chart.drawn()
    assert chart.page.evaluate("document.documentElement.scrollWidth") == width
    assert chart.find("chart-legend").locator(f"[title='{name}']").count() == 1
    assert_apart(chart, width)


def test_it_is_as_wide_as_its_cell(make: Callable[[int], Chart]) -> None:
    chart = make(1600).open()
    chart.full({"loss": line(*range(100))})
    wide = len(chart.texts)
    chart.page.set_viewport_size({"width": 280, "height": 400})
    chart.drawn()
    assert len(chart.texts) < wide
    assert_apart(chart, 280)


def assert_apart(chart: Chart, width: int) -> None:
    """No text in the plot is cut by its edge or lies on another one."""
    boxes = [text.bounding_box() for text in chart.find("chart-text").all() if text.text_content()]
    assert len(boxes) > 5
    for box in boxes:
        assert box
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
    for one, other in itertools.combinations(boxes, 2):
        assert one
        assert other
        across = min(one["x"] + one["width"], other["x"] + other["width"]) - max(one["x"], other["x"])
        down = min(one["y"] + one["height"], other["y"] + other["height"]) - max(one["y"], other["y"])
        assert min(across, down) <= 1


def test_a_chart_that_is_not_laid_out_is_drawn_when_it_is(chart: Chart) -> None:
    chart.page.evaluate("document.body.style.display = 'none'")
    chart.page.evaluate("show()")
    chart.full({"loss": line(1, 2)})
    hidden = chart.drawn().find("chart").nth(1)
    assert hidden.get_attribute("data-points") == "2"
    assert hidden.locator(".nbhooks-chart-text").count() == 0
    chart.page.evaluate("document.body.style.display = ''")
    chart.drawn()
    assert hidden.locator(".nbhooks-chart-text").count() > 5


def test_a_chart_hidden_for_a_moment_stays_drawn(chart: Chart) -> None:
    """Lab does so when its theme changes, between two frames, and no observer is notified."""
    chart.full({"loss": line(1, 2)})
    assert len(chart.texts) > 5
    chart.page.evaluate(BLINK, packed(line(3)))
    assert len(chart.texts) > 5
    assert chart.path("dots").count("M") == 1


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_every_series_stands_out_and_is_itself(make: Callable[[], Chart], theme: dict[str, str]) -> None:
    chart = make().open(theme)
    chart.full({f"series {i}": line(i, i) for i in range(9)})
    strokes = chart.drawn().find("chart-inside").locator(".nbhooks-chart-line")
    seen = {style(strokes.nth(i)) for i in range(9)}
    assert len(seen) == 9
    picture = pixels(chart.find("chart-plot"))
    paper = picture[0, 0]
    for i in range(8):
        box = strokes.nth(i).bounding_box()
        plot = chart.find("chart-plot").bounding_box()
        assert box
        assert plot
        row = round(box["y"] - plot["y"] + box["height"] / 2)
        around = picture[row - 3 : row + 4, round(box["x"] - plot["x"] + box["width"] / 4)]
        assert max(contrast(pixel, paper) for pixel in around) >= 3


def pixels(node: Locator) -> np.ndarray:
    return matplotlib.image.imread(io.BytesIO(node.screenshot()), format="png")[:, :, :3]


def contrast(one: np.ndarray, other: np.ndarray) -> float:
    """WCAG's contrast ratio of two colours."""
    weights = np.array([0.2126, 0.7152, 0.0722])
    linear = [np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4) @ weights for c in (one, other)]
    return (max(linear) + 0.05) / (min(linear) + 0.05)


def test_views_share_the_data_and_each_has_its_own_zoom(chart: Chart) -> None:
    chart.full({"loss": line(*range(101))})
    chart.page.evaluate("show()")
    chart.drawn()
    both = chart.find("chart")
    assert [node.get_attribute("data-points") for node in both.all()] == ["101", "101"]
    assert chart.sent == [{"type": "ready"}] * 2
    chart.page.get_by_role("img").nth(1).scroll_into_view_if_needed()
    both.nth(1).get_by_role("button", name="Logarithmic scale").click()
    chart.drawn()
    pressed = [node.get_attribute("aria-pressed") for node in chart.button("Logarithmic scale").all()]
    assert pressed == ["false", "true"]


def test_a_removed_view_leaves_nothing_behind(make: Callable[[], Chart]) -> None:
    chart = make()
    chart.page.add_init_script(OBSERVERS)
    chart.page.goto("about:blank")
    chart.open()
    chart.page.evaluate("show()")
    chart.full({"loss": line(1, 2)})
    chart.drawn()
    assert chart.page.evaluate("observing") == 2
    chart.find("chart-plot").first.focus()
    chart.page.evaluate("views[0]()")
    chart.points((2, line(3, start=20)))
    chart.drawn()
    assert chart.page.evaluate("observing") == 1
    assert [node.get_attribute("data-points") for node in chart.find("chart").all()] == ["2", "3"]
    chart.page.keyboard.press("End")
    chart.drawn()
    assert chart.find("chart-said").first.text_content() == ""
    assert chart.held == 2


def test_a_burst_of_messages_is_drawn_once(chart: Chart) -> None:
    chart.full({"loss": line(1)})
    chart.drawn()
    assert chart.page.evaluate(BURST, packed(line(1))) == 1


def test_hostile_texts_stay_texts(chart: Chart) -> None:
    evil = "<img src=x onerror='window.owned = 1'><b>\"'&amp;"
    marks = [{"step": 0, "text": evil, "kind": "checkpoint"}]
    chart.full({evil: line(1, 2)}, caption=[[evil, evil]], note=evil, marks=marks)
    chart.page.evaluate("(evil) => ['title', 'x_label', 'y_label'].forEach((n) => set(n, evil))", evil)
    assert chart.hover(0).count(evil) == 3
    assert evil in chart.press("Home")
    assert chart.find("chart-legend").inner_text() == evil
    assert chart.find("chart-note").inner_text() == evil
    assert chart.page.locator("img").count() == 0
    assert chart.page.evaluate("window.owned") is None
