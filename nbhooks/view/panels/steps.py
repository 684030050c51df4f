"""Steps per second over the global step, with the checkpoints marked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbhooks.figures import Plot
from nbhooks.model.records import SourceKind
from nbhooks.view import formatting
from nbhooks.view.panels.panel import Panel, checkpoint_marks, restart_marks

if TYPE_CHECKING:
    from nbhooks.model.snapshot import Snapshot, SourceView


class StepsPanel(Panel):
    """A chart of the rate, captioned with the last, the mean and the best.

    Example:
        >>> from nbhooks.model.records import Source
        >>> StepsPanel(Source("StepCounterHook", "steps"), request_draw=lambda: None).source
        'StepCounterHook'
    """

    kind = SourceKind.STEPS
    charted = True

    def plot(self, view: SourceView, snapshot: Snapshot) -> Plot:
        """Draw every tag, which is one."""
        marks = (*checkpoint_marks(snapshot), *restart_marks(snapshot))
        return Plot("Steps per second", "steps/s", view.series, marks, cursor=snapshot.cursor)

    def caption(self, view: SourceView) -> list[tuple[str, str]]:
        """Return the last rate, the mean of those measured, and the best."""
        for series in view.series.values():
            if not series.reached:
                return []
            figures = (("last", series.last), ("mean", series.mean), ("best", series.maximum))
            return [(name, f"{formatting.rate(value)}/s") for name, value in figures]
        return []
