"""Holds whatever fails while a board is drawn to stay away from the training and the cell."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from drawn_boards import open_page, sections, static
from stand_ins import FailingError, fail, faults

from nbhooks.model.events import State
from nbhooks.model.lifecycle import Phase
from nbhooks.model.recording import Recording
from nbhooks.model.records import Attempt, Line, Scalar, Source
from nbhooks.model.values import Tensor
from nbhooks.view.dashboard import Dashboard
from nbhooks.view.renderer import InlineRenderer

SURROGATE = "loss \ud800"


class FailingRenderer(InlineRenderer):
    """A renderer whose thread cannot be started."""

    def request(self, **_: bool) -> None:
        raise RuntimeError("can't start new thread")


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_renderer_that_cannot_be_asked_does_not_reach_who_writes() -> None:
    board, session = Dashboard(renderer=FailingRenderer), Recording()
    board.show(session)
    session.write(Source("mine", "tensors"))
    session.write(Scalar("mine", "loss", 1, 1.0, 1.0))
    session.write(State(Phase.RUNNING, 1, 1.0))
    board.refresh()
    assert [fault for fault in faults(session) if "can't start new thread" in fault]
    assert len(faults(session)) == 1
    board.close()


def test_a_section_that_fails_leaves_the_others_drawn(
    board: Dashboard, monkeypatch: pytest.MonkeyPatch
) -> None:
    sessions = [Recording(), Recording()]
    for session in sessions:
        board.show(session)
        session.join("steps", "StepCounterHook")
    monkeypatch.setattr(sections(board)[0]._head, "draw", fail)
    with pytest.warns(RuntimeWarning, match="the disk is full"):
        board.refresh()
    assert len(faults(sessions[0])) == 1
    assert sections(board)[1].panels[0].plots()


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("what", ["flush", "close", "renew_picture", "cell_ended"])
def test_a_cell_ends_well_whatever_fails(
    board: Dashboard, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, left = Recording(), []
    board.show(session)
    session.write(State(Phase.FINISHED, 1, 1.0))
    monkeypatch.setattr(board.place, "leave", lambda: left.append(True))
    with monkeypatch.context() as during:
        if what in ("flush", "close"):
            during.setattr(board._renderer, what, fail)
        elif what == "renew_picture":
            during.setattr(board, what, fail)
        else:
            during.setattr(session, what, fail)
        board.place._cell_ends(SimpleNamespace(error_in_exec=None))
    assert left


def test_a_board_leaves_its_cell_though_the_pump_does_not_close(
    board: Dashboard, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = []
    monkeypatch.setattr(board.place, "leave", lambda: left.append(True))
    monkeypatch.setattr(board.place, "_pump", SimpleNamespace(close=fail))
    with pytest.raises(FailingError):
        board.place._cell_ends(SimpleNamespace(error_in_exec=None))
    assert left


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_leaving_the_block_of_a_board_that_cannot_draw_does_not_raise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    board = Dashboard(renderer=InlineRenderer)
    with monkeypatch.context() as during:
        with board:
            board.show(Recording())
            during.setattr(board._renderer, "flush", fail)
        board.close()
    assert board._closed


def test_a_lone_surrogate_is_shown_as_what_it_is(board: Dashboard) -> None:
    session = Recording(SURROGATE)
    board.show(session)
    for kind in ("steps", "tensors", "summaries", "nan", "results", "feeds"):
        session.write(Source(kind + SURROGATE, kind, {"tags": (SURROGATE,), "others": (SURROGATE,)}))
    session.write(Attempt(1.0, 0))
    for kind in ("steps", "tensors", "summaries", "nan", "results"):
        session.write(Scalar(kind + SURROGATE, SURROGATE, 1, 1.0, float("nan")))
        words = Tensor(
            kind + SURROGATE, f"words {SURROGATE}", 1, 1.0, "string", (1,), np.array([SURROGATE], object)
        )
        session.write(words)
    session.write(Line("tensors" + SURROGATE, 1, 1.0, SURROGATE))
    session.write(State(Phase.DIED, 1, 1.0, SURROGATE))
    page = open_page(board)  # which writes every message as it is sent
    assert not faults(session)
    assert len(page.cards["p0"]) == 1
    static(board).encode("utf-8")
    assert "\\ud800" in static(board)
