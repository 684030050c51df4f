"""The live board after each way to end: reloaded, NaN, an error, an interrupt, hostile tags."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("playwright", reason="the browser tests need Playwright")

from board import alerts, canvas, head, live, section, state, static, step, unfold
from fit import opened, shown
from looks import colours, contrasts, overflow
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lab import NotebookPage
    from playwright.sync_api import Browser
    from server import Server

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def notebook(browser: Browser, server: Server) -> Iterator[NotebookPage]:
    """A page of JupyterLab on a notebook to add cells to."""
    page = opened(browser, server, "endings.ipynb")
    yield page
    page.close()


def test_reload_in_mid_cell_brings_the_board_back(browser: Browser, server: Server, pictures: Path) -> None:
    notebook = opened(browser, server, "reload.ipynb", "fit(600, pause=0.025)")
    try:
        notebook.begin(1)
        loss = canvas(live(notebook, 1), "loss")
        expect(loss).to_have_attribute("aria-label", re.compile(r"last \S+ at [1-9]"))
        notebook.save()  # the file must hold the widget, else there is nothing to bring back
        notebook.reload()
        expect(state(notebook, 1)).to_have_text("running")
        expect(loss).to_have_attribute("aria-label", re.compile(r"last \S+ at [1-9]"))
        before = shown(notebook, 1)
        notebook.picture(pictures / "reloaded.png", 1)
        expect(step(notebook, 1)).to_have_text(re.compile(r"^step (4[6-9]|5)\d"), timeout=60_000)
        after = shown(notebook, 1)
        expect(head(notebook, 1)).to_have_attribute("data-state", "running", timeout=1)
        assert [name for name, text in before.items() if text == after[name]] == []
        expect(state(notebook, 1)).to_have_text("stopped by StopAtStepHook", timeout=60_000)
        expect(step(notebook, 1)).to_have_text("step 600 of 600")
        points = notebook.ask("len(hooks['tensors'].to_pandas().query('tag == \"loss\"'))")
        assert points == 30
        assert notebook.faults() == []
        notebook.save()
        notebook.reload()
        expect(state(notebook, 1)).to_have_text("stopped by StopAtStepHook")
        expect(loss).to_have_attribute("aria-label", re.compile(r"last \S+ at 5[89]\d"))
    finally:
        notebook.close()


def test_nan_raises_a_red_alert(notebook: NotebookPage, pictures: Path) -> None:
    cell = notebook.add("fit(400, nan_at=180)")
    notebook.run(cell)
    expect(state(notebook, cell)).to_have_text(re.compile("^died of NanLossDuringTrainingError"))
    alert = alerts(notebook, cell).first
    expect(alert).to_have_attribute("data-level", "error")
    expect(alert).to_contain_text("NaN at step 181")
    expect(alert).to_contain_text("at step 180")
    expect(alert).to_contain_text("model.ckpt-150")
    health = head(notebook, cell).locator(".nbhooks-health")
    expect(health).to_contain_text("NaN at step 181")
    notebook.picture(pictures / "nan.png", cell)
    found = colours(alert, "color", "background-color", "border-left-color")
    assert any(map(red, found)), found
    assert min(contrasts(live(notebook, cell)).values()) >= 4.5


def red(colour: tuple[int, int, int, int]) -> bool:
    r, g, b, a = colour
    return a > 0 and r > 120 and r > 1.3 * max(g, b)


def test_an_error_of_the_run_is_named(notebook: NotebookPage, pictures: Path) -> None:
    cell = notebook.add("fit(400, fail_at=60)")
    notebook.run(cell)
    expect(head(notebook, cell)).to_have_attribute("data-state", "died")
    expect(state(notebook, cell)).to_have_text("died of InvalidArgumentError")
    expect(step(notebook, cell)).to_have_text("step 60 of 400")
    expect(notebook.output(cell)).to_contain_text("InvalidArgumentError:")  # the traceback, as without hooks
    bar = head(notebook, cell).get_by_role("progressbar")
    expect(bar).to_have_attribute("aria-valuenow", "15")
    notebook.picture(pictures / "died.png", cell)


def test_an_error_is_named_however_long_its_traceback_takes(notebook: NotebookPage) -> None:
    cell = notebook.add(
        """
