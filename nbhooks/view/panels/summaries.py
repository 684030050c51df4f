"""The latest summaries: a table of tags, each with a picture of its kind."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from nbhooks.model.kinds import SourceKind
from nbhooks.model.records import File
from nbhooks.model.values import Audio, Histogram, Image, Tensor
from nbhooks.model.values import Text as TextRecord
from nbhooks.view import blocks, formatting, sparks
from nbhooks.view.blocks import Bars, Cell, Row, Table, Text, Trend, more, name_cell, number_cell, text_cell
from nbhooks.view.panels.panel import Panel, scalar_plot
from nbhooks.view.panels.tensors import described
from nbhooks.view.panels.thumbnails import NotShownError, thumbnail

if TYPE_CHECKING:
    from collections.abc import Callable

    from nbhooks.figures import Plot
    from nbhooks.model.records import Source
    from nbhooks.model.series import SeriesView
    from nbhooks.model.snapshot import Snapshot, SourceView
    from nbhooks.model.values import Value
    from nbhooks.view.blocks import AnyCell, Block

ROWS = 100
"""Tags in the table; the frames have all."""

PICTURES = 6
"""Pictures that are shown; of further ones only the size is. More would exceed the traffic allowed."""

TEXT = 120
"""Characters of a text in its row."""

_HEADS = ("tag", "kind", "", "latest", "step")


class SummariesPanel(Panel):
    """A row a tag: kind, trend, picture or bars, latest value; below it the file.

    Example:
        >>> from nbhooks.model.records import Source
        >>> SummariesPanel(Source("SummarySaverHook", "summaries")).source
        'SummarySaverHook'
    """

    kind = SourceKind.SUMMARIES

    def __init__(self, source: Source) -> None:
        """Begin without pictures."""
        super().__init__(source)
        self._pictures: dict[str, tuple[Value, AnyCell]] = {}

    def body(self, view: SourceView, snapshot: Snapshot) -> list[Block]:  # noqa: ARG002 - as every panel's
        """Make the table, and name the file that holds it all."""
        if not view.series and not view.values:
            return [Text("no summaries yet"), *_file(view)]
        reached = [tag for tag, series in view.series.items() if series.reached]
        scalars = [_scalar_row(tag, view.series[tag]) for tag in reached[:ROWS]]
        pictures = {
            tag
            for tag, _ in islice(
                ((tag, value) for tag, value in view.values.items() if isinstance(value, Image)), PICTURES
            )
        }
        others = [
            _row(tag, *self._cells(tag, value, pictured=tag in pictures), value.step)
            for tag, value in islice(view.values.items(), ROWS - len(scalars))
        ]
        number = len(reached) + len(view.values)
        if not number:
            return [Text("no summaries up to this step"), *_file(view)]
        table = Table(_HEADS, (*scalars, *others), more(number - ROWS, "more tags"))
        return [table, *_file(view)]

    def news(self, view: SourceView) -> str:
        """Say how many tags there are, and how large the file is."""
        number = len(view.series) + len(view.values)
        sizes = [formatting.size(file.size) for file in view.every(File)[-1:]]
        return " · ".join([formatting.plural(number, "tag"), *sizes]) if number else "no summaries yet"

    def plot(self, view: SourceView, snapshot: Snapshot) -> Plot | None:
        """Draw the scalars, each non-finite value marked."""
        return scalar_plot("Summaries", view, snapshot) if view.series else None

    def _cells(self, tag: str, value: Value, *, pictured: bool) -> tuple[str, AnyCell, Cell]:
        """Return the kind, the picture and the words of a value that is no scalar."""
        if isinstance(value, Histogram):
            low, high, number = map(formatting.number, (value.minimum, value.maximum, value.num))
            words = Cell(f"{low} to {high}, {number} values")
            return "histogram", self._picture(tag, value, lambda: _bars(value)), words
        if isinstance(value, Image):
            size = formatting.size(len(value.encoded))
            words = Cell(f"{formatting.count(value.width)}×{formatting.count(value.height)}, {size}")
            drawn = self._picture(tag, value, lambda: _image(value)) if pictured else Cell("")
            return "image", drawn, words
        if isinstance(value, Audio):
            words = Cell(f"{formatting.number(value.rate)} Hz, {formatting.size(len(value.encoded))}")
            return "audio", Cell(""), words
        if isinstance(value, Tensor):
            return "tensor", Cell(""), text_cell(described(value), "name")
        if isinstance(value, TextRecord):
            return "text", Cell(""), text_cell(formatting.cut(value.value, TEXT), "name")
        return type(value).__name__.lower(), Cell(""), Cell("")

    def _picture(self, tag: str, value: Value, draw: Callable[[], AnyCell]) -> AnyCell:
        """Return the picture of a value, drawn once."""
        known = self._pictures.get(tag)
        if known is None or known[0] is not value:
            known = self._pictures[tag] = (value, draw())
        return known[1]


def _bars(value: Histogram) -> AnyCell:
    if len(value.counts) > sparks.BUCKETS:
        return Cell("too large to show")
    return Bars(sparks.heights(value.edges, value.counts))


def _image(value: Image) -> AnyCell:
    try:
        return blocks.Image(thumbnail(value.encoded))
    except NotShownError as reason:
        return Cell(str(reason))


def _file(view: SourceView) -> list[Block]:
    """Name the latest file."""
    return [
        Text(
            f"{formatting.size(file.size)} in {formatting.name(file.path.rpartition('/')[2])}",
            title=formatting.tip(file.path),
        )
        for file in view.every(File)[-1:]
    ]


def _scalar_row(tag: str, series: SeriesView) -> Row:
    return _row(
        tag, "scalar", Trend(sparks.trend(series)), number_cell(formatting.number(series.last)), series.step
    )


def _row(tag: str, kind: str, picture: AnyCell, words: Cell, step: int) -> Row:
    cells = (name_cell(tag), Cell(kind), picture, words, number_cell(formatting.count(step)))
    return Row(cells, formatting.name(tag))
