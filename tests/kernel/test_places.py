"""In a real kernel: a board is displayed in any cell, stays live in all of them, and keeps each picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from client import Message
    from page import Page

pytestmark = [pytest.mark.kernel, pytest.mark.tensorflow]

OPEN = """
made, op, loss, weights = graph()
with made.as_default():
    open_ = tf1.train.MonitoredSession(hooks=hooks(loss, weights))
for _ in range(10): open_.run(op)
"""
CLOSE = "with made.as_default(): open_.close()"
VIEW = "application/vnd.jupyter.widget-view+json"


def views(displays: list[dict[str, Any]]) -> list[str]:
    """The widgets that a cell displays."""
    return [data[VIEW]["model_id"] for data in displays if VIEW in data]


def pictures(messages: list[Message]) -> list[tuple[str, str]]:
    """Every picture with the id of its output, in order."""
    return [
        (message.content["transient"]["display_id"], message.content["data"]["text/html"])
        for message in messages
        if message.kind in ("display_data", "update_display_data") and "text/html" in message.content["data"]
    ]


def test_a_board_is_displayed_again_and_the_picture_of_each_place_is_renewed(page: Page) -> None:
    home = page.run(OPEN)
    second = page.run("# second\nnbhooks.board()")
    third = page.run("# third\ndisplay(nbhooks.board()); display(nbhooks.board())")
    assert views(second.displays) == views(home.displays)
    assert views(third.displays) == views(home.displays) * 2
    last = page.run(CLOSE)
    outputs = {name for result in (home, second, third) for name, _ in pictures(result.messages)}
    assert len(outputs) == 4
    assert {name for name, html in pictures(last.messages) if "finished · step 10" in html} == outputs
    assert page.value("len(open_boards())") == "1"


def test_a_place_whose_cell_is_run_again_is_one_place(page: Page) -> None:
    page.run(OPEN)
    first = page.run("# second\nnbhooks.board()")
    again = page.run("# second\nnbhooks.board()")
    last = page.run(CLOSE)
    renewed = {name for name, _ in pictures(last.messages)}
    assert len(renewed) == 2
    assert pictures(again.messages)[0][0] in renewed
    assert pictures(first.messages)[0][0] not in renewed


def test_a_board_is_displayed_after_its_end_and_a_page_is_answered_in_full(page: Page) -> None:
    home = page.run("hooks_ = train(last=30)")
    handlers = page.value("handlers()")
    shown = page.run("# second\nnbhooks.board()")
    assert views(shown.displays) == views(home.displays)
    assert "stopped by StopAtStepHook · step 30" in pictures(shown.messages)[-1][1]
    page.hello()
    assert page.value("handlers(), threads()") == f"{handlers} []"


def test_in_mid_cell_it_appears_when_the_cell_ends(page: Page) -> None:
    cell = page.kernel.start("hooks_ = train(pause=0.002)")
    page.hello().wait(lambda board: board.head()["state"] == "running")
    behind = page.kernel.start("# behind\nnbhooks.board()")
    page.click_stop()
    home = page.kernel.finish(cell)
    shown = page.kernel.finish(behind)
    assert views(shown.displays) == views(home.displays)
    assert "finished" in pictures(shown.messages)[-1][1]


def test_under_a_background_training_it_appears_at_once(page: Page) -> None:
    page.run(
        "import contextvars\n"
        "context = contextvars.copy_context()\n"
        "thread = threading.Thread(target=context.run, args=(lambda: train(pause=0.002),))\n"
        "thread.start()\n"
        "while not open_boards() or open_boards()[-1].state != 'running': time.sleep(0.01)"
    )
    shown = page.run("# second\nnbhooks.board()")
    assert len(views(shown.displays)) == 1
    assert page.value("open_boards()[-1].state, thread.is_alive()") in ("running True", "open True")
    page.hello().wait(lambda board: len(board.updates()) > 10)
    page.click_stop()
    last = page.run("thread.join()")
    assert page.value("open_boards()[-1].state, len(open_boards())") == "finished 1"
    renewed = [html for _, html in pictures(last.messages) if "finished" in html]
    assert len(renewed) == 2


def test_a_new_session_in_a_cell_that_displays_the_old_board_has_its_own(page: Page) -> None:
    page.run("hooks_ = train(last=10)")
    page.run("old = nbhooks.board()")
    code = (
        "pretend_shown_by(old, get_ipython().parent_header['content']['code'])\n"
        "display(old)\n"
        "hooks_ = train(last=20)"
    )
    result = page.run(code)
    assert len(set(views(result.displays))) == 2
    assert page.value("nbhooks.board() is not old, old in open_boards()") == "True True"
    page.run(code.replace("display(old)", ""))
    assert page.value("old in open_boards()") == "False"


def test_a_closed_board_is_text(page: Page) -> None:
    page.run("hooks_ = train(last=10)\nclosed = nbhooks.board()")
    page.run("closed.close()")
    (shown,) = page.run("closed").displays
    assert shown["text/plain"].startswith("nbhooks board · stopped by StopAtStepHook · step 10\n")
    assert VIEW not in shown
    result = page.ended("nbhooks.board()")
    assert result.error is not None
    assert result.error[1].startswith("there is no board")