from nbhooks.view.section import GRACE

class SlowError(Exception):
    def __init__(self):
        self.ready = time.monotonic() + GRACE + 1

    def __str__(self):
        time.sleep(max(0, self.ready - time.monotonic()))
        return "slow"

def fail():
    raise SlowError

fit(400, each_step=fail)
"""
    )
    notebook.run(cell)
    expect(state(notebook, cell)).to_have_text("died of SlowError")


def test_an_interrupt_is_shown(notebook: NotebookPage, pictures: Path) -> None:
    cell = notebook.add("fit(100_000)")
    notebook.begin(cell)
    expect(step(notebook, cell)).to_have_text(re.compile("^step [1-9]"))
    notebook.interrupt()
    notebook.finish(cell)
    expect(head(notebook, cell)).to_have_attribute("data-state", "interrupted")
    expect(state(notebook, cell)).to_have_text("interrupted")
    expect(step(notebook, cell)).to_have_text(re.compile("^step [1-9]"))
    expect(notebook.output(cell)).to_contain_text("KeyboardInterrupt")
    notebook.picture(pictures / "interrupted.png", cell)


def test_hostile_and_long_tags_stay_text(notebook: NotebookPage, pictures: Path) -> None:
    hostile = '<img src=x onerror="window.hacked=1"></style><script>window.hacked=1</script>'
    long = "layer/" + 494 * "a"
    cell = notebook.add(f"fit(100, also={[hostile, long]!r})")
    notebook.run(cell)
    expect(head(notebook, cell)).to_have_attribute("data-state", "stopped")
    board = live(notebook, cell)
    tags = unfold(board, "LoggingTensorHook").locator("tbody tr td:first-child .nbhooks-name")
    titles = tags.evaluate_all("(tags) => tags.map((tag) => tag.title)")
    assert titles[:3] == ["loss", "weights", hostile]
    assert titles[3].endswith(100 * "a")
    cards = board.locator(".nbhooks-card-name").evaluate_all("(names) => names.map((name) => name.title)")
    assert hostile in cards
    assert any(tag.endswith(100 * "a") for tag in cards)
    expect(board.locator(".nbhooks-cards-fold", has_text="<img src=x")).to_be_visible()  # its scope
    expect(board.locator("img, script")).to_have_count(0)
    notebook.picture(pictures / "hostile.png", cell)
    assert overflow(notebook.output(cell)) == []
    notebook.resize(width=480)
    notebook.picture(pictures / "hostile-narrow.png", cell)
    narrow = overflow(notebook.output(cell))
    notebook.resize()
    assert narrow == []
    pictured = static(notebook, cell)
    expect(pictured).to_contain_text(hostile)
    expect(pictured.locator("img")).to_have_count(1)
    assert notebook.page.evaluate("() => window.hacked") is None


def test_a_session_of_the_same_cell_that_is_over_is_a_line(notebook: NotebookPage, pictures: Path) -> None:
    cell = notebook.add("fit(40)\nfit(60)")
    notebook.run(cell)
    expect(step(notebook, cell)).to_have_text("step 60 of 60")
    earlier = live(notebook, cell).locator(".nbhooks-part > .nbhooks-fold")
    expect(earlier).to_contain_text("stopped by StopAtStepHook")
    expect(earlier).to_contain_text("step 40")
    earlier.click()
    expect(section(live(notebook, cell), "NanTensorHook")).to_have_count(2)
    notebook.picture(pictures / "sessions.png", cell)


def test_the_page_of_all_endings_saw_no_error(notebook: NotebookPage) -> None:
    assert notebook.faults() == []
