"""What a board of saved runs shows, and what is chosen on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drawn_boards import receive, statuses

if TYPE_CHECKING:
    from nbhooks.replay.viewer import Viewer
    from nbhooks.view.dashboard import Dashboard


def viewer_of(board: Dashboard) -> Viewer:
    """The viewer above the panels of a board."""
    assert board._head is not None
    return board._head


def click(board: Dashboard, **content: Any) -> None:
    """Send what a page sends when something is chosen."""
    receive(board, **content)


def chosen(board: Dashboard) -> dict[str, Any]:
    """What is chosen, and what there is to choose from, as a page is sent it."""
    return viewer_of(board).choices()


def compared(board: Dashboard) -> dict[str, int]:
    """The runs that are compared, with the number of their colour."""
    return {run["name"]: run["hue"] for run in chosen(board)["runs"] if run["hue"] is not None}


def open_runs(board: Dashboard) -> list[str]:
    """The runs whose panels are shown."""
    return [text.split(" · ")[0] for text in statuses(board)]


def history(board: Dashboard) -> list[str]:
    """The commands that were carried out or refused."""
    return [str(entry) for entry in viewer_of(board).control.history]
