"""Which board belongs to which cell: where a recording is shown that came without a board of its own."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Protocol

from nbhooks.jupyter import environment

if TYPE_CHECKING:
    from collections.abc import Callable

    from nbhooks.jupyter.cell import Place
    from nbhooks.model.recording import Recording


class Board(Protocol):
    """What is asked of a board here; a Dashboard is one."""

    @property
    def place(self) -> Place:
        """The cell that the board is displayed in."""

    def show(self, recording: Recording) -> None:
        """Show `recording` from now on."""

    def close(self) -> None:
        """Take the board off the page."""


_open: weakref.WeakSet[Board] = weakref.WeakSet()
_automatic: weakref.WeakSet[Board] = weakref.WeakSet()
_entered: list[Board] = []


def opened() -> list[Board]:
    """Return the boards that were made and not closed."""
    return list(_open)


def entered() -> list[Board]:
    """Return the boards within whose ``with`` block the program is, the innermost last."""
    return list(_entered)


def register(board: Board) -> None:
    """Add a board that was just made. It is held weakly."""
    _open.add(board)


def unregister(board: Board) -> None:
    """Remove a board that is closed."""
    _open.discard(board)


def enter(board: Board) -> None:
    """Show the recordings that are opened from now on on `board`: its ``with`` block begins."""
    _entered.append(board)


def leave(board: Board) -> None:
    """Undo `enter`."""
    _entered.remove(board)


def show_in_cell(recording: Recording, make: Callable[[], Board]) -> None:
    """Show a recording that came without a board of its own.

    It goes to the board whose ``with`` block this is; else, in a notebook, to the one board that the
    running execution of a cell has for what it runs, which is made when it is first needed.

    Args:
        recording: what to show.
        make: makes a board.
    """
    shell = environment.kernel_shell()
    if _entered:
        _entered[-1].show(recording)
    elif shell is not None:
        here = environment.cell(shell), environment.execution(shell)
        board = next((board for board in _open & _automatic if _where(board) == here), None)
        if board is None:
            board = make()
            _automatic.add(board)
        board.show(recording)


def close_replaced(place: Place) -> None:
    """Close the boards of earlier executions of the cell at `place`: its output has been cleared."""
    for board in opened():
        cell, execution = _where(board)
        if cell == place.cell and execution != place.execution:
            board.close()


def _where(board: Board) -> tuple[str, str]:
    return board.place.cell, board.place.execution
