"""A live line chart: an anywidget that is sent what is new, and everything only when the page asks."""

from __future__ import annotations

import time
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anywidget
import traitlets

from nbhooks.view import formatting

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from nbhooks.figures import Mark, Plot
    from nbhooks.model.series import SeriesView

SERIES = 8
"""Series in one chart; more could not be distinguished, and would not fit the traffic."""

MARKS = 60
"""Marks sent with a chart, the latest of them."""

MARK_TEXT = 60
"""Characters of a mark's text."""

UNREQUESTED = 2.0
"""Seconds between two full messages while no page has requested one: its request may not arrive."""

_HERE = Path(__file__).parent


class Chart(anywidget.AnyWidget):
    """Draws a Plot in the page.

    New points are sent as custom messages: the bins that the page does not have yet. The full state is sent
    when the page sends ``{"type": "ready"}``, and when bins have merged.

    Args:
        request_draw: called when a page requests the full state.

    Example:
        >>> from nbhooks.figures import Plot
        >>> chart = Chart(lambda: None)
        >>> chart.draw(Plot("loss", "", {}), [])
        >>> chart.close()
    """

    _esm = (_HERE / "chart.js").read_text("utf-8")  # of a Path anywidget would keep every widget alive
    _css = (_HERE / "style.css").read_text("utf-8")
    title = traitlets.Unicode().tag(sync=True)
    x_label = traitlets.Unicode().tag(sync=True)
    y_label = traitlets.Unicode().tag(sync=True)

    def __init__(self, request_draw: Callable[[], object]) -> None:
        """Make the widget; the page reports when it is ready."""
        super().__init__()
        self._request_draw = request_draw
        self._requested = 0
        self._answered = 0
        self._due = 0.0
        self._held: dict[str, tuple[int, int]] = {}
        self._counts: dict[str, int] = {}
        self._sent: dict[str, Any] = {}
        self._labels = ("", "", "")
        self._hues: tuple[int, ...] = ()
        self._marks: tuple[Mark, ...] = ()
        self._latest: list[dict[str, Any]] = []  # of the marks, as they are sent
        self.on_msg(self._receive)

    def _receive(self, _: object, content: Mapping[str, object], __: object) -> None:
        if content.get("type") == "ready":
            self._requested += 1
            self._request_draw()

    def draw(self, plot: Plot, caption: list[tuple[str, str]]) -> None:
        """Send what the page does not have yet."""
        shown, note = plot.series, plot.note
        if len(shown) > SERIES:
            left_out = f"{len(shown) - SERIES} more tags are not drawn"
            shown, note = dict(islice(shown.items(), SERIES)), f"{note} · {left_out}" if note else left_out
        if plot.marks != self._marks:
            self._marks = plot.marks
            latest = sorted(plot.marks, key=lambda mark: mark.step)[-MARKS:]
            self._latest = [
                {"step": mark.step, "text": formatting.valid(mark.text[:MARK_TEXT]), "kind": mark.kind}
                for mark in latest
            ]
        extras = {"caption": caption, "marks": self._latest, "note": note, "cursor": plot.cursor}
        labels = (formatting.name(plot.title), plot.x_label, plot.y_label)
        if labels != self._labels:
            self._labels = labels
            with self.hold_sync():
                self.title, self.x_label, self.y_label = labels
        requested = self._requested
        unrequested = not requested and time.monotonic() >= self._due
        if requested != self._answered or unrequested or not self._fits(shown) or plot.hues != self._hues:
            self._hues = plot.hues
            self._answered, self._due = requested, time.monotonic() + UNREQUESTED
            self._send_all(shown, extras)
        elif requested:
            self._send_new(shown, extras)

    def _fits(self, shown: Mapping[str, SeriesView]) -> bool:
        """Whether what the page has is still the beginning of the series."""
        return list(shown) == list(self._held) and all(
            self._held[name][0] == view.generation for name, view in shown.items()
        )

    def _send_all(self, shown: Mapping[str, SeriesView], extras: dict[str, Any]) -> None:
        series: list[dict[str, Any]] = [
            {"name": formatting.name(name), "count": len(view.x)} for name, view in shown.items()
        ]
        for one, hue in zip(series, self._hues, strict=False):
            one["hue"] = hue
        self.send({"type": "full", "series": series, **extras}, [_packed(view, 0) for view in shown.values()])
        self._remember(shown, extras)

    def _send_new(self, shown: Mapping[str, SeriesView], extras: dict[str, Any]) -> None:
        begins = [self._held[name][1] for name in shown]
        views = list(shown.values())
        content: dict[str, Any] = {key: value for key, value in extras.items() if value != self._sent[key]}
        if "marks" in content:
            content["passed"], content["marks"] = _new_marks(self._sent["marks"], extras["marks"])
        fresh = [view.count != self._counts.get(name) for name, view in shown.items()]
        if content or any(fresh):
            content["type"] = "points"
            pairs = list(zip(views, begins, strict=True))
            content["series"] = [{"from": begin, "count": len(view.x) - begin} for view, begin in pairs]
            self.send(content, [_packed(view, begin) for view, begin in pairs])
            self._remember(shown, extras)

    def _remember(self, shown: Mapping[str, SeriesView], extras: dict[str, Any]) -> None:
        self._held = {name: (view.generation, view.settled) for name, view in shown.items()}
        self._counts = {name: view.count for name, view in shown.items()}
        self._sent = extras


def _new_marks(held: list[Any], marks: list[Any]) -> tuple[int, list[Any]]:
    """Return how many marks to remove in front of those held, and which to append to the rest."""
    passed = next(n for n in range(len(held) + 1) if held[n:] == marks[: len(held) - n])
    return passed, marks[len(held) - passed :]


def _packed(view: SeriesView, begin: int) -> bytes:
    """Pack the bins from `begin` on: float64 x, then float32 low, then float32 high."""
    return b"".join(
        (
            view.x[begin:].astype("<f8", copy=False).tobytes(),
            view.low[begin:].astype("<f4", copy=False).tobytes(),
            view.high[begin:].astype("<f4", copy=False).tobytes(),
        )
    )
