"""One tag of several runs in one chart, each run in a colour of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbhooks.figures import Mark, Plot
from nbhooks.model.records import Source
from nbhooks.view.panels.panel import Panel

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from nbhooks.model.series import SeriesView
    from nbhooks.model.snapshot import Snapshot


class Comparison(Panel):
    """A chart with a line a run, and a mark where a session of one of them begins.

    Args:
        request_draw: called when the page requests a drawing.

    Example:
        >>> Comparison(request_draw=lambda: None).kind
        'comparison'
    """

    kind = "comparison"
    charted = True

    def __init__(self, request_draw: Callable[[], object]) -> None:
        """Make the widgets."""
        super().__init__(Source("runs compared", self.kind), request_draw)

    def compare(self, tag: str, runs: Mapping[str, tuple[int, Snapshot]]) -> None:
        """Draw a tag.

        Args:
            tag: its name.
            runs: of each run the number of its colour, and what there is of it.
        """
        found = {run: (hue, snapshot, tagged(snapshot).get(tag)) for run, (hue, snapshot) in runs.items()}
        drawn = {run: series for run, (_, _, series) in found.items() if series is not None}
        hues = tuple(found[run][0] for run in drawn)
        marks = [
            Mark(step, f"{run}: a new session begins", "restart")
            for run in drawn
            for step in found[run][1].restarts
            if step is not None
        ]
        marks += [
            Mark(step, f"{run} is not finite", "nonfinite")
            for run, series in drawn.items()
            for step in series.marks
        ]
        cursor = next((snapshot.cursor for _, snapshot in runs.values()), None)
        self._plot = Plot(tag, "", drawn, tuple(marks), cursor=cursor, hues=hues)
        assert self.chart is not None  # noqa: S101 - `charted` says so
        self.chart.draw(self._plot, [])


def tagged(snapshot: Snapshot) -> dict[str, SeriesView]:
    """Return every series of a run by its tag."""
    return {tag: series for view in snapshot.sources for tag, series in view.series.items()}
