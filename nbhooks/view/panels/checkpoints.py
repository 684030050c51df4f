"""Checkpoints: a table, with the one being written and those deleted again."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from nbhooks.model.records import Checkpoint, SourceKind
from nbhooks.view import formatting
from nbhooks.view.panels.panel import Panel

if TYPE_CHECKING:
    from nbhooks.model.snapshot import Snapshot, SourceView

ROWS = 8
"""Checkpoints in the table, the latest; the frame has all."""

_HEADS = ("step", "when", "took", "on disk", "", "path")


class CheckpointsPanel(Panel):
    """A table, latest first: step, when, how long it took, size, kept or deleted, path.

    Example:
        >>> from nbhooks.model.records import Source
        >>> CheckpointsPanel(Source("CheckpointSaverHook", "checkpoints"), request_draw=lambda: None).source
        'CheckpointSaverHook'
    """

    kind = SourceKind.CHECKPOINTS

    def body(self, view: SourceView, snapshot: Snapshot) -> str:
        """Write the table."""
        cursor = snapshot.cursor
        shown = [one for one in view.every(Checkpoint) if cursor is None or one.step <= cursor]
        if not shown:
            return formatting.line("none yet")
        rows = map(_row, reversed(shown[-ROWS:]))
        return formatting.table(_HEADS, rows) + formatting.more(len(shown) - ROWS, "earlier")


def _row(checkpoint: Checkpoint) -> str:
    state = formatting.escape(checkpoint.state)
    cells = (
        formatting.count(checkpoint.step),
        formatting.clock(checkpoint.wall_time),
        formatting.duration(checkpoint.seconds),
        formatting.size(checkpoint.size),
        "writing …" if state == "writing" else state,
    )
    return (
        f'<tr data-state="{state}">{"".join(f"<td>{cell}</td>" for cell in cells)}'
        f"{formatting.cell(_short(checkpoint.path), 'nbhooks-name', checkpoint.path)}</tr>"
    )


def _short(path: str) -> str:
    """Return the file's name and its folder's; the whole path is in the tooltip."""
    folder, name = os.path.split(path)
    parent = os.path.basename(folder)  # noqa: PTH119 - a gs:// path is none of pathlib's
    return f"{parent}/{name}" if parent else name
