"""Where things are on a board in a page, so that tests need not know how it is built."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

if TYPE_CHECKING:
    from pathlib import Path

    from lab import NotebookPage
    from playwright.sync_api import Locator


def live(notebook: NotebookPage, cell: int) -> Locator:
    """Find the board below a cell: what is there while a kernel is."""
    return notebook.output(cell).locator(".nbhooks-live")


def static(notebook: NotebookPage, cell: int) -> Locator:
    """Find the picture that stands in for the board where no kernel is."""
    return notebook.output(cell).locator(".nbhooks-static")


def head(notebook: NotebookPage, cell: int) -> Locator:
    """Find the head of the latest session."""
    return live(notebook, cell).locator(".nbhooks-head")


def bring_up(notebook: NotebookPage, cell: int) -> None:
    """Scroll a board's head to the top of the page: a card or a section is sent once it is in sight."""
    head(notebook, cell).evaluate("(node) => node.scrollIntoView()")


def state(notebook: NotebookPage, cell: int) -> Locator:
    """Find the words for what the latest session does, or what ended it."""
    return head(notebook, cell).locator(".nbhooks-state")


def step(notebook: NotebookPage, cell: int) -> Locator:
    """Find the words for the step of the latest session."""
    return head(notebook, cell).locator(".nbhooks-head-step")


def stop(notebook: NotebookPage, cell: int) -> Locator:
    """Find the Stop button."""
    return head(notebook, cell).locator(".nbhooks-stop")


def alerts(notebook: NotebookPage, cell: int) -> Locator:
    """Find what asks for attention."""
    return live(notebook, cell).locator(".nbhooks-attention .nbhooks-alert")


def part(notebook: NotebookPage, cell: int, name: str) -> Locator:
    """Find a recording that is a line until it is unfolded, such as a saved run."""
    title = notebook.page.locator(f'.nbhooks-fold-title[title="{name}"]')
    return live(notebook, cell).locator(".nbhooks-part").filter(has=title)


def card(within: Locator, tag: str) -> Locator:
    """Find the card of a tag; what it shows is in its canvas' label, too."""
    title = within.page.locator(f'.nbhooks-card-name[title="{tag}"]')
    return within.locator(".nbhooks-card").filter(has=title)


def canvas(within: Locator, tag: str) -> Locator:
    """Find the chart of a tag."""
    return card(within, tag).locator("canvas")


def section(within: Locator, title: str) -> Locator:
    """Find a section, unfolded or not."""
    found = within.page.locator(f'.nbhooks-fold-title[title="{title}"]')
    return within.locator(".nbhooks-section").filter(has=found)


def unfold(within: Locator, title: str) -> Locator:
    """Unfold a section; returns what it shows, once the kernel has sent it."""
    found = section(within, title)
    fold = found.locator(".nbhooks-fold")
    fold.scroll_into_view_if_needed()
    if fold.get_attribute("aria-expanded") != "true":
        fold.click()
    blocks = found.locator(".nbhooks-blocks")
    expect(blocks).not_to_be_empty()
    return blocks


def seek(notebook: NotebookPage, cell: int, wanted: int | str) -> None:
    """Type a step into the field beside the slider."""
    live(notebook, cell).get_by_label("step, as a number").fill(str(wanted))


def picture(notebook: NotebookPage, cell: int, path: Path) -> None:
    """Take a picture of the board alone, with a margin."""
    board = live(notebook, cell)
    path.parent.mkdir(parents=True, exist_ok=True)
    board.evaluate("(board) => { board.style.padding = '8px'; }")
    board.screenshot(path=path)
    board.evaluate("(board) => { board.style.padding = ''; }")
