"""In a real page: TensorFlow's lines are on the live board, not in the output; a board in a second place."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("playwright", reason="the browser tests need Playwright")

from board import bring_up, canvas, live, picture, section, state, stop
from fit import opened
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lab import NotebookPage
    from playwright.sync_api import Browser, Locator
    from server import Server

pytestmark = pytest.mark.browser


VERBOSITY = "tf.compat.v1.logging.set_verbosity('{}')"


@pytest.fixture(scope="module", params=["lab", "notebook7"])
def notebook(browser: Browser, server: Server, request: pytest.FixtureRequest) -> Iterator[NotebookPage]:
    """A page of JupyterLab or of Notebook 7 on a notebook whose TensorFlow logs."""
    page = opened(browser, server, f"log-{request.param}.ipynb", front_end=request.param)
    page.run(page.add(VERBOSITY.format("INFO")))
    yield page
    page.run(page.add(VERBOSITY.format("ERROR")))
    page.close()


def printed(notebook: NotebookPage, cell: int) -> Locator:
    """The text outputs of a cell."""
    return notebook.output(cell).locator(".jp-OutputArea-output[data-mime-type*='stdout']")


def log(notebook: NotebookPage, cell: int) -> Locator:
    """The lines of the log, which is unfolded and in sight: no other section is sent."""
    board = live(notebook, cell)
    bring_up(notebook, cell)
    expect(canvas(board, "loss")).to_be_visible()  # the cards come above the log, and move it
    found = section(board, "Log")
    fold = found.locator(".nbhooks-fold")
    if fold.get_attribute("aria-expanded") != "true":
        fold.click()
    lines = found.locator(".nbhooks-log-lines")
    lines.scroll_into_view_if_needed()
    return lines


def test_lines_are_on_the_board_and_not_in_the_output(notebook: NotebookPage, pictures: Path) -> None:
    cell = notebook.add("fit(100_000)")
    notebook.begin(cell)
    try:
        expect(log(notebook, cell)).to_contain_text("INFO:tensorflow:")
        before = printed(notebook, cell).all_inner_texts()
        first = log(notebook, cell).text_content() or ""
        expect(log(notebook, cell)).not_to_have_text(first)
        assert printed(notebook, cell).all_inner_texts() == before
        picture(notebook, cell, pictures / "log.png")
        stop(notebook, cell).click()
        notebook.finish(cell)
    finally:  # the next tests need the kernel
        if notebook.busy(cell):
            notebook.interrupt()
    back = notebook.add("tf.compat.v1.logging.info('back')")
    notebook.run(back)
    expect(printed(notebook, back)).to_have_text("INFO:tensorflow:back")
    assert notebook.faults() == []


def test_a_second_place_is_live(notebook: NotebookPage) -> None:
    cell = notebook.add("fit(60)")
    notebook.run(cell)
    second = notebook.add("import nbhooks\nnbhooks.board()")
    notebook.run(second)
    for place in (cell, second):
        bring_up(notebook, place)
        expect(state(notebook, place)).to_have_text("stopped by StopAtStepHook")
        expect(notebook.output(place).locator(".nbhooks-static")).to_be_hidden()
    assert notebook.faults() == []


def test_a_page_that_is_reloaded_gets_its_board_back(notebook: NotebookPage) -> None:
    notebook.run(notebook.add("fit(60)"))
    notebook.reload()  # what was not saved is gone
    again = notebook.add("import nbhooks\nnbhooks.board()")
    notebook.run(again)
    bring_up(notebook, again)
    expect(state(notebook, again)).to_have_text("stopped by StopAtStepHook")
    loss = canvas(live(notebook, again), "loss")
    expect(loss).to_have_attribute("aria-label", re.compile("last "))
    lines = log(notebook, again)
    expect(lines).to_contain_text("Saving checkpoints for 60")
    assert (lines.text_content() or "").count("INFO:tensorflow:") > 3
