"""A name with dollars in a real page: it stays text in the board and in the picture of a saved notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

pytest.importorskip("playwright", reason="the browser tests need Playwright")

from lab import NotebookPage
from playwright.sync_api import expect

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser
    from server import Server

pytestmark = pytest.mark.browser

# The second output shows that this page does typeset what it may.
CODE = r"""
from IPython.display import HTML, display
from nbhooks.view.dashboard import Dashboard
from nbhooks.model.lifecycle import Phase
from nbhooks.model.events import State
from nbhooks.model.records import Scalar, Source

board = Dashboard()
with board:
    board.write(Source("mine", "summaries"))
    for step in range(3):
        board.write(Scalar("mine", r"$\frac{1}{2}$", step, 1e9 + step, step / 2))
    board.write(State(Phase.FINISHED, 2, 1e9))
display(HTML(r"<p class='typeset'>$\frac{1}{2}$</p>"))
"""


@pytest.mark.parametrize("front_end", ["lab", "notebook7"])
def test_dollars_are_not_typeset(browser: Browser, server: Server, front_end: str, pictures: Path) -> None:
    name = f"dollars-{front_end}.ipynb"
    server.write(name, [CODE])
    server.share_kernel(name)
    page = NotebookPage(browser, server, name, front_end=front_end)
    page.run(0)
    output = page.output(0)
    expect(output.locator(".typeset mjx-container")).to_have_count(1)
    static = output.locator(".nbhooks-static")
    expect(static).to_contain_text(r"$\frac{1}{2}$")
    expect(output.locator(".nbhooks-live")).to_contain_text(r"$\frac{1}{2}$")
    expect(output.locator(".nbhooks-static mjx-container, .nbhooks-live mjx-container")).to_have_count(0)
    static.evaluate("(node) => { node.closest('.jp-OutputArea-child').style.display = 'block'; }")
    static.evaluate("(node) => { node.style.setProperty('display', 'block', 'important'); }")
    page.picture(pictures / f"dollars-{front_end}.png", 0)
    page.run(page.add("board.close()"))
    page.close()
