"""The latest feed_dict: a table of its tensors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbhooks.model.kinds import SourceKind
from nbhooks.model.records import Feeds
from nbhooks.view import formatting
from nbhooks.view.blocks import Cell, Row, Table, Text, more, name_cell
from nbhooks.view.panels.panel import Panel

if TYPE_CHECKING:
    from nbhooks.model.snapshot import Snapshot, SourceView
    from nbhooks.view.blocks import Block

ROWS = 200
"""Tensors in the table."""


class FeedsPanel(Panel):
    """A row a tensor: its name, its shape and its dtype.

    Example:
        >>> from nbhooks.model.records import Source
        >>> FeedsPanel(Source("FeedFnHook", "feeds")).source
        'FeedFnHook'
    """

    kind = SourceKind.FEEDS

    def body(self, view: SourceView, snapshot: Snapshot) -> list[Block]:  # noqa: ARG002 - as every panel's
        """Make the table."""
        latest = view.latest(Feeds)
        if latest is None:
            return [Text("no run yet")]
        fed = latest.tensors
        if not fed:
            return [Text("the last run had an empty feed_dict")]
        rows = tuple(
            Row(
                (
                    name_cell(name),
                    Cell("unknown" if shape is None else formatting.shape(shape)),
                    Cell(formatting.valid(dtype)),
                ),
                formatting.name(name),
            )
            for name, dtype, shape in fed[:ROWS]
        )
        return [Table(("fed last", "shape", "dtype"), rows, more(len(fed) - ROWS, "more"))]

    def news(self, view: SourceView) -> str:
        """Say how many tensors were fed."""
        latest = view.latest(Feeds)
        return "no run yet" if latest is None else formatting.plural(len(latest.tensors), "tensor")
