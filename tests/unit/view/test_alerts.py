"""Holds alerts to be rows of events, and to be shown on a board as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from drawn_boards import Make, open_page, static
from markup import HOSTILE, Markup

from nbhooks.model.events import Alert
from nbhooks.model.kinds import AlertLevel
from nbhooks.model.recording import Recording
from nbhooks.model.store import ALERTS
from nbhooks.view.attention import SHOWN

if TYPE_CHECKING:
    from nbhooks.view.dashboard import Dashboard


def raised(board: Dashboard, *alerts: tuple[str, str, str]) -> Recording:
    """Raise alerts in a session of a board."""
    session = Recording()
    board.show(session)
    for number, (level, title, text) in enumerate(alerts):
        session.write(Alert(AlertLevel(level), title, text, number or None, 100.0 + number))
    board.refresh()
    return session


def test_alerts_are_events(boards: Make) -> None:
    board = boards()
    raised(board, ("info", "begun", ""), ("error", "the loss is large", "it is 12"))
    rows = board.events[board.events["kind"] == "alert"]
    assert rows["detail"].tolist() == ["info: begun", "error: the loss is large: it is 12"]
    assert rows["step"].isna().tolist() == [True, False]
    assert rows["wall_time"].tolist() == [100.0, 101.0]


def test_they_are_shown_the_most_urgent_first(boards: Make) -> None:
    board = boards()
    raised(board, ("info", "a", ""), ("warning", "b", "why"), ("error", "c", ""))
    assert open_page(board).attention["p0"] == [
        {"level": "error", "title": "c", "text": "step 2"},
        {"level": "warning", "title": "b", "text": "why · step 1"},
        {"level": "info", "title": "a", "text": ""},
    ]
    shown = static(board)
    assert shown.index("<strong>c") < shown.index("<strong>b") < shown.index("<strong>a")
    assert '<div class="nbhooks-alert" data-level="alert" role="alert"><strong>c</strong>' in shown
    assert 'data-level="warning"><strong>b</strong> · why · step 1</div>' in shown
    assert 'data-level="calm"><strong>a</strong></div>' in shown
    assert str(board).splitlines()[1:] == [
        "! alert: info: a",
        "! alert at step 1: warning: b: why",
        "! alert at step 2: error: c",
    ]


def test_of_one_title_the_latest_is_shown(boards: Make) -> None:
    board = boards()
    session = raised(board, ("info", "a", "1"), ("info", "b", ""), ("error", "a", "2"))
    assert [(one.title, one.text) for one in session.snapshot().alerts] == [("b", ""), ("a", "2")]
    assert len(board.events) == 1 + 3


def test_however_many_there_are_some_are_shown(boards: Make) -> None:
    board = boards()
    session = raised(board, *(("info", str(number), "") for number in range(ALERTS + 5)))
    alerts = session.snapshot().alerts
    assert [one.title for one in alerts] == [str(number) for number in range(5, ALERTS + 5)]
    assert [one["title"] for one in open_page(board).attention["p0"]] == [one.title for one in alerts[::-1]]
    assert static(board).count('class="nbhooks-alert"') == SHOWN
    assert f"and {ALERTS - SHOWN} more notices" in static(board)


@pytest.mark.parametrize("written", [*HOSTILE, "\ud800", "x" * 10_000])
def test_they_are_text(boards: Make, written: str) -> None:
    board = boards()
    raised(board, ("error", written, written))
    shown = static(board).split("</style>")[1]
    assert set(Markup(shown).tags) <= {"div", "strong", "p"}
    assert len(shown) < 10_000
    [notice] = open_page(board).attention["p0"]
    assert len(notice["title"]) <= 500
    assert all(line.isprintable() for line in str(board).splitlines())
