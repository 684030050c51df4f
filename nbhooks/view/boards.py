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

    def displayed_in(self, execution: str) -> bool:
        """Return whether the board has been displayed in this execution of a cell, and in none since."""

    def close(self) -> None:
        """Take the board off the page."""


_open: weakref.WeakKeyDictionary[Board, None] = weakref.WeakKeyDictionary()  # in the order of their making
_automatic: weakref.WeakSet[Board] = weakref.WeakSet()
_entered: list[Board] = []


def opened() -> list[Board]:
    """Return the boards that were made and not closed, the latest last."""
    return list(_open)


def entered() -> list[Board]:
    """Return the boards within whose ``with`` block the program is, the innermost last."""
    return list(_entered)


def register(board: Board) -> None:
    """Add a board that was just made. It is held weakly."""
    _open[board] = None


def unregister(board: Board) -> None:
    """Remove a board that is closed."""
    _open.pop(board, None)


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
        board = next((board for board in opened() if board in _automatic and _where(board) == here), None)
        if board is None:
            board = make()
            _automatic.add(board)
        board.show(recording)


def close_replaced(cell: str, execution: str) -> None:
    """Close the boards of earlier executions of a cell, whose output has been cleared.

    A board that is displayed in other cells too goes with the cell in which it was displayed first, unless it
    has been displayed there again.

    Args:
        cell: the cell that is running.
        execution: its execution at hand.
    """
    for board in opened():
        replaced = board.place.cell == cell and board.place.execution != execution
        if replaced and not board.displayed_in(execution):
            board.close()


def _where(board: Board) -> tuple[str, str]:
    return board.place.cell, board.place.execution
