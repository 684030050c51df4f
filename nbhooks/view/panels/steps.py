"""Steps per second over the global step, with the checkpoints marked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbhooks.figures import Plot
from nbhooks.model.kinds import SourceKind
from nbhooks.view import formatting
from nbhooks.view.blocks import Text
from nbhooks.view.panels.panel import Panel, checkpoint_marks, restart_marks

if TYPE_CHECKING:
    from nbhooks.model.snapshot import Snapshot, SourceView
    from nbhooks.view.blocks import Block


class StepsPanel(Panel):
    """The last rate, the mean and the best; the chart has all.

    Example:
        >>> from nbhooks.model.records import Source
        >>> StepsPanel(Source("StepCounterHook", "steps")).source
        'StepCounterHook'
    """

    kind = SourceKind.STEPS

    def plot(self, view: SourceView, snapshot: Snapshot) -> Plot:
        """Draw every tag, which is one."""
        marks = (*checkpoint_marks(snapshot), *restart_marks(snapshot))
        return Plot("Steps per second", "steps/s", view.series, marks, cursor=snapshot.cursor)

    def body(self, view: SourceView, snapshot: Snapshot) -> list[Block]:  # noqa: ARG002 - as every panel's
        """Write the last rate, the mean of those measured, and the best."""
        for series in view.series.values():
            if series.reached:
                figures = (("last", series.last), ("mean", series.mean), ("best", series.maximum))
                return [Text(" · ".join(f"{name} {formatting.rate(value)}/s" for name, value in figures))]
        return [Text("no rate yet")]

    def news(self, view: SourceView) -> str:
        """Write the mean."""
        for series in view.series.values():
            return f"{formatting.rate(series.mean)} steps/s on average"
        return "no rate yet"
