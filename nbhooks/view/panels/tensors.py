"""What was logged: a table of tags, a chart of the scalar ones, and values on request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import ipywidgets
import numpy as np

from nbhooks.model import arrays
from nbhooks.model.records import Line, SourceKind, Tensor
from nbhooks.view import formatting
from nbhooks.view.panels.panel import Panel, scalar_plot

if TYPE_CHECKING:
    from collections.abc import Callable

    from nbhooks.figures import Plot
    from nbhooks.model.records import Source
    from nbhooks.model.series import SeriesView
    from nbhooks.model.snapshot import Snapshot, SourceView

VALUES = 4000
"""Characters of a tensor's values that are shown."""

TEXT = 80
"""Characters of a string tensor in its row."""

FEW = 8
"""Elements up to which a tensor is described by its values rather than by statistics."""

LINE = 4000
"""Characters of the formatter's line."""

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
    sample: int = 0  # of so many elements, 0 where it is of all


class TensorsPanel(Panel):
    """A row a tag; below it the formatter's line, and a choice of tensors whose values to show.

    Example:
        >>> from nbhooks.model.records import Source
        >>> TensorsPanel(Source("LoggingTensorHook", "tensors"), request_draw=lambda: None).source
        'LoggingTensorHook'
    """

    kind = SourceKind.TENSORS
    charted = True

    def __init__(self, source: Source, request_draw: Callable[[], object]) -> None:
        """Make the widgets; the choice is there only where a tag may be no single number."""
        super().__init__(source, request_draw)
        self._request_draw = request_draw
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
        self._request_draw()

    def enable_input(self) -> None:
        """Enable the choice."""
        if self._choice is not None:
            self._choice.disabled = False

    def draw(self, view: SourceView, snapshot: Snapshot) -> None:
        """Show the table, the chart, and the values of the chosen tensor."""
        super().draw(view, snapshot)
        if view.series:
            self.show_chart()
        if self._choice is not None:
            self._offer(self._choice, tuple(view.values))
            tag = self._choice.value
            html = f'<pre class="nbhooks-values">{formatting.escape(_values(tag, view))}</pre>' if tag else ""
            if html != self._values.value:
                self._values.value = html

    def _offer(self, choice: ipywidgets.Dropdown, tags: tuple[str, ...]) -> None:
        """Add tags to the choice that the source had not listed: a file that grows may have more."""
        known = set(self._others)
        more = tuple(tag for tag in tags if tag not in known)
        if more:
            full = len(self._others) >= ROWS
            self._others += more
            if full:
                return
            chosen = choice.value
            choice.options = _options(self._others)  # which chooses the first
            choice.value = chosen

    def body(self, view: SourceView, snapshot: Snapshot) -> str:  # noqa: ARG002 - as every panel's
        """Write the table and the formatter's line."""
        seen = {**{tag: series for tag, series in view.series.items() if series.reached}, **view.values}
        tags = [*self._tags, *(tag for tag in seen if tag not in self._tags)]
        rows = [self._row(tag, view) if tag in seen else _empty(tag) for tag in tags[:ROWS]]
        latest = view.latest(Line)
        line = "" if latest is None else formatting.line(formatting.escape(formatting.cut(latest.text, LINE)))
        return line + formatting.table(_HEADS, rows) + formatting.more(len(tags) - ROWS, "more tags")

    def plot(self, view: SourceView, snapshot: Snapshot) -> Plot:
        """Draw the scalar tags, each non-finite value marked."""
        return scalar_plot("Logged scalars", view, snapshot)

    def _row(self, tag: str, view: SourceView) -> str:
        if tag in view.series:
            series = view.series[tag]
            cells = [series.last, series.minimum, series.maximum]
            numbers = "".join(f"<td>{formatting.number(value)}</td>" for value in cells)
            return (
                formatting.tagged(tag)
                + f"{numbers}<td>{_trend(series)}</td><td>{formatting.count(series.step)}</td></tr>"
            )
        tensor = cast("Tensor", view.values[tag])
        known = self._statistics.get(tag)
        if known is None or known[0] is not tensor:
            known = self._statistics[tag] = (tensor, _statistics(tensor))
        return (
            formatting.tagged(tag)
            + _tensor_cells(tensor, known[1])
            + f"<td></td><td>{formatting.count(tensor.step)}</td></tr>"
        )


