"""What is on disk: a list of checkpoints, the one being written and those deleted again among them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from nbhooks.panels import text
from nbhooks.panels.panel import Panel

if TYPE_CHECKING:
    from nbhooks.records import Checkpoint
    from nbhooks.store import Snapshot, SourceView

ROWS = 8
"""Checkpoints in the table, the latest; the frame has all."""

_HEADS = ("step", "when", "took", "on disk", "", "path")


class CheckpointsPanel(Panel):
    """A table, latest first: step, when, how long it took, size, kept or deleted, path.

    Example:
        >>> from nbhooks.records import Source
        >>> CheckpointsPanel(Source("CheckpointSaverHook", "checkpoints"), wake=lambda: None).source
        'CheckpointSaverHook'
    """

    kind = "checkpoints"

    def body(self, view: SourceView, snapshot: Snapshot) -> str:
        """Write the table."""
        cursor = snapshot.cursor
        shown = [one for one in view.checkpoints if cursor is None or one.step <= cursor]
        if not shown:
            return text.line("none yet")
        rows = map(_row, reversed(shown[-ROWS:]))
        return text.table(_HEADS, rows) + text.more(len(shown) - ROWS, "earlier")


def _row(checkpoint: Checkpoint) -> str:
    state = text.escape(checkpoint.state)
    cells = (
        text.count(checkpoint.step),
        text.clock(checkpoint.wall_time),
        text.duration(checkpoint.seconds),
        text.size(checkpoint.size),
        "writing …" if state == "writing" else state,
    )
    return (
        f'<tr data-state="{state}">{"".join(f"<td>{cell}</td>" for cell in cells)}'
        f"{text.cell(_short(checkpoint.path), 'nbhooks-name', checkpoint.path)}</tr>"
    )


def _short(path: str) -> str:
    """Give the file's name and its folder's; the whole path is in the tooltip."""
    folder, name = os.path.split(path)
    parent = os.path.basename(folder)  # noqa: PTH119 - a gs:// path is none of pathlib's
    return f"{parent}/{name}" if parent else name
