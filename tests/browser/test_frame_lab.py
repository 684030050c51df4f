"""The frame of the board in JupyterLab and Notebook 7: a head that stays in view, and keys."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("playwright", reason="the browser tests need Playwright")

import boards
from lab import NotebookPage
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser
    from server import Server

pytestmark = pytest.mark.browser

SETUP = f"""
import json
import time
import anywidget
from nbhooks.view.widgets import modules

class Board(anywidget.AnyWidget):
    _esm, _css = modules.script(), modules.style()

    def __init__(self):
        super().__init__()
        self.received = []
        self.on_msg(self.receive)

    def receive(self, _, content, __):
        self.received.append(content)
        if content["type"] == "ready":
            self.send(json.loads({json.dumps(boards.full())!r}))
"""
FIRST = "board = Board()\nboard"
HEAD = ".nbhooks-board .nbhooks-head"


@pytest.fixture(scope="module", params=["lab", "notebook7"])
def notebook(request: pytest.FixtureRequest, browser: Browser, server: Server) -> Iterator[NotebookPage]:
    """A page whose second cell shows a board, with cells above and below it."""
    name = f"frame-{request.param}.ipynb"
    server.write(name, [SETUP, FIRST, *["print('below\\n' * 40)"] * 2])
    server.share_kernel(name)
    page = NotebookPage(browser, server, name, front_end=request.param)
    page.resize(height=700)
    for cell in range(4):
        page.run(cell)
    yield page
    page.close()


def test_the_head_stays_while_its_output_is_in_view(notebook: NotebookPage, pictures: Path) -> None:
    head = notebook.page.locator(HEAD)
    notebook.cell(1).evaluate("(node) => node.scrollIntoView()")
    head.hover()
    front_end = notebook.path.stem
    notebook.page.mouse.wheel(0, 500)
    notebook.page.wait_for_timeout(300)
    notebook.picture(pictures / f"{front_end}-scrolled.png")
    top = "(node) => node.closest('.jp-WindowedPanel-outer, .jp-Notebook').getBoundingClientRect().top"
    box = head.bounding_box()
    assert box
    assert 0 <= box["y"] - head.evaluate(top) < 20
    log = notebook.page.locator(".nbhooks-fold", has_text="152 lines")
    assert (log.bounding_box() or {"y": 0})["y"] > box["y"] + box["height"]
    notebook.page.mouse.wheel(0, 3000)
    notebook.page.wait_for_timeout(300)
    assert (head.bounding_box() or {"y": -1})["y"] < head.evaluate(top)  # gone with its output


def test_no_key_on_a_control_acts_on_the_cells(notebook: NotebookPage) -> None:
    count = notebook.page.locator(".jp-Notebook .jp-Cell").count()
    fold = notebook.page.locator(".nbhooks-fold", has_text="NanTensorHook")
    for control in (fold, notebook.page.locator(".nbhooks-stop")):
        control.focus()
        for key in ("d", "d", "a", "x"):
            notebook.page.keyboard.press(key)
    assert notebook.page.locator(".jp-Notebook .jp-Cell").count() == count
    fold.press("Enter")
    expect(fold).to_have_attribute("aria-expanded", "true")


def test_the_kernel_hears_what_is_in_sight_and_clicked(notebook: NotebookPage) -> None:
    notebook.page.locator(".nbhooks-stop").click()
    expect(notebook.page.locator(".nbhooks-stop")).to_have_text("Stopping …")
    # The front end may send a widget's messages to a thread of the kernel's own, beside the cells.
    notebook.ask(
        "[time.sleep(0.1) for _ in range(100) if {'type': 'stop', 'part': 'p0'} not in board.received]"
    )
    received = notebook.ask("board.received")
    assert received[0]["type"] == "ready"
    assert {"type": "stop", "part": "p0"} in received


def test_a_second_view_shows_the_same(notebook: NotebookPage) -> None:
    cell = notebook.add("board")
    notebook.run(cell)
    second = notebook.output(cell)
    fold = second.locator(".nbhooks-fold", has_text="NanTensorHook")
    expect(fold).to_have_attribute("aria-expanded", "true")
    expect(second.locator(".nbhooks-stop")).to_be_visible()


def test_the_page_saw_no_error(notebook: NotebookPage) -> None:
    assert notebook.faults() == []
