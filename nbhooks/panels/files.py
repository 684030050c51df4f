"""What was written: a list of files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbhooks.panels import text
from nbhooks.panels.panel import Panel

if TYPE_CHECKING:
    from nbhooks.store import Snapshot, SourceView

ROWS = 8
"""Files in the table, the latest; the frame has all."""


class FilesPanel(Panel):
    """A table, latest first: step, when, size, file.

    Example:
        >>> from nbhooks.records import Source
        >>> FilesPanel(Source("ProfilerHook", "files"), wake=lambda: None).source
        'ProfilerHook'
    """

    kind = "files"

    def body(self, view: SourceView, snapshot: Snapshot) -> str:  # noqa: ARG002 - as every panel's
        """Write the table."""
        if not view.files:
            return text.line("none yet")
        rows = (
            f"<tr><td>{text.count(file.step)}</td><td>{text.clock(file.wall_time)}</td>"
            f"<td>{text.size(file.size)}</td>"
            f"{text.cell(file.path.rpartition('/')[2], 'nbhooks-name', file.path)}</tr>"
            for file in reversed(view.files[-ROWS:])
        )
        return text.table(("step", "when", "size", "file"), rows) + text.more(
            len(view.files) - ROWS, "earlier"
        )
