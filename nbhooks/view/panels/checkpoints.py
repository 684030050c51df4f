"""Checkpoints: a table, with the one being written and those deleted again."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from nbhooks.model.kinds import CheckpointState, SourceKind
from nbhooks.model.records import Checkpoint
from nbhooks.view import formatting
from nbhooks.view.blocks import Cell, Row, Table, Text, more, number_cell, text_cell
from nbhooks.view.panels.panel import Panel

if TYPE_CHECKING:
    from nbhooks.model.snapshot import Snapshot, SourceView
    from nbhooks.view.blocks import Block

ROWS = 8
"""Checkpoints in the table, the latest; the frame has all."""

_HEADS = ("step", "when", "took", "on disk", "", "path")


class CheckpointsPanel(Panel):
    """A table, latest first: step, when, how long it took, size, kept or deleted, path.

    Example:
        >>> from nbhooks.model.records import Source
        >>> CheckpointsPanel(Source("CheckpointSaverHook", "checkpoints")).source
        'CheckpointSaverHook'
    """

    kind = SourceKind.CHECKPOINTS

    def body(self, view: SourceView, snapshot: Snapshot) -> list[Block]:
        """Make the table."""
        cursor = snapshot.cursor
        shown = [one for one in view.every(Checkpoint) if cursor is None or one.step <= cursor]
        if not shown:
            return [Text("none yet")]
        rows = tuple(map(_row, reversed(shown[-ROWS:])))
        return [Table(_HEADS, rows, more(len(shown) - ROWS, "earlier"))]

    def news(self, view: SourceView) -> str:
        """Name the newest."""
        every = view.every(Checkpoint)
        if not every:
            return "none yet"
        newest = every[-1]
        return f"{formatting.plural(len(every), 'checkpoint')} · {_state(newest)} {_name(newest)}"


def _row(checkpoint: Checkpoint) -> Row:
    cells = (
        number_cell(formatting.count(checkpoint.step)),
        Cell(formatting.clock(checkpoint.wall_time)),
        number_cell(formatting.duration(checkpoint.seconds)),
        number_cell(formatting.size(checkpoint.size)),
        Cell(_state(checkpoint)),
        text_cell(_short(checkpoint.path), "path", checkpoint.path),
    )
    return Row(cells, formatting.name(checkpoint.path), str(checkpoint.state))


def _state(checkpoint: Checkpoint) -> str:
    return "writing …" if checkpoint.state == CheckpointState.WRITING else str(checkpoint.state)


def _name(checkpoint: Checkpoint) -> str:
    return formatting.valid(formatting.cut(checkpoint.path.rpartition("/")[2], formatting.WORD))


def _short(path: str) -> str:
    """Return the file's name and its folder's; the whole path is in the tooltip."""
    folder, name = os.path.split(path)
    parent = os.path.basename(folder)  # noqa: PTH119 - a gs:// path is none of pathlib's
    return f"{parent}/{name}" if parent else name
