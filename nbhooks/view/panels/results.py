"""The final results: a table of names and values."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from nbhooks.model.kinds import SourceKind
from nbhooks.model.values import Tensor
from nbhooks.view import formatting
from nbhooks.view.blocks import Cell, Row, Table, Text, more, name_cell, number_cell, text_cell
from nbhooks.view.panels.panel import Panel
from nbhooks.view.panels.tensors import described

if TYPE_CHECKING:
    from nbhooks.model.snapshot import Snapshot, SourceView
    from nbhooks.view.blocks import Block

ROWS = 200
"""Results in the table; the frame has all."""


class ResultsPanel(Panel):
    """A row a result: its name and its value.

    Example:
        >>> from nbhooks.model.records import Source
        >>> ResultsPanel(Source("FinalOpsHook", "results")).source
        'FinalOpsHook'
    """

    kind = SourceKind.RESULTS
    broad = True

    def body(self, view: SourceView, snapshot: Snapshot) -> list[Block]:
        """Make the table; before the end it has the names alone."""
        names = _names(view)
        if not names:
            return [Text("no final tensors are requested")]
        ended = snapshot.state is not None and snapshot.state.phase.ended
        nothing = "no value" if ended else "at the end"
        rows = tuple(
            Row((name_cell(name), _value(name, view, nothing)), formatting.name(name))
            for name in names[:ROWS]
        )
        return [Table(("name", "value"), rows, more(len(names) - ROWS, "more"))]

    def news(self, view: SourceView) -> str:
        """Say whether there is a result."""
        here = len(view.series) + len(view.values)
        return formatting.plural(here, "result") if here else "at the end"


def _names(view: SourceView) -> list[str]:
    tags = cast("tuple[str, ...]", view.detail.get("tags", ()))
    return [*dict.fromkeys((*tags, *view.series, *view.values))]


def _value(name: str, view: SourceView, nothing: str) -> Cell:
    if name in view.series:
        return number_cell(formatting.number(view.series[name].last))
    tensor = view.values.get(name)
    return text_cell(described(tensor), "name") if isinstance(tensor, Tensor) else Cell(nothing)
