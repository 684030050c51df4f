"""The latest feed_dict: a table of its tensors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbhooks.model.records import Feeds, SourceKind
from nbhooks.view import formatting
from nbhooks.view.panels.panel import Panel

if TYPE_CHECKING:
    from nbhooks.model.snapshot import Snapshot, SourceView

ROWS = 200
"""Tensors in the table."""


class FeedsPanel(Panel):
    """A row a tensor: its name, its shape and its dtype.

    Example:
        >>> from nbhooks.model.records import Source
        >>> FeedsPanel(Source("FeedFnHook", "feeds"), request_draw=lambda: None).source
        'FeedFnHook'
    """

    kind = SourceKind.FEEDS

    def body(self, view: SourceView, snapshot: Snapshot) -> str:  # noqa: ARG002 - as every panel's
        """Write the table."""
        latest = view.latest(Feeds)
        if latest is None:
            return formatting.line("no run yet")
        fed = latest.tensors
        if not fed:
            return formatting.line("the last run had an empty feed_dict")
        rows = (
            f"{formatting.tagged(name)}<td>{'unknown' if shape is None else formatting.shape(shape)}</td>"
            f"<td>{formatting.escape(dtype)}</td></tr>"
            for name, dtype, shape in fed[:ROWS]
        )
        return formatting.table(("fed last", "shape", "dtype"), rows) + formatting.more(
            len(fed) - ROWS, "more"
        )
