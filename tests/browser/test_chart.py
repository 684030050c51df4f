"""The chart alone in a page, its model played by the test: what it draws, says, sends and leaves behind."""

from __future__ import annotations

import base64
import io
import itertools
import math
import re
import struct
from pathlib import Path
from typing import TYPE_CHECKING, Any

import matplotlib.image
import numpy as np
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from playwright.sync_api import Browser, Locator, Page

    Bins = Sequence[tuple[float, float, float]]

pytestmark = pytest.mark.browser

PANELS = Path(__file__).parents[2] / "nbhooks" / "panels"
NAN = math.nan

# Lab's own values, as its two themes set them.
LIGHT = {"--jp-ui-font-color1": "rgba(0, 0, 0, 0.87)", "--jp-layout-color1": "#fff"}
DARK = {"--jp-ui-font-color1": "rgba(255, 255, 255, 1)", "--jp-layout-color1": "#212121"}

# Like anywidget, the model hands initialize and each render a proxy of its own.
MODEL = """
async (source) => {
  const traits = { title: "Speed", x_label: "global step", y_label: "steps/s" };
  const listeners = [];
  const proxy = () => ({
    get: (name) => traits[name],
    on: (name, act) => listeners.push([name, act]),
    off: (name, act) => listeners.splice(listeners.findIndex(([n, a]) => n === name && a === act), 1),
    send: (content) => window.sent.push(content),
    save_changes: () => {},
  });
  const tell = (name, ...values) => listeners.forEach(([n, act]) => n === name && act(...values));
  const bytes = (text) => { // a view into something larger, at an odd place, as kernels' messages come
    const raw = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    const room = new Uint8Array(raw.length + 8);
    room.set(raw, 3);
    return new DataView(room.buffer, 3, raw.length);
  };
  window.sent = [];
  window.feed = (content, buffers) => tell("msg:custom", content, buffers.map(bytes));
  window.set = (name, value) => { traits[name] = value; tell(`change:${name}`); };
  const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  const { default: made } = await import(url);
  const widget = typeof made === "function" ? await made() : made;
  await widget.initialize?.({ model: proxy() });
  window.views = [];
  window.show = async () => {
    const el = document.body.appendChild(document.createElement("div"));
    views.push(await widget.render({ model: proxy(), el }));
  };
  await window.show();
}
"""
# Counts the drawings that fifty messages cause.
BURST = """
async (bins) => {
  let drawings = 0;
  const watch = new MutationObserver((changes) => { drawings += changes.length; });
  watch.observe(document.querySelector(".nbhooks-chart"), { attributeFilter: ["data-points"] });
  for (let i = 0; i < 50; i++) feed({ type: "points", series: [{ from: 0, count: 1 }] }, [bins]);
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  return drawings;
}
"""
# Hides the chart before it draws, and shows it again before the frame is laid out.
BLINK = """
(bins) => new Promise((done) => {
  requestAnimationFrame(() => { document.body.style.display = "none"; });
  feed({ type: "points", series: [{ from: 0, count: 1 }] }, [bins]);
  requestAnimationFrame(() => { document.body.style.display = ""; done(); });
})
"""
OBSERVERS = """
window.observing = 0;
window.ResizeObserver = class extends ResizeObserver {
  observe(node) { window.observing += 1; super.observe(node); }
  disconnect() { window.observing -= 1; super.disconnect(); }
};
"""
FRAMES = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done())))"


def packed(bins: Bins) -> str:
    """Pack the bins as the kernel does; base64, to travel into the page."""
    count = len(bins)
    columns = [value for column in zip(*bins, strict=True) for value in column]
    return base64.b64encode(struct.pack(f"<{count}d{2 * count}f", *columns)).decode()


def line(*values: float, start: int = 0, every: int = 10) -> list[tuple[float, float, float]]:
    return [(start + every * i, value, value) for i, value in enumerate(values)]


