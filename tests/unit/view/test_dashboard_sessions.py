"""Holds the board to each of its sessions: shown once, named, noticed when it is gone."""

import gc

import ipywidgets
import pytest
from drawn_boards import Make, html, page_ready, panels, sections, statuses, widgets
from stand_ins import RUN, Coordinator

from nbhooks.model.recording import Recording
from nbhooks.model.records import Scalar, Source
from nbhooks.view import dashboard as room
from nbhooks.view import section


def test_a_session_is_shown_and_shown_once(boards: Make) -> None:
    board, session = boards(), Recording()
    early = session.join("nan", "early")
    board.show(session)
    board.show(session)
    session.join("nan", "late")
    assert [panel.source for panel in panels(board)] == [early, "late"]
    assert len(statuses(board)) == 1
    session.write(Scalar("late", "loss", 7, 0.0, 0.5))
    board.refresh()
    assert "loss = 0.5 at step 7" in html(board)


def test_states_of_a_session_that_ends(boards: Make) -> None:
    board, session, coordinator = boards(), Recording(), Coordinator()
    board.show(session)
    name = session.join("nan", "hook")
    assert board.state == "waiting"
    session.begin_attempt(coordinator, name, lambda: 0)
    session.begin_run(RUN, lambda: 0)
    assert board.state == "running"
    coordinator.stopping = True
    session.record_stop("StopAtStepHook", 200)
    session.leave(name)
    assert board.state == "stopped"
    assert statuses(board) == ["stopped by StopAtStepHook · step 0"]  # drawn by the end itself


def test_sessions_have_names_of_their_own(boards: Make) -> None:
    board = boards()
    for _ in range(2):
        session, coordinator = Recording(), Coordinator()
        board.show(session)
        name = session.join("tensors", "hook")
        for _ in range(2):
            session.begin_attempt(coordinator, name, lambda: 0)
            session.write(Scalar(name, "loss", 1, 0.0, 0.5))
            coordinator = Coordinator()
        session.die(ValueError())
    board.refresh()
    assert [line.partition(" · ")[0] for line in statuses(board)] == ["session 1", "session 3"]
    assert board.scalars["session"].tolist() == [0, 1, 2, 3]
    assert board.panel("hook") is panels(board)[-1]
    assert len(board.figure().axes) == 2


def test_only_the_latest_ended_sessions_keep_their_panels_open(boards: Make) -> None:
    board = boards()
    count = room.UNFOLDED + 2
    for number in range(count):
        session = Recording()
        board.show(session)
        session.write(Scalar(session.join("steps", "hook"), "rate", 1, 0.0, float(number)))
        session.die()
    shown = [len(one.panels) for one in sections(board)]
    assert shown == [0] * (count - room.UNFOLDED) + [1] * room.UNFOLDED
    assert len(statuses(board)) == count
    assert len(board.scalars) == count


def test_a_lost_session_is_dead_when_the_next_is_shown(boards: Make) -> None:
    board, lost = boards(), Recording()
    board.show(lost)
    lost.begin_attempt(Coordinator(), lost.join("nan", "hook"), lambda: 0)  # its coordinator is gone at once
    gc.collect()
    board.show(Recording())
    assert lost.state == "died"
    assert board.state == "waiting"


def test_a_session_that_is_gone_is_given_time_to_recover(
    boards: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    board, session = boards(), Recording()
    now = [1000.0]
    monkeypatch.setattr(section, "time", type("Time", (), {"monotonic": staticmethod(lambda: now[0])}))
    board.show(session)
    coordinator = Coordinator()
    session.begin_attempt(coordinator, session.join("nan", "hook"), lambda: 0)
    session.begin_run(RUN, lambda: 0)
    coordinator.joined = True
    board.refresh()
    now[0] += section.GRACE
    board.refresh()
    assert session.state == "running"
    now[0] += 0.1
    board.refresh()
    assert session.state == "died"
    board.refresh()
    assert statuses(board) == ["died of an error that was not seen · step 0"]


def test_input_is_enabled_when_a_page_is_ready(boards: Make) -> None:
    board = boards()
    board.write(Source("early", "tensors", {"tags": ("w",), "others": ("w",)}))
    assert [one.disabled for one in widgets(board, ipywidgets.Dropdown)] == [True]
    page_ready(board)
    assert board.live
    board.write(Source("late", "tensors", {"tags": ("w",), "others": ("w",)}))
    assert [one.disabled for one in widgets(board, ipywidgets.Dropdown)] == [False, False]
