"""The pump in a real kernel: cells queued behind the busy one, errors and interrupts end as without it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from widgets import Widgets

pytestmark = pytest.mark.kernel


@pytest.mark.parametrize("pump", ["opened()", "None"])
class TestQueuedCells:
    """Cells that wait behind the busy one end alike with a pump and without."""

    def test_run_in_order_after_it(self, widgets: Widgets, pump: str) -> None:
        cell = widgets.start(f"order = []; train({pump}, seconds=0.5); order.append('first')")
        queued = [widgets.kernel.start(f"order.append({number})") for number in range(20)]
        assert [widgets.kernel.finish(each).status for each in [cell, *queued]] == ["ok"] * 21
        assert widgets.value("order") == str(["first", *range(20)])

    def test_are_aborted_after_an_error(self, widgets: Widgets, pump: str) -> None:
        cell = widgets.start(f"ran = []; train({pump}, seconds=0.5); 1 / 0")
        queued = [widgets.kernel.start(f"ran.append({number})") for number in range(20)]
        assert [widgets.kernel.finish(each).status for each in [cell, *queued]] == ["error"] + [
            "aborted"
        ] * 20
        assert widgets.value("ran") == "[]"

    def test_are_aborted_after_an_interrupt(self, widgets: Widgets, pump: str) -> None:
        cell = widgets.start(f"ran = []; train({pump})")
        queued = [widgets.kernel.start(f"ran.append({number})") for number in range(20)]
        time.sleep(0.2)  # They have arrived, so that it is the pump that queued them.
        widgets.kernel.interrupt()
        assert widgets.kernel.finish(cell).error == ("KeyboardInterrupt", "")
        assert [widgets.kernel.finish(each).status for each in queued] == ["aborted"] * 20
        assert widgets.value("ran") == "[]"


# Interrupts the process while the main thread is in the middle of reading a message. (In ipykernel 7 another
# thread has read it before, with the same session.)
INTERRUPTED_WHILE_READING = """
session, feed = shell.kernel.session, shell.kernel.session.feed_identities
def interrupted(*args, **named):
    if threading.current_thread() is threading.main_thread():
        session.feed_identities = feed
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.01)
    return feed(*args, **named)
session.feed_identities = interrupted
"""


def test_an_interrupt_while_a_click_is_read_ends_the_cell_and_loses_no_click(widgets: Widgets) -> None:
    cell = widgets.start("pump = opened()\n" + INTERRUPTED_WHILE_READING + "train(pump)")
    widgets.kernel.click(widgets.button)
    assert widgets.kernel.finish(cell).error == ("KeyboardInterrupt", "")
    assert widgets.value("clicks") == "[True]"


def test_an_interrupt_while_a_cell_is_queued_loses_neither_it_nor_what_came_behind(widgets: Widgets) -> None:
    kernel = widgets.kernel
    cell = widgets.start(
        "pump = opened()\n"
        + INTERRUPTED_WHILE_READING
        + "print('busy', flush=True); time.sleep(0.5); train(pump)"
    )
    queued = [kernel.start("ran = True") for _ in range(3)]
    kernel.click(widgets.button)
    assert kernel.finish(cell).error == ("KeyboardInterrupt", "")
    assert [kernel.finish(each).status for each in queued] == ["aborted"] * 3
    assert widgets.value("clicks") == "[True]"


def test_a_second_interrupt_ends_a_callback_that_hangs(widgets: Widgets) -> None:
    made = widgets.kernel.run(
        "hanging = ipywidgets.Button()\n"
        "def hang(_):\n"
        "    print('hanging', flush=True)\n"
        "    while True: time.sleep(0.01)\n"
        "hanging.on_click(hang)\n"
        "print(hanging.comm.comm_id)"
    )
    cell = widgets.start("train(opened())")
    click = widgets.kernel.click(made.stdout.strip())
    widgets.said(cell, "hanging")
    widgets.kernel.interrupt()
    time.sleep(0.2)  # Two signals at once are one.
    assert "idle" not in widgets.kernel.statuses(click)
    widgets.kernel.interrupt()
    assert widgets.kernel.finish(cell).error == ("KeyboardInterrupt", "")
    assert widgets.kernel.statuses(click) == ["busy", "idle"]