class Chart:
    """The page, and what a test does with it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    def open(self, theme: dict[str, str] = LIGHT) -> Chart:
        style = "; ".join(f"{name}: {value}" for name, value in theme.items())
        css = (PANELS / "style.css").read_text(encoding="utf-8")
        body = f"margin: 0; background: {theme['--jp-layout-color1']}; {style}"
        self.page.set_content(f"<!doctype html><style>{css} body {{ {body} }}</style>")
        self.page.evaluate(MODEL, (PANELS / "chart.js").read_text(encoding="utf-8"))
        return self

    def full(self, series: dict[str, Bins], hues: Sequence[int] = (), **more: Any) -> None:
        content: list[dict[str, Any]] = [{"name": name, "count": len(bins)} for name, bins in series.items()]
        for one, hue in zip(content, hues, strict=False):
            one["hue"] = hue
        self._feed({"type": "full", "series": content, **more}, list(series.values()))

    def points(self, *series: tuple[int, Bins], **more: Any) -> None:
        content = [{"from": begin, "count": len(bins)} for begin, bins in series]
        self._feed({"type": "points", "series": content, **more}, [bins for _, bins in series])

    def _feed(self, content: dict[str, Any], series: Sequence[Bins]) -> None:
        buffers = [packed(bins) for bins in series]
        self.page.evaluate("([content, buffers]) => feed(content, buffers)", [content, buffers])

    def drawn(self) -> Chart:
        """Let the page draw what it knows."""
        self.page.evaluate(FRAMES)
        return self

    def find(self, name: str) -> Locator:
        return self.page.locator(f".nbhooks-{name}")

    @property
    def held(self) -> int:
        self.drawn()
        return int(self.find("chart").first.get_attribute("data-points") or -1)

    @property
    def sent(self) -> list[dict[str, Any]]:
        return self.page.evaluate("sent")

    @property
    def texts(self) -> list[str]:
        """All that is written in the plot: ticks, labels, and a message where there is one."""
        return [text for text in self.drawn().find("chart-text").all_text_contents() if text]

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name)

    def path(self, kind: str, series: int = 0) -> str:
        """The shape of a series: its line, dots or band."""
        shapes = self.drawn().find("chart-inside").locator(f".nbhooks-chart-{kind}")
        return shapes.nth(series).get_attribute("d") or ""

    def at(self, share: float) -> tuple[float, float]:
        """A place in the plot, by its share of the way from the axis' beginning to its end."""
        axis = self.drawn().find("chart-axis").last.bounding_box()
        plot = self.find("chart-plot").first.bounding_box()
        assert axis
        assert plot
        return axis["x"] + 6 + share * (axis["width"] - 12), plot["y"] + plot["height"] / 2

    def hover(self, share: float) -> str:
        self.page.mouse.move(*self.at(share))
        return self.drawn().find("tooltip").inner_text()

    def drag(self, start: float, end: float) -> None:
        self.page.mouse.move(*self.at(start))
        self.page.mouse.down()
        self.page.mouse.move(*self.at(end))
        self.page.mouse.up()
        self.drawn()

    def press(self, key: str) -> str:
        """Press a key on the plot; returns what a screen reader would say."""
        self.find("chart-plot").press(key)
        return self.drawn().find("chart-said").text_content() or ""


@pytest.fixture
def make(browser: Browser) -> Iterator[Callable[[int], Chart]]:
    """Make a page of some width; no page may have thrown when the test is done."""
    charts: list[Chart] = []

    def _make(width: int = 800) -> Chart:
        charts.append(Chart(browser.new_page(viewport={"width": width, "height": 400})))
        return charts[-1]

    yield _make
    errors = [error for chart in charts for error in chart.errors]
    for chart in charts:
        chart.page.close()
    assert errors == []


@pytest.fixture
def chart(make: Callable[[], Chart]) -> Chart:
    return make().open()


def test_a_full_state_is_drawn_and_labelled(chart: Chart) -> None:
    chart.full(
        {"loss": line(3, 2, 1), "accuracy": line(0.1, 0.5)},
        caption=[["now", "123.4"], ["mean", "120.0"]],
        note="thinned",
        marks=[],
    )
    assert chart.held == 5
    assert chart.find("chart-title").inner_text() == "Speed"
    assert chart.find("chart-caption").inner_text().split() == ["now", "123.4", "mean", "120.0"]
    assert chart.find("chart-legend").inner_text().split() == ["loss", "accuracy"]
    assert chart.find("chart-note").inner_text() == "thinned"
    assert {"steps/s", "global step", "0", "20"} <= set(chart.texts)
    assert chart.path("line").count("L") == 2
    assert chart.sent == [{"type": "ready"}]


