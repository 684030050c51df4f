"""In a real kernel: TensorFlow's lines go to the board whose page is live, and else stay where they were."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from page import Page

pytestmark = [pytest.mark.kernel, pytest.mark.tensorflow]

PROLOGUE = """
import logging
from nbhooks.jupyter import tensorflow_log

tf1.logging.set_verbosity(tf1.logging.INFO)
logger = logging.getLogger("tensorflow")
[own] = logger.handlers

def state():
    handlers = logger.handlers == [own], logging.root.handlers
    return own.filters, own.level, handlers, logger.level, logger.filters

def logged(board=None):
    return (board or open_boards()[-1])._log.log.since(0)[1]
"""
AS_IT_WAS = "([], 0, (True, []), 20, [])"
# The lines of `train` before the first run: one as a hook is made, the others once the board is displayed.
CREATED = "INFO:tensorflow:Create CheckpointSaverHook."
FIRST = "INFO:tensorflow:Graph was finalized."
BEFORE = 7


@pytest.fixture
def page(page: Page) -> Iterator[Page]:
    """A page whose kernel logs, and waits a minute for a page, so that no test depends on the machine."""
    page.run(PROLOGUE + "tensorflow_log.WAIT = 60.0")
    yield page
    page.click_stop()
    page.run("tf1.logging.set_verbosity(tf1.logging.ERROR)")


def lines(printed: str) -> list[str]:
    """The lines that TensorFlow printed, without numbers and paths, which differ from run to run."""
    found = re.findall("^INFO:tensorflow:.*$", printed, re.MULTILINE)
    return [re.sub(r"/\S+|\d+(\.\d+)?(e-\d+)?|nan", "…", line) for line in found]


def live(page: Page, code: str = "hooks_ = train(pause=0.002)") -> str:
    """Start a cell that trains, and let its page become live."""
    cell = page.kernel.start(code)
    page.hello()
    page.board.wait(lambda board: board.log)
    return cell


def test_with_a_live_page_the_output_has_no_line_of_them(page: Page) -> None:
    cell = live(page, "hooks_ = train(pause=0.05)")  # slow, so that the first line is still kept at the end
    page.board.wait(lambda board: len(board.log) > 25)
    page.click_stop()
    result = page.kernel.finish(cell)
    assert (result.error, lines(result.stdout), result.stderr) == (None, [CREATED], "")
    assert page.value("state()") == AS_IT_WAS
    assert page.run("tf1.logging.info('back')").stdout == "INFO:tensorflow:back\n"
    (picture,) = [data["text/html"] for data in result.displays if "nbhooks-static" in str(data)]
    logged = picture.rpartition('<pre class="nbhooks-values">')[2].split("</pre>")[0].split("\n")
    assert len(logged) == 20
    assert page.value("logged()[0]") == FIRST


def test_what_is_logged_before_the_board_is_displayed_is_on_it_too(page: Page) -> None:
    cell = live(
        page,
        "made, op, loss, weights = graph()\n"
        "folder = tempfile.mkdtemp()\n"
        "with made.as_default(), nbhooks.MonitoredTrainingSession(checkpoint_dir=folder) as opened:\n"
        "    while not clicks: opened.run(op); time.sleep(0.05)",
    )
    page.click_stop()
    assert lines(page.kernel.finish(cell).stdout) == []
    assert page.value("logged()[:2]") == repr([CREATED, FIRST])
    assert page.value("state()") == AS_IT_WAS


def test_where_no_board_takes_them_they_are_printed_in_order(page: Page) -> None:
    result = page.run(
        "made, op, loss, weights = graph()\n"
        "with made.as_default(), nbhooks.Dashboard(log=False) as quiet:\n"
        "    pass\n"
        "with made.as_default():\n"
        "    step = nbhooks.StepCounterHook(dashboard=quiet)\n"
        "    folder = tempfile.mkdtemp()\n"
        "    with nbhooks.MonitoredTrainingSession(checkpoint_dir=folder, hooks=[step]) as opened:\n"
        "        opened.run(op)"
    )
    assert lines(result.stdout)[:2] == [CREATED, FIRST]
    assert page.value("state()") == AS_IT_WAS


def test_without_a_page_the_output_is_what_it_would_be(page: Page) -> None:
    as_ever = page.run("with nbhooks.Dashboard(log=False): train(last=30)").stdout
    assert page.value("state()") == AS_IT_WAS
    held = page.run("train(last=30)").stdout
    page.run("tensorflow_log.WAIT = 0.0")
    late = page.run("train(last=30)").stdout
    assert len(lines(as_ever)) > BEFORE
    assert lines(as_ever) == lines(held) == lines(late)
    assert page.value("state()") == AS_IT_WAS


def test_without_log_a_live_page_changes_nothing(page: Page) -> None:
    cell = page.kernel.start("with nbhooks.Dashboard(log=False): train(pause=0.002)")
    page.hello()
    page.wait_for_text("loss:0 = ")
    page.click_stop()
    result = page.kernel.finish(cell)
    assert lines(result.stdout)[:2] == [CREATED, FIRST]
    assert page.board.log == []


@pytest.mark.parametrize("waits", [True, False])
def test_lines_that_nobody_takes_are_printed_while_the_cell_runs(page: Page, *, waits: bool) -> None:
    page.run(f"tensorflow_log.WAIT = {0.2 if waits else 60.0}")
    if waits:
        code = "with nbhooks.Dashboard():\n    tf1.logging.info('Graph was finalized.')\n    time.sleep(60)"
    else:  # the session is over, and nobody asks for a page's messages any more
        code = "train(last=3); time.sleep(60)"
    cell = page.kernel.start(code)
    page.kernel.wait_for(
        lambda: any(
            FIRST in message.content["text"]
            for message in page.kernel.answers(cell)
            if message.kind == "stream"
        )
    )
    page.kernel.interrupt()
    page.kernel.finish(cell)
    assert page.value("state()") == AS_IT_WAS


def test_an_error_prints_what_was_held(page: Page) -> None:
    result = page.ended("train(also=[Probe(at=3, what=ValueError('no'))])")
    assert result.error == ("ValueError", "no")
    assert lines(result.stdout)[:2] == [CREATED, FIRST]
    assert len(lines(result.stdout)) >= BEFORE
    assert page.value("state()") == AS_IT_WAS


def test_an_interrupt_gives_the_handler_back(page: Page) -> None:
    cell = live(page)
    page.kernel.interrupt()
    result = page.kernel.finish(cell)
    assert result.error is not None
    assert result.error[0] == "KeyboardInterrupt"
    assert lines(result.stdout) == [CREATED]
    assert page.value("state()") == AS_IT_WAS


def test_a_board_that_is_closed_gives_the_handler_back(page: Page) -> None:
    result = page.run(
        "with nbhooks.Dashboard() as board:\n"
        "    train(last=3)\n"
        "    tf1.logging.info('before')\n"
        "    board.close()\n"
        "    print(state())\n"
        "    tf1.logging.info('after')"
    )
    assert result.stdout.endswith(
        f"INFO:tensorflow:before\n{AS_IT_WAS}\nINFO:tensorflow:after\n",
    )


def test_warnings_go_to_both(page: Page) -> None:
    cell = live(page, "tf1.logging.warning('<b>first</b>')\nhooks_ = train(pause=0.002)")
    page.click_stop()
    result = page.kernel.finish(cell)
    assert result.stdout.startswith(f"WARNING:tensorflow:<b>first</b>\n{CREATED}\n")
    assert lines(result.stdout) == [CREATED]
    page.forget()
    cell = live(
        page,
        "class Warns(tf1.train.SessionRunHook):\n"
        "    def after_run(self, *_): tf1.logging.log_every_n(tf1.logging.WARN, '<b>loud</b>', 10**6)\n"
        "clicks.clear(); hooks_ = train(pause=0.002, also=[Warns()])",
    )
    page.click_stop()
    result = page.kernel.finish(cell)
    assert result.stdout.count("WARNING:tensorflow:<b>loud</b>\n") == 1
    assert lines(result.stdout) == [CREATED]
    assert page.value("'WARNING:tensorflow:<b>loud</b>' in logged()") == "True"


def test_where_the_root_logger_prints_nothing_changes_and_the_log_says_so(page: Page) -> None:
    page.run("logging.basicConfig(format='%(message)s')")
    try:
        cell = page.kernel.start("hooks_ = train(pause=0.002)")
        page.hello()
        page.board.wait(lambda board: "a handler of Python's root logger" in board.log_note)
        page.click_stop()
        result = page.kernel.finish(cell)
    finally:
        page.run("logging.root.removeHandler(logging.root.handlers[0])")
    assert lines(result.stdout)[:2] == [CREATED, FIRST]
    assert "Create CheckpointSaverHook." in result.stderr
    assert page.board.log == []
    assert page.value("state()") == AS_IT_WAS


def test_a_session_kept_open_logs_to_its_board_in_later_cells(page: Page) -> None:
    opened = page.run(
        "made, op, loss, weights = graph()\n"
        "with made.as_default():\n"
        "    open_ = tf1.train.MonitoredSession(hooks=hooks(loss, weights))\n"
        "for _ in range(10): open_.run(op)"
    )
    assert lines(opened.stdout)[:2] == [CREATED, FIRST]
    assert page.run("tf1.logging.info('another matter')").stdout == "INFO:tensorflow:another matter\n"
    page.hello()
    cell = page.kernel.start(
        "with made.as_default():\n    while not clicks: open_.run(op); time.sleep(0.002)"
    )
    page.board.wait(lambda board: board.log)
    page.click_stop()
    assert lines(page.kernel.finish(cell).stdout) == []
    assert page.value("state()") == AS_IT_WAS
    page.run("with made.as_default(): open_.close()")


def test_two_boards_of_one_cell_share_the_lines(page: Page) -> None:
    cell = live(
        page,
        "with nbhooks.Dashboard() as first: train(last=3)\nwith nbhooks.Dashboard() as second:"
        " train(pause=0.002)",
    )
    page.click_stop()
    page.kernel.finish(cell)
    assert page.value("logged(first)[-len(logged(second)):] == logged(second)") == "True"
    assert page.value("len(logged(second)) > 0") == "True"
    assert page.value("state()") == AS_IT_WAS


def test_a_callback_between_cells_takes_no_lines(page: Page) -> None:
    page.run("button = ipywidgets.Button(); button.on_click(lambda _: train(last=3))")
    click = page.kernel.click(page.value("button.comm.comm_id"))
    page.kernel.wait_for(lambda: "idle" in page.kernel.statuses(click))
    assert page.value("state()") == AS_IT_WAS
