"""Holds a board as text to ten lines that a terminal does not act on."""

from __future__ import annotations

import math

import pytest
from drawn_boards import Make, life
from IPython.core.formatters import DisplayFormatter

from nbhooks.model.events import Event, State
from nbhooks.model.lifecycle import Phase
from nbhooks.model.recording import Recording
from nbhooks.model.records import Scalar, Source
from nbhooks.view.plain import LINES, NAME, TEXT


def test_state_step_scalars_and_alerts(boards: Make) -> None:
    board = boards()
    assert str(board) == repr(board) == "nbhooks board · waiting for the session"
    life(board.write)
    board.write(Event("nan", 3, 105.0, "loss", "NanTensorHook"))
    assert str(board).splitlines() == [
        "nbhooks board · running · step 3",
        "  global_step/sec         50  step 3",
        "  loss               0.33333  step 3",
        "  loss:0             0.33333  step 3",
        "! nan at step 3: loss",
    ]


def test_of_several_recordings_the_latest(boards: Make) -> None:
    board = boards()
    for value in (1.0, math.nan):
        session = Recording()
        board.show(session)
        session.write(Scalar(session.join("nan", "A"), "loss", 7, 0.0, value))
    session.die(ValueError("x"))
    assert str(board).splitlines() == [
        "nbhooks board · died of ValueError · step 7 · the latest of 2 sessions",
        "  loss        NaN  step 7",
    ]


@pytest.mark.parametrize("alerts", [0, 30])
def test_however_much_there_is_it_has_ten_lines(boards: Make, alerts: int) -> None:
    board = boards()
    for number in range(50):
        board.write(Source(f"A{number}", "tensors"))
        board.write(Scalar(f"A{number}", f"{number}/{'scope/' * 99}tag{number}", 1, 0.0, 1.0))
        if number < alerts:
            board.write(Event("inf", 1, float(number), "x" * 999, f"A{number}"))
    lines = str(board).splitlines()
    assert len(lines) == LINES
    assert any(line == f"  and {50 - (5 if alerts else 8)} more scalars" for line in lines)
    assert any("tag0  " in line for line in lines)
    assert max(map(len, lines)) < max(NAME, TEXT) + 40


HOSTILE = ["\x1b]0;title\x07\x1b[2J", "a\nb\rc\td", "\x9b31m", "\u202ereversed", "\ud800", "\x00", "\u2028"]


@pytest.mark.parametrize("written", HOSTILE)
def test_a_terminal_acts_on_nothing(boards: Make, written: str) -> None:
    board = boards()
    board.write(Source("A", "tensors"))
    board.write(Scalar("A", written * 20, 1, 0.0, 1.0))
    board.write(Event("nan", 1, 0.0, written * 20, "A"))
    board.write(State(Phase.DIED, 1, 0.0, written))
    lines = str(board).split("\n")
    assert len(lines) == 3
    assert all(line.isprintable() for line in lines)
    assert all(len(line) < 200 for line in lines)


def test_outside_of_a_notebook_displaying_it_writes_the_text(boards: Make) -> None:
    data, _ = DisplayFormatter().format(boards())
    assert data == {"text/plain": "nbhooks board · waiting for the session"}


def test_a_closed_board_is_written_too(boards: Make) -> None:
    board = boards()
    life(board.write)
    board.close()
    assert "loss" in str(board)
