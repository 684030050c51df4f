"""What was logged: a table of tags, and values on request."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from nbhooks.model import arrays
from nbhooks.model.kinds import SourceKind
from nbhooks.model.records import Line
from nbhooks.model.values import Tensor
from nbhooks.view import formatting, sparks
from nbhooks.view.blocks import (
    Cell,
    Choice,
    Code,
    Row,
    Table,
    Text,
    Trend,
    more,
    name_cell,
    number_cell,
    text_cell,
)
from nbhooks.view.panels.panel import Panel, scalar_plot

if TYPE_CHECKING:
    from nbhooks.figures import Plot
    from nbhooks.model.records import Source
    from nbhooks.model.snapshot import Snapshot, SourceView
    from nbhooks.view.blocks import Block

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

CHOICE = "values"
"""The name of the choice of a tensor."""

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
    """A row a tag; the formatter's line, and a choice of tensors whose values to show.

    Example:
        >>> from nbhooks.model.records import Source
        >>> TensorsPanel(Source("LoggingTensorHook", "tensors")).source
        'LoggingTensorHook'
    """

    kind = SourceKind.TENSORS

    def __init__(self, source: Source) -> None:
        """Begin with no tensor chosen; there is a choice only where a tag may be no single number."""
        super().__init__(source)
        self._tags = tuple(cast("tuple[str, ...]", source.detail.get("tags", ())))
        self._others = tuple(cast("tuple[str, ...]", source.detail.get("others", ())))
        self._statistics: dict[str, tuple[Tensor, _Statistics | None]] = {}
        self._chosen = ""

    def body(self, view: SourceView, snapshot: Snapshot) -> list[Block]:  # noqa: ARG002 - as every panel's
        """Make the formatter's line, the table, and the values of the chosen tensor."""
        seen = {**{tag: series for tag, series in view.series.items() if series.reached}, **view.values}
        tags = [*self._tags, *(tag for tag in seen if tag not in self._tags)]
        rows = tuple(self._row(tag, view) if tag in seen else _empty(tag) for tag in tags[:ROWS])
        latest = view.latest(Line)
        line = [] if latest is None else [_line(latest.text)]
        table = Table(_HEADS, rows, more(len(tags) - ROWS, "more tags"))
        return [*line, table, *self._choice(view)]

    def news(self, view: SourceView) -> str:
        """Say how many tags were logged, and at which step."""
        number = len(view.series) + len(view.values)
        if not number:
            return "nothing was logged yet"
        words, latest = formatting.plural(number, "tag"), view.latest(Line)
        return words if latest is None else f"{words} · step {formatting.count(latest.step)}"

    def plot(self, view: SourceView, snapshot: Snapshot) -> Plot | None:
        """Draw the scalar tags, each non-finite value marked."""
        only_others = bool(self._tags) and len(self._others) == len(self._tags)
        if only_others and not view.series:
            return None
        return scalar_plot("Logged scalars", view, snapshot)

    @property
    def basis(self) -> tuple[object, ...]:
        """The very objects that `content` is made of."""
        return (*super().basis, self._chosen)

    def choose(self, name: str, value: str) -> bool:
        """Show the values of a tensor, named as the page has it; of none where there is no such tensor."""
        if name != CHOICE:
            return False
        known = {formatting.name(tag): tag for tag in self._offered()}
        before, self._chosen = self._chosen, known.get(value, "")
        return self._chosen != before

    def _offered(self) -> tuple[str, ...]:
        """The tags that may be chosen: those the source listed, and then those that came; a file has more."""
        values = () if self._seen is None else self._seen[0].values
        listed = dict.fromkeys(self._others)
        came = (tag for tag in values if tag not in listed)
        return (*self._others[:ROWS], *islice(came, max(ROWS - len(self._others), 0)))

    def _choice(self, view: SourceView) -> list[Block]:
        if not self._others:
            return []
        tags = self._offered()
        options = (
            ("", "show the values of …"),
            *((formatting.name(tag), formatting.valid(formatting.cut(tag, TEXT))) for tag in tags),
        )
        values: list[Block] = [Code(_values(self._chosen, view))] if self._chosen else []
        return [Choice(CHOICE, options, formatting.name(self._chosen)), *values]

    def _row(self, tag: str, view: SourceView) -> Row:
        key = formatting.name(tag)
        if tag in view.series:
            series = view.series[tag]
            numbers = (series.last, series.minimum, series.maximum)
            nonfinite = f" {formatting.count(series.nonfinite)} non-finite" if series.nonfinite else ""
            cells = [number_cell(formatting.number(number)) for number in numbers]
            trend = Trend(sparks.trend(series), nonfinite)
            return Row((name_cell(tag), *cells, trend, number_cell(formatting.count(series.step))), key)
        tensor = cast("Tensor", view.values[tag])
        known = self._statistics.get(tag)
        if known is None or known[0] is not tensor:
            known = self._statistics[tag] = (tensor, _statistics(tensor))
        cells = _tensor_cells(tensor, known[1])
        return Row((name_cell(tag), *cells, Cell(""), number_cell(formatting.count(tensor.step))), key)


def _line(text: str) -> Text:
    return Text(formatting.valid(formatting.cut(text, LINE)))


def _empty(tag: str) -> Row:
    nothing = Cell("–")
    return Row((name_cell(tag), nothing, nothing, nothing, Cell(""), nothing), formatting.name(tag))


def _tensor_cells(tensor: Tensor, statistics: _Statistics | None) -> list[Cell]:
    kind = f"{tensor.dtype} {formatting.shape(tensor.shape)}"
    if statistics is None:
        words = f"{formatting.cut(_plain(tensor), TEXT)} ({kind})"
        return [text_cell(words, "name"), Cell("–"), Cell("–")]
    parts = [kind, f"mean {formatting.number(statistics.mean)}"]
    if statistics.nonfinite:
        parts.append(f"{formatting.count(statistics.nonfinite)} non-finite")
    parts += _sampled(statistics)
    ends = (statistics.minimum, statistics.maximum)
    return [text_cell(", ".join(parts), "name"), *(number_cell(formatting.number(end)) for end in ends)]


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
