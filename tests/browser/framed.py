"""The whole board alone in a page, its kernel played by the test."""

from __future__ import annotations

import base64
import math
import random
import struct
from typing import TYPE_CHECKING, Any

from nbhooks.view.widgets import modules

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from playwright.sync_api import Locator, Page

# Lab's own values, as its two themes set them.
LIGHT = {"--jp-ui-font-color1": "rgba(0, 0, 0, 0.87)", "--jp-layout-color1": "#fff"}
DARK = {"--jp-ui-font-color1": "rgba(255, 255, 255, 1)", "--jp-layout-color1": "#212121"}
FRAMES = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done())))"

MODEL = """
async (source) => {
  const listeners = [];
  const proxy = () => ({
    on: (name, act) => listeners.push([name, act]),
    off: (name, act) => listeners.splice(listeners.findIndex(([n, a]) => n === name && a === act), 1),
    send: (content) => {
      if (window.gone) throw new Error("the kernel is gone");
      window.sent.push(content);
    },
  });
  const bytes = (text) => { // a view into something larger, at an odd place, as kernels' messages come
    const raw = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    const room = new Uint8Array(raw.length + 8);
    room.set(raw, 3);
    return new DataView(room.buffer, 3, raw.length);
  };
  window.sent = [];
  window.feed = (content, buffers) => {
    for (const [name, act] of [...listeners]) if (name === "msg:custom") act(content, buffers.map(bytes));
  };
  const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  const { default: made } = await import(url);
  const widget = await made();
  window.end = await widget.initialize({ model: proxy() });
  window.show = async () => {
    const el = document.body.appendChild(document.createElement("div"));
    return widget.render({ model: proxy(), el });
  };
  window.views = [await window.show()];
}
"""


class Framed:
    """The page, and what a test does with it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda message: message.type == "error" and self.errors.append(message.text))

    def open(self, *, dark: bool = False) -> Framed:
        """Load the board."""
        style = (
            f"<style>{modules.style()} body {{ margin: 8px; background: var(--jp-layout-color1); }}</style>"
        )
        self.page.set_content(f"<!doctype html><title>notebook.ipynb</title>{style}")
        self.theme(dark=dark)
        self.page.evaluate(MODEL, modules.script())
        return self

    def theme(self, *, dark: bool = False) -> None:
        """Set Lab's variables, as one of its themes does."""
        theme = DARK if dark else LIGHT
        style = "; ".join(f"{name}: {value}" for name, value in theme.items())
        self.page.evaluate("(style) => document.body.setAttribute('style', style)", style)

    def feed(self, content: dict[str, Any], points: Sequence[bytes] = ()) -> Framed:
        """Send a message as the kernel does."""
        buffers = [base64.b64encode(b"".join(points)).decode()] if points else []
        self.page.evaluate("([content, buffers]) => feed(content, buffers)", [content, buffers])
        return self

    def drawn(self) -> Framed:
        """Let the page draw what it has received."""
        self.page.evaluate(FRAMES)
        return self

    def find(self, name: str) -> Locator:
        return self.page.locator(f".nbhooks-{name}")

    @property
    def board(self) -> Locator:
        return self.find("board").first

    @property
    def sent(self) -> list[dict[str, Any]]:
        """What the page has sent, and forget it."""
        found: list[dict[str, Any]] = self.page.evaluate("sent.splice(0)")
        return found

    def sight(self) -> dict[str, Any]:
        """What the page reports to be in sight, once that has settled."""
        self.page.wait_for_timeout(150)
        return [content for content in self.page.evaluate("sent") if content["type"] == "sight"][-1]

    def picture(self, path: Path) -> None:
        """Take a picture of the whole page."""
        self.drawn()
        path.parent.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=path, full_page=True)


def head(**more: Any) -> dict[str, Any]:
    """The head of a session that is running."""
    return {
        "name": "",
        "state": "running",
        "words": "running",
        "step": 12_340,
        "until": 50_000,
        "progress": 0.2468,
        "left": "4 min 8 s",
        "rate": "152 steps/s",
        "rate_trend": [140, 151, 149, 155, 120, 152, 153, 150, 152],
        "health": {"level": "finite", "words": "finite", "tag": "loss"},
        "checkpoint": {"words": "model.ckpt-12000", "step": 12_000, "wall_time": 1e9 - 42, "path": "/runs/x"},
        "can_stop": True,
        "stopping": False,
        "elapsed": "1 min 21 s",
        **more,
    }


def packed(steps: Sequence[float], values: Sequence[float]) -> bytes:
    """Pack bins as the kernel does."""
    count = len(steps)
    walls = [1e9 + step / 150 for step in steps]
    return struct.pack(f"<{2 * count}d{2 * count}f", *steps, *walls, *values, *values)


def curve(seed: int, count: int = 300) -> tuple[list[float], list[float]]:
    """A tag that falls and is noisy."""
    noise = random.Random(seed)  # noqa: S311 - the same picture each time
    steps = [40.0 * i for i in range(count)]
    return steps, [math.exp(-i / (40 + 10 * seed)) + 0.05 * noise.random() + seed / 10 for i in range(count)]


def card(key: str, tag: str, group: str = "", **more: Any) -> dict[str, Any]:
    label = tag.removeprefix(f"{group}/")
    return {
        "key": key,
        "tag": tag,
        "label": label,
        "group": group,
        "source": "",
        "first": False,
        "unit": "",
    } | more


def points(part: str, tags: Sequence[str]) -> tuple[list[dict[str, Any]], list[bytes]]:
    """The points of cards whose keys are k0, k1 and so on."""
    entries, bins = [], []
    for number in range(len(tags)):
        steps, values = curve(number)
        one = {"part": part, "card": f"k{number}", "from": 0, "count": len(steps), "generation": 1}
        entries.append({**one, "last": values[-1], "step": steps[-1]})
        bins.append(packed(steps, values))
    return entries, bins
