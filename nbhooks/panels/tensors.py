"""What was logged: a table of tags, a chart of the scalar ones, and values on demand."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any, cast

import ipywidgets
import numpy as np

from nbhooks.panels import text
from nbhooks.panels.panel import Panel, scalar_plot
from nbhooks.records import Tensor

if TYPE_CHECKING:
    from collections.abc import Callable

    from nbhooks.figures import Plot
    from nbhooks.records import Source
    from nbhooks.series import SeriesView
    from nbhooks.store import Snapshot, SourceView

VALUES = 4000
"""Characters of a tensor's values that are shown."""

TEXT = 80
"""Characters of a string tensor in its row."""

FEW = 8
"""Elements that are written rather than summed up where a tensor is described in a few words."""

ROWS = 200
"""Tags in the table; the frame has all."""

_HEADS = ("tag", "latest", "min", "max", "trend", "step")


@dataclass(frozen=True, slots=True)
class _Statistics:
    """Of the finite elements, where there are any."""

    minimum: float
    mean: float
    maximum: float
    nonfinite: int


class TensorsPanel(Panel):
    """A row a tag; below it the formatter's line, and a choice of tensors whose values to show.

    Example:
        >>> from nbhooks.records import Source
        >>> TensorsPanel(Source("LoggingTensorHook", "tensors"), wake=lambda: None).source
        'LoggingTensorHook'
    """

    kind = "tensors"
    charted = True

    def __init__(self, source: Source, wake: Callable[[], object]) -> None:
        """Make the widgets; the choice is there only where a tag may be no single number."""
        super().__init__(source, wake)
        self._wake = wake
        self._tags = tuple(cast("tuple[str, ...]", source.detail.get("tags", ())))
        others = tuple(cast("tuple[str, ...]", source.detail.get("others", ())))
        self._statistics: dict[str, tuple[Tensor, _Statistics | None]] = {}
        self._values = ipywidgets.HTML()
        self._choice: ipywidgets.Dropdown | None = None
        if self._tags and len(others) == len(self._tags):
            self.hide_chart()  # until a scalar turns up among them
        self._others = others
        if others:
            self._choice = ipywidgets.Dropdown(options=_options(others), value="", disabled=True)
            self._choice.observe(self._choose, "value")
            self.widget.children = (*self.widget.children, self._choice, self._values)

    def _choose(self, _: object) -> None:
        self._wake()

    def answer(self) -> None:
        """The page is there: the choice can be made."""
        if self._choice is not None:
            self._choice.disabled = False

    def draw(self, view: SourceView, snapshot: Snapshot) -> None:
        """Show the table, the chart, and the values asked for."""
        super().draw(view, snapshot)
        if view.series:
            self.show_chart()
        if self._choice is not None:
            self._offer(self._choice, tuple(view.values))
            tag = self._choice.value
            html = f'<pre class="nbhooks-values">{escape(_values(tag, view))}</pre>' if tag else ""
            if html != self._values.value:
                self._values.value = html

    def _offer(self, choice: ipywidgets.Dropdown, tags: tuple[str, ...]) -> None:
        """Let tags be chosen that nobody had announced: a file that grows may have more."""
        more = tuple(tag for tag in tags if tag not in self._others)
        if more:
            self._others += more
            chosen = choice.value
            choice.options = _options(self._others)  # which chooses the first
            choice.value = chosen

    def body(self, view: SourceView, snapshot: Snapshot) -> str:  # noqa: ARG002 - as every panel's
        """Write the table and the formatter's line."""
        seen = {**{tag: series for tag, series in view.series.items() if series.reached}, **view.values}
        tags = [*self._tags, *(tag for tag in seen if tag not in self._tags)]
        rows = [self._row(tag, view) if tag in seen else _empty(tag) for tag in tags[:ROWS]]
        line = text.line(escape(view.line.text)) if view.line is not None else ""
        return line + text.table(_HEADS, rows) + text.more(len(tags) - ROWS, "more tags")

    def plot(self, view: SourceView, snapshot: Snapshot) -> Plot:
        """Draw the scalar tags, each non-finite value marked."""
        return scalar_plot("Logged scalars", view, snapshot)

    def _row(self, tag: str, view: SourceView) -> str:
        if tag in view.series:
            series = view.series[tag]
            cells = [series.last, series.minimum, series.maximum]
            numbers = "".join(f"<td>{text.number(value)}</td>" for value in cells)
            return _open(tag) + f"{numbers}<td>{_trend(series)}</td><td>{text.count(series.step)}</td></tr>"
        tensor = cast("Tensor", view.values[tag])
        known = self._statistics.get(tag)
        if known is None or known[0] is not tensor:
            known = self._statistics[tag] = (tensor, _statistics(tensor))
        return (
            _open(tag) + _tensor_cells(tensor, known[1]) + f"<td></td><td>{text.count(tensor.step)}</td></tr>"
        )


