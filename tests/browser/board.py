"""Where things are on a board in a page, so that tests need not know how it is built."""

from __future__ import annotations

from typing import TYPE_CHECKING

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


def statuses(notebook: NotebookPage, cell: int) -> Locator:
    """Find the status lines of a board, one a session."""
    return notebook.output(cell).locator(".nbhooks-status")


def panel(notebook: NotebookPage, cell: int, kind: str, number: int | None = None) -> Locator:
    """Find the panel of a kind; where several sessions have one, name its number."""
    found = notebook.output(cell).locator(f".nbhooks-panel.nbhooks-{kind}")
    return found if number is None else found.nth(number)


def chooser(notebook: NotebookPage, cell: int) -> Locator:
    """Find what a board of saved runs is steered by."""
    return notebook.output(cell).locator(".nbhooks-chooser")


def seek(notebook: NotebookPage, cell: int, step: int | str) -> None:
    """Type a step into the field beside the slider."""
    chooser(notebook, cell).get_by_label("step, as a number").fill(str(step))


def names(chart: Locator) -> Locator:
    """Find the names of the series in the legend of a chart."""
    return chart.locator(".nbhooks-chart-legend .nbhooks-chart-name")


def picture(notebook: NotebookPage, cell: int, path: Path) -> None:
    """Take a picture of the board alone, with a margin."""
    board = live(notebook, cell)
    path.parent.mkdir(parents=True, exist_ok=True)
    board.evaluate("(board) => { board.style.padding = '8px'; }")
    board.screenshot(path=path)
    board.evaluate("(board) => { board.style.padding = ''; }")
