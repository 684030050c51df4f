"""The Stop button on a live board: seen, clicked and reached by key, in both front ends."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("playwright", reason="the browser tests need Playwright")

from board import head, live, picture, state, step, stop
from fit import opened
from looks import contrasts, overflow
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lab import NotebookPage
    from playwright.sync_api import Browser
    from server import Server

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module", params=["lab", "notebook7"])
def notebook(browser: Browser, server: Server, request: pytest.FixtureRequest) -> Iterator[NotebookPage]:
    """A page of JupyterLab or of Notebook 7 on a notebook to add cells to."""
    page = opened(browser, server, f"stop-{request.param}.ipynb", front_end=request.param)
    yield page
    page.close()


def test_a_click_stops_the_session(notebook: NotebookPage, pictures: Path) -> None:
    cell = notebook.add("fit(100_000)")
    notebook.begin(cell)
    expect(state(notebook, cell)).to_have_text("running")
    expect(step(notebook, cell)).to_have_text(re.compile(r"^step [1-9]"))
    button = stop(notebook, cell)
    expect(button).to_have_text("Stop")
    picture(notebook, cell, pictures / "stop.png")
    assert min(contrasts(button).values()) >= 4.5
    assert overflow(live(notebook, cell)) == []
    button.click()
    expect(state(notebook, cell)).to_have_text("stopped by you")
    expect(head(notebook, cell)).to_have_attribute("data-state", "stopped")
    expect(button).to_be_hidden()
    notebook.finish(cell)
    picture(notebook, cell, pictures / "stopped.png")
    assert notebook.faults() == []


def test_the_keyboard_reaches_it_and_no_key_reaches_the_notebook(notebook: NotebookPage) -> None:
    cell = notebook.add("fit(100_000)")
    notebook.begin(cell)
    cells = notebook.page.locator(".jp-Cell").count()
    button = stop(notebook, cell)
    expect(button).to_be_visible()
    button.focus()
    expect(button).to_be_focused()
    notebook.page.keyboard.press("d")
    notebook.page.keyboard.press("d")  # in JupyterLab's command mode this deletes the cell
    expect(notebook.page.locator(".jp-Cell")).to_have_count(cells)
    notebook.page.keyboard.press("Enter")
    expect(state(notebook, cell)).to_have_text("stopped by you")
    expect(notebook.page.locator(".jp-Cell")).to_have_count(cells)