def test_the_plot_sums_up_what_it_shows(chart: Chart) -> None:
    chart.full({"loss": line(3, 2, NAN), "band": [(1000, 1, 2)]})
    chart.drawn()
    plot = chart.page.get_by_role("img")
    assert plot.get_attribute("tabindex") == "0"
    label = plot.get_attribute("aria-label") or ""
    assert label.startswith("Speed, line chart over global step. ")
    assert "loss: last 2 at 10. band: last 1 to 2 at 1,000. " in label


def test_labels_follow_their_traits(chart: Chart) -> None:
    chart.full({"loss": line(1, 2)})
    chart.page.evaluate("set('title', 'Loss'); set('y_label', 'nats'); set('x_label', 'epoch')")
    assert {"nats", "epoch"} <= set(chart.texts)
    assert chart.find("chart-title").inner_text() == "Loss"


def test_points_replace_from_an_index_on(chart: Chart) -> None:
    chart.full({"a": line(1, 2, 3), "b": line(1, 2)}, note="first", caption=[["now", "1"]])
    chart.points((2, line(9, 4, start=20)), (2, []), note="second")
    assert chart.held == 6
    assert "a\n9" in chart.hover(2 / 3)
    assert chart.find("chart-note").inner_text() == "second"
    assert chart.find("chart-caption").inner_text() == "now 1"
    assert chart.sent == [{"type": "ready"}]


@pytest.mark.parametrize(
    ("series", "shorten"),
    [
        ([(3, line(1))], False),
        ([(0, line(1)), (0, line(1))], False),
        ([(2, line(1, 2))], True),
    ],
    ids=["beyond what is held", "unknown series", "short buffer"],
)
def test_points_that_do_not_fit_ask_for_everything(
    make: Callable[[], Chart], series: list[tuple[int, Bins]], *, shorten: bool
) -> None:
    chart = make()
    chart.page.clock.install(time=0)
    chart.page.clock.pause_at(1000)  # from here on only run_for lets time pass
    chart.open()
    chart.full({"a": line(1, 2)})

    def misfit() -> None:
        content = [{"from": begin, "count": len(bins) + shorten} for begin, bins in series]
        chart._feed({"type": "points", "series": content}, [bins for _, bins in series])

    for _ in range(3):
        misfit()
    chart.page.clock.run_for(400)
    assert len(chart.sent) == 1  # a first question has just been asked: by the view itself
    chart.page.clock.run_for(200)
    assert chart.sent == [{"type": "ready"}] * 2
    chart.page.clock.run_for(5000)
    misfit()
    misfit()
    chart.page.clock.run_for(100)
    assert len(chart.sent) == 3
    chart.points((2, line(3, start=20)))  # fits, but what is held may not be what was meant
    chart.page.clock.run_for(100)
    assert chart.find("chart").get_attribute("data-points") == "2"
    chart.full({"a": line(1, 2, 3)})
    chart.points((3, line(4, start=30)))
    chart.page.clock.run_for(5000)
    assert chart.find("chart").get_attribute("data-points") == "4"
    assert len(chart.sent) == 3


def test_points_before_anything_ask_for_everything(chart: Chart) -> None:
    chart.points((0, line(1)))
    chart.page.wait_for_function("sent.length === 2")
    assert chart.held == 0


def test_what_was_not_measured_is_a_gap(chart: Chart) -> None:
    chart.full({"loss": line(*[1, 2] * 30, NAN, 3, NAN, *[1, 2] * 30)})
    shape = chart.path("line")
    assert shape.count("M") == 3
    assert shape.count("L") == 59 * 2
    assert chart.path("dots").count("M") == 1  # the one that stands alone
    assert "no value" in chart.hover(60 / 122)


