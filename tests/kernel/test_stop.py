"""The Stop button in a real kernel: a click reaches the session while its cell is busy, and ends it well."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from page import Page

pytestmark = [pytest.mark.kernel, pytest.mark.tensorflow]


def click_the_boards_stop(page: Page) -> None:
    board = page.board
    board.send(type="stop", part=board.parts[-1])


def test_a_click_ends_the_session_while_its_cell_is_busy(page: Page) -> None:
    cell = page.kernel.start("hooks_ = train(pause=0.002)")
    page.hello().wait(lambda board: board.head()["can_stop"])
    click_the_boards_stop(page)
    assert page.kernel.finish(cell).error is None
    assert page.state_is("stopped")
    assert page.board.status().startswith("stopped by you")
    assert page.board.head()["can_stop"] is False
    frame = "board = open_boards()[0]; board.events[board.events.kind != 'state'].detail.tolist()"
    board, _, expression = frame.partition("; ")
    page.run(board)
    assert page.value(expression) == "['you', 'Stop by you: done']"


def test_a_click_ends_a_wait_for_the_global_step(page: Page) -> None:
    cell = page.kernel.start(
        "made, op, loss, weights = graph()\n"
        "waiter = nbhooks.GlobalStepWaiterHook(10**6)\n"
        "with made.as_default(), tf1.train.MonitoredSession(hooks=[waiter]) as s:\n"
        "    print(s.run(op), s.should_stop())"
    )
    page.hello().wait(lambda board: board.head()["can_stop"])
    click_the_boards_stop(page)
    result = page.kernel.finish(cell)
    assert result.error is None
    assert result.stdout.strip() == "1 True"
    assert page.state_is("stopped")


def test_a_session_that_has_ended_offers_no_stop(page: Page) -> None:
    page.run("hooks_ = train(last=20)")
    assert page.hello().head()["can_stop"] is False
    click_the_boards_stop(page)
    assert page.state_is("stopped")
    assert "stopped by StopAtStepHook" in page.board.status()
