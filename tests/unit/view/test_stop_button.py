"""Holds the Stop button to be offered where a page can send it and the session takes it, and nowhere else."""

from drawn_boards import Make, Page, page_ready, receive, recordings, sections
from stand_ins import Coordinator, end, running

from nbhooks.model.commands import Stop
from nbhooks.model.recording import Recording
from nbhooks.view.dashboard import Dashboard


def stoppable() -> tuple[Recording, Coordinator]:
    """A recording that runs and takes a Stop, and its coordinator, which it does not hold."""
    recording, coordinator = running()
    recording.control.handle(Stop, lambda _: None)
    return recording, coordinator


def offered(board: Dashboard) -> bool:
    """Whether the only session on a board has a Stop button."""
    [section] = sections(board)
    return section.head["can_stop"]


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
    assert not offered(board)
    receive(board, type="stop", part="p0")  # by a page of which nothing is known
    assert commands(board) == []
    page_ready(board)
    assert offered(board)
    receive(board, type="stop", part="p0")
    assert commands(board) == ["Stop by you: done"]


def test_stop_is_not_offered_of_a_recording_that_has_ended(boards: Make) -> None:
    board = boards()
    recording, _coordinator = stoppable()
    board.show(recording)
    page_ready(board)
    assert offered(board)
    end(recording, "finished")
    board.refresh()
    assert not offered(board)
    receive(board, type="stop", part="p0")
    assert commands(board) == []


def test_a_click_stops_the_recording_that_it_belongs_to(boards: Make) -> None:
    board = boards()
    recording, _coordinator = stoppable()
    board.show(recording)
    page = Page(board).ready()
    assert page.heads["p0"]["can_stop"] is True
    for part in ("p1", "", "compare"):
        page.send(type="stop", part=part)
    assert commands(board) == []
    page.send(type="stop", part="p0")
    assert commands(board) == ["Stop by you: done"]
