"""What was written: a list of files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbhooks.model.records import File, SourceKind
from nbhooks.view import formatting
from nbhooks.view.panels.panel import Panel

if TYPE_CHECKING:
    from nbhooks.model.snapshot import Snapshot, SourceView

ROWS = 8
"""Files in the table, the latest; the frame has all."""


class FilesPanel(Panel):
    """A table, latest first: step, when, size, file.

    Example:
        >>> from nbhooks.model.records import Source
        >>> FilesPanel(Source("ProfilerHook", "files"), request_draw=lambda: None).source
        'ProfilerHook'
    """

    kind = SourceKind.FILES

    def body(self, view: SourceView, snapshot: Snapshot) -> str:  # noqa: ARG002 - as every panel's
        """Write the table."""
        files = view.every(File)
        if not files:
            return formatting.line("none yet")
        rows = (
            f"<tr><td>{formatting.count(file.step)}</td><td>{formatting.clock(file.wall_time)}</td>"
            f"<td>{formatting.size(file.size)}</td>"
            f"{formatting.cell(file.path.rpartition('/')[2], 'nbhooks-name', file.path)}</tr>"
            for file in reversed(files[-ROWS:])
        )
        return formatting.table(("step", "when", "size", "file"), rows) + formatting.more(
            len(files) - ROWS, "earlier"
        )