def test_few_points_are_marked_one_by_one(chart: Chart) -> None:
    chart.full({"few": line(*range(40)), "many": line(*range(41))})
    assert chart.path("dots").count("M") == 40
    assert chart.path("dots", 1) == ""


def test_a_bin_of_many_values_is_a_band(chart: Chart) -> None:
    chart.full({"band": [(0, 1, 3), (10, 2, 4)], "line": line(1, 2)})
    assert chart.path("band").endswith("Z")
    assert chart.path("band", 1) == ""
    assert "band\n2 to 4" in chart.hover(1)


def test_a_restart_breaks_the_line_and_the_newer_value_is_told(chart: Chart) -> None:
    chart.full({"loss": [*line(5, 4, 3), *line(8, 7, start=10)]})
    assert chart.path("line").count("M") == 2
    assert "loss\n8" in chart.hover(0.5)


def test_hover_tells_the_nearest_step(chart: Chart) -> None:
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


def test_marks_are_drawn_and_told(chart: Chart) -> None:
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


def test_a_cursor_is_a_line_until_it_is_taken_away(chart: Chart) -> None:
    chart.full({"loss": line(1, 2, 3)}, cursor=10)
    assert chart.path("here").startswith("M")
    first = chart.path("here")
    chart.points((3, []), cursor=20)
    assert chart.path("here") != first
    chart.points((3, []), note="more")
    assert chart.find("chart-here").count() == 1
    chart.points((3, []), cursor=None)
    assert chart.drawn().find("chart-here").count() == 0


def test_a_series_may_have_another_colour_than_its_place(chart: Chart) -> None:
    chart.full({"a": line(1, 2), "b": line(2, 1), "c": line(3, 3)})
    lines = chart.drawn().find("chart-inside").locator(".nbhooks-chart-line")
    usual = [_style(lines.nth(i)) for i in range(3)]
    chart.full({"a": line(1, 2), "b": line(2, 1)}, hues=[0, 2])
    chart.full({"a": line(1, 2), "b": line(2, 1)}, hues=[2, 0])
    chart.drawn()
    assert [_style(lines.nth(i)) for i in range(2)] == [usual[2], usual[0]]
    swatches = chart.find("chart-legend").locator(".nbhooks-chart-swatch path")
    assert [_style(swatches.nth(i)) for i in range(2)] == [usual[2], usual[0]]


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


def test_the_logarithmic_scale(chart: Chart) -> None:
    chart.full({"loss": [*line(1e-5, 1e-3, 10, 0), (40, -1, 2)]})
    button = chart.button("Logarithmic scale")
    assert button.get_attribute("aria-pressed") == "false"
    button.click()
    assert {"1e-4", "0.01", "1"} <= set(chart.texts)
    assert button.get_attribute("aria-pressed") == "true"
    assert chart.path("line").count("M") == 2
    assert chart.find("chart-note").inner_text() == "bins ≤ 0 left out: 2"
    assert "loss\n-1 to 2" in chart.hover(1)  # what is left out of the picture is told all the same
    button.click()
    assert "1e-4" not in chart.texts
    assert chart.find("chart-note").inner_text() == ""


def test_a_logarithmic_scale_within_a_decade_has_ticks(chart: Chart) -> None:
    chart.full({"loss": line(120, 180)})
    chart.button("Logarithmic scale").click()
    assert {"120", "140", "160", "180"} <= set(chart.texts)


def test_nothing_positive_is_said_on_a_logarithmic_scale(chart: Chart) -> None:
    chart.full({"loss": line(-1, 0, -2)})
    chart.button("Logarithmic scale").click()
    assert "nothing above 0 to show on a logarithmic scale" in chart.texts
    assert chart.path("line") == ""


@pytest.mark.parametrize(
    ("series", "message"),
    [({}, "no points yet"), ({"loss": []}, "no points yet"), ({"loss": line(NAN)}, "no finite values yet")],
)
def test_a_chart_with_nothing_to_draw_says_so(chart: Chart, series: dict[str, Bins], message: str) -> None:
    chart.full(series)
    assert message in chart.texts
    assert message in (chart.page.get_by_role("img").get_attribute("aria-label") or "")
    chart.button("Logarithmic scale").click()
    assert message in chart.texts


