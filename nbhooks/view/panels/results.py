"""The final results: a table of names and values."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from nbhooks.model.records import SourceKind, Tensor
from nbhooks.view import formatting
from nbhooks.view.panels.panel import Panel
from nbhooks.view.panels.tensors import described

if TYPE_CHECKING:
    from nbhooks.model.snapshot import Snapshot, SourceView

ROWS = 200
"""Results in the table; the frame has all."""


class ResultsPanel(Panel):
    """A row a result: its name and its value.

    Example:
        >>> from nbhooks.model.records import Source
        >>> ResultsPanel(Source("FinalOpsHook", "results"), request_draw=lambda: None).source
        'FinalOpsHook'
    """

    kind = SourceKind.RESULTS

    def body(self, view: SourceView, snapshot: Snapshot) -> str:
        """Write the table; before the end the names alone."""
        names = [
            *dict.fromkeys(
                (*cast("tuple[str, ...]", view.detail.get("tags", ())), *view.series, *view.values)
            )
        ]
        if not names:
            return formatting.line("no final tensors are requested")
        ended = snapshot.state is not None and snapshot.state.phase.ended
        nothing = "no value" if ended else "at the end"
        rows = (f"{formatting.tagged(name)}{_value(name, view, nothing)}</tr>" for name in names[:ROWS])
        return formatting.table(("name", "value"), rows) + formatting.more(len(names) - ROWS, "more")


def _value(name: str, view: SourceView, nothing: str) -> str:
    if name in view.series:
        return f"<td>{formatting.number(view.series[name].last)}</td>"
    tensor = view.values.get(name)
    if not isinstance(tensor, Tensor):
        return f"<td>{nothing}</td>"
    return formatting.cell(described(tensor), "nbhooks-name")
