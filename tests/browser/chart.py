"""The chart alone in a page, its model played by the test."""

from __future__ import annotations

import base64
import math
import struct
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from playwright.sync_api import Locator, Page

    Bins = Sequence[tuple[float, float, float]]

WIDGETS = Path(__file__).parents[2] / "nbhooks" / "view" / "widgets"
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
  const emit = (name, ...values) => listeners.forEach(([n, act]) => n === name && act(...values));
  const bytes = (text) => { // a view into something larger, at an odd place, as kernels' messages come
    const raw = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    const room = new Uint8Array(raw.length + 8);
    room.set(raw, 3);
    return new DataView(room.buffer, 3, raw.length);
  };
  window.sent = [];
  window.receive = (content, buffers) => emit("msg:custom", content, buffers.map(bytes));
  window.set = (name, value) => { traits[name] = value; emit(`change:${name}`); };
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
        css = (WIDGETS / "style.css").read_text(encoding="utf-8")
        body = f"margin: 0; background: {theme['--jp-layout-color1']}; {style}"
        self.page.set_content(f"<!doctype html><style>{css} body {{ {body} }}</style>")
        self.page.evaluate(MODEL, (WIDGETS / "chart.js").read_text(encoding="utf-8"))
        return self

    def full(self, series: dict[str, Bins], hues: Sequence[int] = (), **more: Any) -> None:
        content: list[dict[str, Any]] = [{"name": name, "count": len(bins)} for name, bins in series.items()]
        for one, hue in zip(content, hues, strict=False):
            one["hue"] = hue
        self.receive({"type": "full", "series": content, **more}, list(series.values()))

    def points(self, *series: tuple[int, Bins], **more: Any) -> None:
        content = [{"from": begin, "count": len(bins)} for begin, bins in series]
        self.receive({"type": "points", "series": content, **more}, [bins for _, bins in series])

    def receive(self, content: dict[str, Any], series: Sequence[Bins]) -> None:
        """Send a message as the kernel does, whether or not it fits."""
        buffers = [packed(bins) for bins in series]
        self.page.evaluate("([content, buffers]) => receive(content, buffers)", [content, buffers])

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


def style(node: Locator) -> str:
    """The colour and the dashes of a line."""
    return node.evaluate("(node) => getComputedStyle(node).stroke + getComputedStyle(node).strokeDasharray")
