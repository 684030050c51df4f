"""Holds the Stop button to be offered where a page can send it and the session takes it, and nowhere else."""

from drawn_boards import Make, page_ready, receive, recordings, widgets
from stand_ins import Coordinator, end, running

from nbhooks.model.commands import Stop
from nbhooks.model.recording import Recording
from nbhooks.view.dashboard import Dashboard
from nbhooks.view.widgets.status import Status


def stoppable() -> tuple[Recording, Coordinator]:
    """A recording that runs and takes a Stop, and its coordinator, which it does not hold."""
    recording, coordinator = running()
    recording.control.handle(Stop, lambda _: None)
    return recording, coordinator


def status(board: Dashboard) -> Status:
    """The status line of the only session on a board."""
    [found] = widgets(board, Status)
    return found


def commands(board: Dashboard) -> list[str]:
    """What has become of each command that was submitted, between two steps."""
    [recording] = recordings(board)
    recording.control.between_steps()
    return [str(entry) for entry in recording.control.history]


def test_stop_is_offered_once_a_page_is_ready(boards: Make) -> None:
    board = boards()
    recording, _coordinator = stoppable()
    board.show(recording)
    board.refresh()
    assert recording.can_stop
    assert not status(board).can_stop
    receive(status(board), type="stop")  # by a page of which nothing is known
    assert commands(board) == []
    page_ready(board)
    assert status(board).can_stop
    receive(status(board), type="stop")
    assert commands(board) == ["Stop by you: done"]


def test_stop_is_not_offered_of_a_session_that_has_ended(boards: Make) -> None:
    board = boards()
    recording, _coordinator = stoppable()
    board.show(recording)
    page_ready(board)
    assert status(board).can_stop
    end(recording, "finished")
    board.refresh()
    assert not status(board).can_stop
    receive(status(board), type="stop")
    assert commands(board) == []
