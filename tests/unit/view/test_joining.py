"""Holds a board to draw only panels whose sources it has seen, while hooks join from another thread."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
from drawn_boards import sections

from nbhooks.model.events import Event
from nbhooks.model.recording import Recording
from nbhooks.model.records import Scalar, Source
from nbhooks.view.head import Head

if TYPE_CHECKING:
    from nbhooks.view.dashboard import Dashboard


SECONDS = 2.0
SOURCES = 10


@pytest.fixture
def sending(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let another thread run when a head is made, as it may where there is a page."""
    draw = Head.draw

    def sent(self: Head, *arguments: Any, **named: Any) -> Any:
        made = draw(self, *arguments, **named)
        time.sleep(0.001)
        return made

    monkeypatch.setattr(Head, "draw", sent)


@pytest.mark.usefixtures("sending")
def test_hooks_join_from_one_thread_while_another_draws(board: Dashboard) -> None:
    sessions: list[Recording] = []
    ended = threading.Event()

    def join() -> None:
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            session = Recording()
            sessions.append(session)
            board.arrange([session])
            for number in range(SOURCES):
                name = session.join("steps", "StepCounterHook")
                session.write(Scalar(name, "rate", number, float(number), 1.0))
        ended.set()

    joining = threading.Thread(target=join)
    joining.start()
    while not ended.wait(0.0005):
        board.refresh()
    joining.join()
    board.refresh()
    events = [event for one in sessions for _, event in one.store.columns().rows(Event)]
    faults = [event for event in events if isinstance(event, Event) and event.kind == "fault"]
    assert not faults
    assert len(sessions) > 1
    [section] = sections(board)
    assert [panel.source for panel in section.panels] == [
        one.source for one in section.recording.snapshot().sources
    ]
    assert all(panel.plots() for panel in section.panels)


def test_a_panel_that_comes_after_the_last_record_is_drawn(board: Dashboard) -> None:
    """The board draws between the record of a source and its panel, and nothing is reported after that."""
    session = Recording()
    board.show(session)

    class Between:
        def joined(self, _: Source) -> None:
            board.refresh()

        def ended(self) -> None:
            pass

    [section] = sections(board)
    session.remove_observer(section)
    session.add_observer(Between())
    session.add_observer(section)
    session.join("steps", "StepCounterHook")
    board.refresh()
    assert all(panel.plots() for panel in section.panels)


def test_a_source_that_joins_while_its_section_is_made_has_a_panel(
    board: Dashboard, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = Recording()
    session.join("steps", "first")
    snapshot = session.store.snapshot

    def joining(cursor: int | None = None, **named: Any) -> object:
        monkeypatch.setattr(session.store, "snapshot", snapshot)
        session.join("steps", "second")
        seen = snapshot(cursor, **named)
        session.join("steps", "third")
        return seen

    monkeypatch.setattr(session.store, "snapshot", joining)
    board.show(session)
    [section] = sections(board)
    assert sorted(panel.source for panel in section.panels) == ["first", "second", "third"]
