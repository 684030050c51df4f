"""The latest board: to display it in any cell, and after the page has been reloaded."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from nbhooks.view import boards

if TYPE_CHECKING:
    from nbhooks.view.dashboard import Dashboard


def board() -> Dashboard:
    """Return the board that was made last and not closed, of a running session or of saved runs.

    As the last value of a cell, or by ``display(nbhooks.board())``, it is displayed in that cell too; all the
    places where it is displayed stay live. While a cell is running this one waits for its end, as every cell
    does. What is printed of it needs no widgets.

    Raises:
        RuntimeError: if there is none.

    Example:
        >>> from nbhooks.view.dashboard import Dashboard
        >>> made = Dashboard()
        >>> board() is made
        True
        >>> print(board())
        nbhooks board · waiting for the session
        >>> made.close()
    """
    opened = boards.opened()
    if not opened:
        raise RuntimeError(
            "there is no board: none was made yet, or all are closed. One is made by nbhooks.Dashboard(), "
            "by runs.show() of saved runs, and in a notebook by the first session with hooks of nbhooks"
        )
    return cast("Dashboard", opened[-1])
