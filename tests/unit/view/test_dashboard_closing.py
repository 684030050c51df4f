"""Holds a closed board to keep what it held, and to leave no widget and no thread behind."""

import gc
import threading
import weakref

from drawn_boards import WIDGETS, Make, life, open_page

from nbhooks.model.recording import Recording
from nbhooks.model.records import Scalar
from nbhooks.view.dashboard import Dashboard
from nbhooks.view.renderer import InlineRenderer, Renderer


def test_close_leaves_as_many_widgets_as_there_were() -> None:
    gc.collect()
    before = set(WIDGETS)
    for _ in range(10):
        board = Dashboard(renderer=InlineRenderer)
        life(board.write)
        session = Recording()
        board.show(session)
        session.join("tensors", "hook", tags=("w",), others=("w",))
        open_page(board)
        assert len(WIDGETS) == len(before) + 2  # one, and its layout
        board.close()
        board.close()
        assert set(WIDGETS) == before


def test_a_closed_board_still_holds_everything(boards: Make) -> None:
    board = boards()
    life(board.write)
    board.close()
    assert len(board.scalars) == 9
    assert len(board.tensors) == 3
    assert len(board.checkpoints) == 1
    assert len(board.events) == 3
    board.refresh()


def test_a_closed_board_still_has_its_figure(boards: Make) -> None:
    board = boards()
    life(board.write)
    board.close()
    assert [axes.get_title(loc="left") for axes in board.figure().axes] == [
        "Steps per second",
        "Logged scalars",
    ]


def test_a_closed_board_makes_no_more_widgets() -> None:
    gc.collect()
    before = set(WIDGETS)
    board, session = Dashboard(renderer=InlineRenderer), Recording()
    board.show(session)
    session.join("nan", "early")
    board.close()
    session.join("nan", "late")
    session.write(Scalar("late", "loss", 1, 0.0, 1.0))
    session.die()
    assert set(WIDGETS) == before


def test_a_closed_board_is_not_kept_alive() -> None:
    board = Dashboard(renderer=InlineRenderer)
    life(board.write)
    board.close()
    gone = weakref.ref(board)
    del board
    gc.collect()
    assert gone() is None


def test_the_end_of_the_last_recording_leaves_no_thread() -> None:
    board, sessions_ = Dashboard(Renderer), [Recording(), Recording()]
    mine = [one for one in threading.enumerate() if one.name == "nbhooks renderer"]
    assert mine == []
    for session in sessions_:
        board.show(session)
    sessions_[0].die()
    assert len([one for one in threading.enumerate() if one.name == "nbhooks renderer"]) == 1
    sessions_[1].die()
    assert [one for one in threading.enumerate() if one.name == "nbhooks renderer"] == []
    board.close()