def _options(tags: tuple[str, ...]) -> list[tuple[str, str]]:
    return [("show the values of …", ""), *((text.cut(tag, TEXT), tag) for tag in tags)]


def _open(tag: str) -> str:
    clean = escape(tag)
    return f'<tr data-tag="{clean}">' + text.cell(tag, "nbhooks-name")


def _empty(tag: str) -> str:
    return _open(tag) + "<td>–</td><td>–</td><td>–</td><td></td><td>–</td></tr>"


def _trend(series: SeriesView) -> str:
    nonfinite = f" {text.count(series.nonfinite)} non-finite" if series.nonfinite else ""
    return text.trend(series) + nonfinite


def _tensor_cells(tensor: Tensor, statistics: _Statistics | None) -> str:
    kind = f"{tensor.dtype} {text.shape(tensor.shape)}"
    if statistics is None:
        return (
            text.cell(f"{text.cut(_plain(tensor), TEXT)} ({kind})", "nbhooks-name") + "<td>–</td><td>–</td>"
        )
    words = [kind, f"mean {text.number(statistics.mean)}"]
    if statistics.nonfinite:
        words.append(f"{text.count(statistics.nonfinite)} non-finite")
    if tensor.sampled:
        words.append(f"from a sample of {text.count(tensor.value.size)}")
    return (
        text.cell(", ".join(words), "nbhooks-name")
        + f"<td>{text.number(statistics.minimum)}</td><td>{text.number(statistics.maximum)}</td>"
    )


def _statistics(tensor: Tensor) -> _Statistics | None:
    """Sum up the elements, None where they are no real numbers."""
    value: Any = tensor.value
    if value.dtype.kind in "SUOcV" and not tensor.dtype.startswith(("float", "bfloat")):
        return None
    numbers = value.astype(np.float64)
    finite = numbers[np.isfinite(numbers)]
    nonfinite = numbers.size - finite.size
    if not finite.size:
        return _Statistics(np.nan, np.nan, np.nan, nonfinite)
    return _Statistics(float(finite.min()), float(finite.mean()), float(finite.max()), nonfinite)


def described(tensor: Tensor) -> str:
    """Write a tensor in a few words: its first values, or what sums them up; hostile."""
    statistics = _statistics(tensor)
    kind = f"{tensor.dtype} {text.shape(tensor.shape)}"
    if statistics is None or tensor.value.size <= FEW:
        return f"{text.cut(_plain(tensor, FEW), TEXT)} ({kind})"
    low, mean, high = map(text.number, (statistics.minimum, statistics.mean, statistics.maximum))
    return f"{kind}, {low} to {high}, mean {mean}"


def _values(tag: str, view: SourceView) -> str:
    """Write a tensor's values, whole or with its middle left out, as plain text."""
    if tag in view.series:
        return f"{tag} = {view.series[tag].last!r}"
    tensor = view.values.get(tag)
    if not isinstance(tensor, Tensor):
        return "nothing was logged yet"
    if tensor.sampled:
        return f"{text.shape(tensor.shape)} is too large to keep; its statistics come from a sample"
    written = np.array2string(tensor.value, threshold=400, max_line_width=100)
    return f"step {text.count(tensor.step)}\n{text.cut(written, VALUES)}"


def _plain(tensor: Tensor, most: int = 3) -> str:
    """Write the first elements of a tensor."""
    first = tensor.value.reshape(-1)[:most]
    words = [item.decode("utf-8", "replace") if isinstance(item, bytes) else str(item) for item in first]
    return ", ".join(words) + (", …" if tensor.value.size > len(words) else "")
