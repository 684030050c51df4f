"""The latest summaries: a table of tags, each with a picture of its kind, and a chart of the scalars."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from nbhooks.model.records import Audio, File, Histogram, Image, SourceKind, Tensor, Text
from nbhooks.view import formatting
from nbhooks.view.panels.panel import Panel, scalar_plot
from nbhooks.view.panels.tensors import described
from nbhooks.view.panels.thumbnails import bars, thumbnail

if TYPE_CHECKING:
    from collections.abc import Callable

    from nbhooks.figures import Plot
    from nbhooks.model.records import Source, Value
    from nbhooks.model.snapshot import Snapshot, SourceView

ROWS = 100
"""Tags in the table; the frames have all."""

PICTURES = 6
"""Pictures that are shown; of further ones only the size is. More would exceed the traffic allowed."""

TEXT = 120
"""Characters of a text in its row."""

_HEADS = ("tag", "kind", "", "latest", "step")


class SummariesPanel(Panel):
    """A row a tag: kind, latest value, trend, picture or bars; below it the file.

    Example:
        >>> from nbhooks.model.records import Source
        >>> SummariesPanel(Source("SummarySaverHook", "summaries"), request_draw=lambda: None).source
        'SummarySaverHook'
    """

    kind = SourceKind.SUMMARIES
    charted = True

    def __init__(self, source: Source, request_draw: Callable[[], object]) -> None:
        """Make the widgets; the chart is hidden until there is a scalar."""
        super().__init__(source, request_draw)
        self._pictures: dict[str, tuple[Value, str]] = {}
        self.hide_chart()

    def draw(self, view: SourceView, snapshot: Snapshot) -> None:
        """Show the table, and the chart where there is something to draw."""
        super().draw(view, snapshot)
        if view.series:
            self.show_chart()

    def body(self, view: SourceView, snapshot: Snapshot) -> str:  # noqa: ARG002 - as every panel's
        """Write the table, and the file that holds it all."""
        files = "".join(
            f'<div class="nbhooks-line" title="{formatting.tip(file.path)}">{formatting.size(file.size)} in '
            f"{formatting.escape(formatting.name(file.path.rpartition('/')[2]))}</div>"
            for file in view.every(File)[-1:]
        )
        if not view.series and not view.values:
            return formatting.line("no summaries yet") + files
        reached = [tag for tag, series in view.series.items() if series.reached]
        scalars = [
            _row(tag, "scalar", formatting.number(series.last), formatting.trend(series), series.step)
            for tag, series in ((tag, view.series[tag]) for tag in reached[:ROWS])
        ]
        pictures = [tag for tag, value in view.values.items() if isinstance(value, Image)][:PICTURES]
        others = [
            _row(tag, *self._cells(tag, value, pictured=tag in pictures), value.step)
            for tag, value in islice(view.values.items(), ROWS - len(scalars))
        ]
        number = len(reached) + len(view.values)
        if not number:
            return formatting.line("no summaries up to this step") + files
        return (
            formatting.table(_HEADS, [*scalars, *others])
            + formatting.more(number - ROWS, "more tags")
            + files
        )

    def plot(self, view: SourceView, snapshot: Snapshot) -> Plot:
        """Draw the scalars, each non-finite value marked."""
        return scalar_plot("Summaries", view, snapshot)

    def _cells(self, tag: str, value: Value, *, pictured: bool) -> tuple[str, str, str]:
        """Return the kind, the words and the picture of a value that is no scalar."""
        if isinstance(value, Histogram):
            low, high, number = map(formatting.number, (value.minimum, value.maximum, value.num))
            words = f"{low} to {high}, {number} values"
            return "histogram", words, self._picture(tag, value, lambda: bars(value.edges, value.counts))
        if isinstance(value, Image):
            size = formatting.size(len(value.encoded))
            words = f"{formatting.count(value.width)}×{formatting.count(value.height)}, {size}"
            drawn = self._picture(tag, value, lambda: thumbnail(value.encoded)) if pictured else ""
            return "image", words, drawn
        if isinstance(value, Audio):
            return "audio", f"{formatting.number(value.rate)} Hz, {formatting.size(len(value.encoded))}", ""
        if isinstance(value, Tensor):
            return "tensor", formatting.escape(described(value)), ""
        if isinstance(value, Text):
            return "text", formatting.escape(formatting.cut(value.value, TEXT)), ""
        return type(value).__name__.lower(), "", ""

    def _picture(self, tag: str, value: Value, draw: Callable[[], str]) -> str:
        """Return the picture of a value, drawn once."""
        known = self._pictures.get(tag)
        if known is None or known[0] is not value:
            known = self._pictures[tag] = (value, draw())
        return known[1]


def _row(tag: str, kind: str, words: str, picture: str, step: int) -> str:
    return (
        f"{formatting.tagged(tag)}<td>{kind}</td>"
        f'<td>{picture}</td><td class="nbhooks-name">{words}</td><td>{formatting.count(step)}</td></tr>'
    )