def test_before_the_first_message_nothing_is_drawn(chart: Chart) -> None:
    assert chart.held == 0
    assert chart.texts == ["steps/s", "global step", "no points yet"]
    chart.drag(0.4, 0.6)
    assert chart.button("Reset zoom").is_disabled()


def test_a_single_point_is_a_dot_in_the_middle(chart: Chart) -> None:
    chart.full({"loss": [(100, 5, 5)]})
    dot = chart.drawn().find("chart-dots").bounding_box()
    assert dot
    assert dot["x"] + dot["width"] / 2 == pytest.approx(chart.at(0.5)[0], abs=1)
    assert chart.texts.count("100") == 1
    assert "loss\n5" in chart.hover(0.5)


@pytest.mark.parametrize(
    ("values", "ticks"),
    [
        ([0, 3.4e6], {"0", "1M", "2M", "3M"}),
        ([12000, 12500], {"12k", "12.2k", "12.4k"}),
        ([1e-5, 3e-5], {"1e-5", "2e-5", "3e-5"}),
        ([0.001, 0.001], {"0.00095", "0.001", "0.00105"}),
        ([-2, 2], {"-2", "0", "2"}),
        ([12000, 12004], {"12,000", "12,002", "12,004"}),
        ([1e30, 3e30], {"1e30", "2e30", "3e30"}),
    ],
)
def test_ticks_are_short_and_tell_values_apart(chart: Chart, values: list[float], ticks: set[str]) -> None:
    chart.full({"loss": line(*values, every=1_000_000)})
    texts = chart.texts
    assert ticks <= set(texts)
    assert {"0", "200k", "1M"} <= set(texts)


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
    chart.page.evaluate("window.heard = []")
    chart.page.evaluate("document.addEventListener('keydown', (event) => heard.push(event.key), true)")
    for key in ("ArrowLeft", "b", "Control+End", "Escape", "Escape"):
        chart.press(key)
    chart.button("Logarithmic scale").press("ArrowLeft")
    assert chart.page.evaluate("heard") == ["b", "Control", "End", "Escape", "ArrowLeft"]


def test_the_label_keeps_still_while_it_has_the_focus(chart: Chart) -> None:
    chart.full({"loss": line(1, 2)})
    chart.drawn()
    plot = chart.find("chart-plot")
    plot.focus()
    chart.points((2, line(7, start=20)))
    assert "last 2 at 10" in (chart.drawn().find("chart-plot").get_attribute("aria-label") or "")
    plot.blur()
    assert "last 7 at 20" in (chart.drawn().find("chart-plot").get_attribute("aria-label") or "")


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
    _assert_apart(chart, width)


def test_it_follows_its_width(make: Callable[[int], Chart]) -> None:
    chart = make(1600).open()
    chart.full({"loss": line(*range(100))})
    wide = len(chart.texts)
    chart.page.set_viewport_size({"width": 280, "height": 400})
    chart.drawn()
    assert len(chart.texts) < wide
    _assert_apart(chart, 280)


def _assert_apart(chart: Chart, width: int) -> None:
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
    """Lab does so when its theme changes, between two frames, and no observer hears of it."""
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
    seen = {_style(strokes.nth(i)) for i in range(9)}
    assert len(seen) == 9
    picture = _pixels(chart.find("chart-plot"))
    paper = picture[0, 0]
    for i in range(8):
        box = strokes.nth(i).bounding_box()
        plot = chart.find("chart-plot").bounding_box()
        assert box
        assert plot
        row = round(box["y"] - plot["y"] + box["height"] / 2)
        around = picture[row - 3 : row + 4, round(box["x"] - plot["x"] + box["width"] / 4)]
        assert max(_contrast(pixel, paper) for pixel in around) >= 3


def _style(node: Locator) -> str:
    return node.evaluate("(node) => getComputedStyle(node).stroke + getComputedStyle(node).strokeDasharray")


def _pixels(node: Locator) -> np.ndarray:
    return matplotlib.image.imread(io.BytesIO(node.screenshot()), format="png")[:, :, :3]


def _contrast(one: np.ndarray, other: np.ndarray) -> float:
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
