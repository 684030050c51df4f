"""The base of every panel: a heading, a body of HTML, an optional chart, and a place for a fault."""

from __future__ import annotations

import contextlib
from itertools import islice
from typing import TYPE_CHECKING, ClassVar

import ipywidgets

from nbhooks import figures
from nbhooks.model.records import Checkpoint
from nbhooks.view import formatting
from nbhooks.view.widgets.chart import Chart

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.figure import Figure

    from nbhooks.figures import Mark, Plot
    from nbhooks.model.records import Source
    from nbhooks.model.snapshot import Snapshot, SourceView


FAULT = 1000
"""Characters of an error that are shown."""


class Panel:
    """Shows one source.

    A subclass defines the HTML in `body`, the chart in `plot`, or both. Names are hostile: a subclass escapes
    them wherever they become HTML.

    Attributes:
        kind: the kind of source it shows.
        source: the name of its source.
        widget: the widget to display.

    Example:
        >>> from nbhooks.model.records import Source
        >>> Panel(Source("mine", "steps"), request_draw=lambda: None).source
        'mine'
    """

    kind: ClassVar[str] = ""
    charted: ClassVar[bool] = False

    def __init__(self, source: Source, request_draw: Callable[[], object]) -> None:
        """Make the widgets."""
        self.source = source.source
        self._plot: Plot | None = None
        self._heading = ipywidgets.HTML(
            f'<div class="nbhooks-heading">{formatting.escape(formatting.name(source.source))}</div>'
        )
        self._body = ipywidgets.HTML()
        self._fault: ipywidgets.HTML | None = None
        self.chart = Chart(request_draw) if self.charted else None
        children = (
            [self._heading, self._body] if self.chart is None else [self._heading, self.chart, self._body]
        )
        self.widget = ipywidgets.VBox(children)
        self.widget.add_class("nbhooks-panel")
        if self.kind:
            self.widget.add_class(f"nbhooks-{self.kind}")

    # What a subclass defines

    def body(self, view: SourceView, snapshot: Snapshot) -> str:  # noqa: ARG002 - a subclass may need it
        """Write what is under the heading, as HTML."""
        return ""

    def plot(self, view: SourceView, snapshot: Snapshot) -> Plot | None:  # noqa: ARG002
        """Return what the chart shows."""
        return None

    def caption(self, view: SourceView) -> list[tuple[str, str]]:  # noqa: ARG002
        """Return the caption of the chart: pairs of a name and a value."""
        return []

    # What the board calls

    def draw(self, view: SourceView, snapshot: Snapshot) -> None:
        """Show `view`. Called by one thread at a time."""
        self._write(self.body(view, snapshot))
        if self.chart is not None:
            self._plot = self.plot(view, snapshot)
            if self._plot is not None:
                self.chart.draw(self._plot, self.caption(view))
        if self._fault is not None and self._fault.value:
            self._fault.value = ""

    def fail(self, error: BaseException) -> None:
        """Show in the panel that drawing it failed, until a drawing succeeds."""
        cause = formatting.cut(f"{type(error).__name__}: {error}", FAULT)
        words = f"This panel could not be drawn: {cause}. The training goes on."
        value = f'<div class="nbhooks-fault" role="alert">{formatting.escape(words)}</div>'
        if self._fault is None:
            self._fault = ipywidgets.HTML(value)
            self.widget.children = (*self.widget.children, self._fault)
        else:
            self._fault.value = value

    def enable_input(self) -> None:
        """Enable what takes input: a page is there to use it."""

    def hide_chart(self) -> None:
        """Take the chart off the page while there is nothing to draw."""
        if self.chart is not None:
            self.chart.layout.display = "none"

    def show_chart(self) -> None:
        """Undo `hide_chart`."""
        if self.chart is not None and self.chart.layout.display == "none":
            self.chart.layout.display = None

    def plots(self) -> list[Plot]:
        """Return what was drawn last, for a figure."""
        return [] if self._plot is None else [self._plot]

    def figure(self) -> Figure:
        """Draw the chart as a matplotlib Figure."""
        return figures.figure(self.plots())

    def static(self) -> str:
        """Return heading and body as HTML that needs no widget; ``""`` if the chart is all."""
        return f"{self._heading.value}{self._body.value}" if self._body.value else ""

    def close(self) -> None:
        """Close every widget of the panel, their layouts and styles too."""
        close(self.widget)

    def _write(self, html: str) -> None:
        if html != self._body.value:
            self._body.value = html


def close(widget: ipywidgets.Widget) -> None:
    """Close a widget with all that came with it: ipywidgets keeps every one alive until it is closed."""
    for child in getattr(widget, "children", ()):
        close(child)
    for name in ("layout", "style"):
        part = getattr(widget, name, None)
        if isinstance(part, ipywidgets.Widget):
            with contextlib.suppress(Exception):
                part.close()
    widget.close()


def checkpoint_marks(snapshot: Snapshot) -> list[Mark]:
    """Return a mark for each checkpoint that any source has written, deleted ones too."""
    return [
        figures.Mark(checkpoint.step, checkpoint.path.rpartition("/")[2], "checkpoint")
        for view in snapshot.sources
        for checkpoint in view.every(Checkpoint)
        if checkpoint.framed
    ]


def scalar_plot(title: str, view: SourceView, snapshot: Snapshot) -> Plot:
    """Draw every scalar tag of a source, each non-finite value and each restart marked."""
    marks = [
        figures.Mark(step, f"{formatting.cut(tag, figures.LABEL)} is not finite", "nonfinite")
        for tag, series in islice(view.series.items(), figures.LINES)
        for step in series.marks
    ]
    thinned = max((series.thinned for series in view.series.values()), default=1)
    note = f"to_pandas() keeps one point in {thinned}" if thinned > 1 else ""
    return figures.Plot(
        title, "", view.series, (*marks, *restart_marks(snapshot)), note, cursor=snapshot.cursor
    )


def restart_marks(snapshot: Snapshot) -> list[Mark]:
    """Return a mark for each attempt after the first."""
    return [
        figures.Mark(step, "a new session begins", "restart")
        for step in snapshot.restarts
        if step is not None
    ]
