"""Holds the board to each of its sessions: shown once, named, noticed when it is gone."""

import gc

import pytest
from drawn_boards import Make, open_page, panels, statuses, texts
from stand_ins import RUN, Coordinator

from nbhooks.model.recording import Recording
from nbhooks.model.records import Scalar
from nbhooks.view import parts as room
from nbhooks.view import section


def test_a_recording_is_shown_and_shown_once(boards: Make) -> None:
    board, session = boards(), Recording()
    early = session.join("nan", "early")
    board.show(session)
    board.show(session)
    session.join("nan", "late")
    assert [panel.source for panel in panels(board)] == [early, "late"]
    assert len(statuses(board)) == 1
    session.write(Scalar("late", "loss", 7, 0.0, 0.5))
    board.refresh()
    assert "loss = 0.5 at step 7" in texts(board)


def test_states_of_a_recording_that_ends(boards: Make) -> None:
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


def test_recordings_have_names_of_their_own(boards: Make) -> None:
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


def test_only_the_latest_of_ended_recordings_are_shown_whole(boards: Make) -> None:
    board = boards()
    count = room.UNFOLDED + 2
    for number in range(count):
        session = Recording()
        board.show(session)
        session.write(Scalar(session.join("steps", "hook"), "rate", 1, 0.0, float(number)))
        session.die()
    page = open_page(board)
    for table in (page.cards, page.sections):
        shown = [len(table.get(part, [])) for part in page.parts]
        assert shown == [0] * (count - room.UNFOLDED) + [1] * room.UNFOLDED
    assert len(page.heads) == count
    assert len(board.figure().axes) == count
    assert len(board.scalars) == count


def test_a_lost_recording_is_dead_when_the_next_is_shown(boards: Make) -> None:
    board, lost = boards(), Recording()
    board.show(lost)
    lost.begin_attempt(Coordinator(), lost.join("nan", "hook"), lambda: 0)  # its coordinator is gone at once
    gc.collect()
    board.show(Recording())
    assert lost.state == "died"
    assert board.state == "waiting"


def test_a_recording_that_is_gone_is_given_time_to_recover(
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