def _options(tags: tuple[str, ...]) -> list[tuple[str, str]]:
    return [
        ("show the values of …", ""),
        *((formatting.valid(formatting.cut(tag, TEXT)), tag) for tag in tags[:ROWS]),
    ]


def _empty(tag: str) -> str:
    return formatting.tagged(tag) + "<td>–</td><td>–</td><td>–</td><td></td><td>–</td></tr>"


def _trend(series: SeriesView) -> str:
    nonfinite = f" {formatting.count(series.nonfinite)} non-finite" if series.nonfinite else ""
    return formatting.trend(series) + nonfinite


def _tensor_cells(tensor: Tensor, statistics: _Statistics | None) -> str:
    kind = f"{tensor.dtype} {formatting.shape(tensor.shape)}"
    if statistics is None:
        return (
            formatting.cell(f"{formatting.cut(_plain(tensor), TEXT)} ({kind})", "nbhooks-name")
            + "<td>–</td><td>–</td>"
        )
    words = [kind, f"mean {formatting.number(statistics.mean)}"]
    if statistics.nonfinite:
        words.append(f"{formatting.count(statistics.nonfinite)} non-finite")
    words += _sampled(statistics)
    return (
        formatting.cell(", ".join(words), "nbhooks-name")
        + f"<td>{formatting.number(statistics.minimum)}</td><td>{formatting.number(statistics.maximum)}</td>"
    )


def _statistics(tensor: Tensor) -> _Statistics | None:
    """Return the statistics of the elements, None if they are no real numbers."""
    value: Any = tensor.value
    if value.dtype.kind in "SUOcV" and not tensor.dtype.startswith(("float", "bfloat")):
        return None
    once = arrays.distinct(value)
    some = arrays.sample(once)
    sample = some.size if tensor.sampled or some.size < once.size else 0
    numbers = some.astype(np.float64)
    finite = numbers[np.isfinite(numbers)]
    nonfinite = numbers.size - finite.size
    if not sample and nonfinite:
        nonfinite *= value.size // once.size
    if not finite.size:
        return _Statistics(np.nan, np.nan, np.nan, nonfinite, sample)
    return _Statistics(float(finite.min()), float(finite.mean()), float(finite.max()), nonfinite, sample)


def _sampled(statistics: _Statistics) -> list[str]:
    """Write that the numbers come from a sample, where they do."""
    return [f"from a sample of {formatting.count(statistics.sample)}"] if statistics.sample else []


def described(tensor: Tensor) -> str:
    """Write a tensor in a few words: its first values, or its statistics; hostile."""
    statistics = _statistics(tensor)
    kind = f"{tensor.dtype} {formatting.shape(tensor.shape)}"
    if statistics is None or tensor.value.size <= FEW:
        return f"{formatting.cut(_plain(tensor, FEW), TEXT)} ({kind})"
    low, mean, high = map(formatting.number, (statistics.minimum, statistics.mean, statistics.maximum))
    return ", ".join([kind, f"{low} to {high}", f"mean {mean}", *_sampled(statistics)])


def _values(tag: str, view: SourceView) -> str:
    """Write a tensor's values, whole or with its middle left out, as plain text."""
    if tag in view.series:
        return f"{formatting.cut(tag, VALUES)} = {view.series[tag].last!r}"
    tensor = view.values.get(tag)
    if not isinstance(tensor, Tensor):
        return "nothing was logged yet"
    if tensor.sampled:
        return f"{formatting.shape(tensor.shape)} is too large to keep; its statistics come from a sample"
    if tensor.value.size > arrays.LARGE:
        return f"{formatting.shape(tensor.shape)} is too large to show; the frame of tensors has it"
    written = np.array2string(tensor.value, threshold=400, max_line_width=100)
    return f"step {formatting.count(tensor.step)}\n{formatting.cut(written, VALUES)}"


def _plain(tensor: Tensor, most: int = 3) -> str:
    """Write the first elements of a tensor."""
    first = tensor.value.flat[:most]  # `reshape` would copy all of a broadcast one
    words = [item.decode("utf-8", "replace") if isinstance(item, bytes) else str(item) for item in first]
    return ", ".join(words) + (", …" if tensor.value.size > len(words) else "")
