"""Where replay meets the dashboard: saved runs on the panels that show live sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbhooks.dashboard import Dashboard
from nbhooks.replay.player import play
from nbhooks.sessions import Session

if TYPE_CHECKING:
    from nbhooks.replay.runs import Runs


def show(runs: Runs) -> Dashboard:
    """Show each run as a session of its own, below one another.

    Args:
        runs: what was loaded.

    Returns:
        The board; in a notebook it has been displayed. Close it to let go of its widgets.
    """
    board = Dashboard()
    for name in runs.names:
        session = Session(name if name != "." else "")
        play(runs.only(name), session)
        session.leave("")  # nobody is in it: it has ended
        board.show(session)
    board.session_ended()
    return board
