"""What was written: a list of files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbhooks.model.kinds import SourceKind
from nbhooks.model.records import File
from nbhooks.view import formatting
from nbhooks.view.blocks import Cell, Row, Table, Text, more, number_cell, text_cell
from nbhooks.view.panels.panel import Panel

if TYPE_CHECKING:
    from nbhooks.model.snapshot import Snapshot, SourceView
    from nbhooks.view.blocks import Block

ROWS = 8
"""Files in the table, the latest; the frame has all."""


class FilesPanel(Panel):
    """A table, latest first: step, when, size, file.

    Example:
        >>> from nbhooks.model.records import Source
        >>> FilesPanel(Source("ProfilerHook", "files")).source
        'ProfilerHook'
    """

    kind = SourceKind.FILES

    def body(self, view: SourceView, snapshot: Snapshot) -> list[Block]:  # noqa: ARG002 - as every panel's
        """Make the table."""
        files = view.every(File)
        if not files:
            return [Text("none yet")]
        rows = tuple(
            Row(
                (
                    number_cell(formatting.count(file.step)),
                    Cell(formatting.clock(file.wall_time)),
                    number_cell(formatting.size(file.size)),
                    text_cell(file.path.rpartition("/")[2], "path", file.path),
                ),
                formatting.name(file.path),
            )
            for file in reversed(files[-ROWS:])
        )
        return [Table(("step", "when", "size", "file"), rows, more(len(files) - ROWS, "earlier"))]

    def news(self, view: SourceView) -> str:
        """Say how many files there are, and when the newest was written."""
        files = view.every(File)
        if not files:
            return "none yet"
        return f"{formatting.plural(len(files), 'file')} · step {formatting.count(files[-1].step)}"
