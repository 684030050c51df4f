"""The live board after each way to end: reloaded, NaN, an error, an interrupt, hostile tags."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("playwright", reason="the browser tests need Playwright")

from board import live, panel, picture, static, statuses
from fit import PANELS, opened, shown
from lab import HEIGHT, NotebookPage
from looks import contrasts, overflow
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

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
        line = statuses(notebook, 1)
        expect(line).to_have_text(re.compile(r"^running · step [1-9]"))
        chart = panel(notebook, 1, "tensors").locator(".nbhooks-chart")
        expect(chart).to_have_attribute("data-points", re.compile("[1-9]"))
        held = int(chart.get_attribute("data-points") or 0)
        notebook.save()  # the file must hold the widget, else there is nothing to bring back
        notebook.reload()
        expect(line).to_have_text(re.compile(r"^running · step"))
        notebook.page.wait_for_function(
            "([selector, held]) => document.querySelector(selector)?.dataset.points >= held",
            arg=[".nbhooks-tensors .nbhooks-chart", held],
        )
        before = shown(notebook, 1)
        for kind in PANELS:
            notebook.page.wait_for_function(
                "([selector, html]) => document.querySelector(selector).innerHTML !== html",
                arg=[f".nbhooks-panel.nbhooks-{kind}", before[kind]],
            )
        expect(line).to_have_attribute("data-state", "running", timeout=1)
        notebook.picture(pictures / "reloaded.png", 1)
        expect(line).to_have_text("stopped by StopAtStepHook · step 600", timeout=60_000)
        expect(chart).to_have_attribute("data-points", "30")
        assert notebook.faults() == []
    finally:
        notebook.close()


def test_nan_raises_a_red_alert(notebook: NotebookPage, pictures: Path) -> None:
    cell = notebook.add("fit(400, nan_at=180)")
    notebook.run(cell)
    expect(statuses(notebook, cell)).to_have_text(re.compile("^died of NanLossDuringTrainingError"))
    alert = panel(notebook, cell, "nan").locator(".nbhooks-alert")
    expect(alert).to_have_attribute("data-level", "alert")
    expect(alert).to_contain_text("NaN at step 181")
    expect(alert).to_contain_text("at step 180")
    expect(alert).to_contain_text("model.ckpt-150")
    notebook.picture(pictures / "nan.png", cell)
    colours = alert.evaluate(
        "(alert) => ['color', 'background-color', 'border-left-color'].map("
        "(name) => getComputedStyle(alert).getPropertyValue(name))"
    )
    assert any(red(colour) for colour in colours), colours
    assert min(contrasts(alert).values()) >= 4.5


def red(colour: str) -> bool:
    r, g, b, a = [*map(float, re.findall(r"[\d.]+", colour)), 1][:4]
    return a > 0 and r > 150 and r > 1.3 * max(g, b)


def test_an_error_of_the_run_is_named(notebook: NotebookPage, pictures: Path) -> None:
    cell = notebook.add("fit(400, fail_at=60)")
    notebook.run(cell)
    line = statuses(notebook, cell)
    expect(line).to_have_attribute("data-state", "died")
    expect(line).to_have_text("died of InvalidArgumentError · step 60")
    expect(notebook.output(cell)).to_contain_text("InvalidArgumentError:")  # the traceback, as without hooks
    assert panel(notebook, cell, "progress").locator("progress").evaluate("(bar) => bar.value") == 60
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
    expect(statuses(notebook, cell)).to_have_text("died of SlowError · step 1")


def test_an_interrupt_is_shown(notebook: NotebookPage, pictures: Path) -> None:
    cell = notebook.add("fit(100_000)")
    notebook.begin(cell)
    expect(statuses(notebook, cell)).to_have_text(re.compile(r"^running · step [1-9]"))
    notebook.interrupt()
    notebook.finish(cell)
    line = statuses(notebook, cell)
    expect(line).to_have_attribute("data-state", "interrupted")
    expect(line).to_have_text(re.compile("^interrupted · step [1-9]"))
    expect(notebook.output(cell)).to_contain_text("KeyboardInterrupt")
    notebook.picture(pictures / "interrupted.png", cell)


def test_hostile_and_long_tags_stay_text(notebook: NotebookPage, pictures: Path) -> None:
    hostile = '<img src=x onerror="window.hacked=1">'
    long = "layer/" + 494 * "a"
    cell = notebook.add(f"fit(100, also={[hostile, long]!r})")
    notebook.run(cell)
    expect(statuses(notebook, cell)).to_have_attribute("data-state", "stopped")
    table = panel(notebook, cell, "tensors").locator("table.nbhooks-table")
    tags = table.locator("tr[data-tag]").evaluate_all("(rows) => rows.map((row) => row.dataset.tag)")
    assert tags == ["loss", "weights", hostile, long]
    expect(table).to_contain_text(hostile)
    notebook.picture(pictures / "hostile.png", cell)
    chart = panel(notebook, cell, "tensors").locator(".nbhooks-chart")
    expect(chart.locator(".nbhooks-chart-legend")).to_contain_text(hostile)
    expect(live(notebook, cell).locator("img")).to_have_count(0)
    assert overflow(notebook.output(cell)) == []
    notebook.resize(width=480)
    notebook.picture(pictures / "hostile-narrow.png", cell)
    narrow = overflow(notebook.output(cell))
    notebook.resize()
    assert narrow == []
    assert notebook.page.evaluate("() => window.hacked") is None


def test_static_picture_keeps_hostile_tags_text(notebook: NotebookPage) -> None:
    hostile = '<img src=x onerror="window.hacked=1"></style><script>window.hacked=1</script>'
    cell = notebook.add(f"fit(60, also={[hostile]!r})")
    notebook.run(cell)
    pictured = static(notebook, cell)
    expect(pictured).to_contain_text(hostile)
    expect(pictured.locator("img")).to_have_count(1)
    assert notebook.page.evaluate("() => window.hacked") is None


def test_picture_for_the_readme(notebook: NotebookPage, pictures: Path) -> None:
    cell = notebook.add("fit(600, pause=0.004)")
    notebook.resize(width=1040)
    notebook.run(cell)
    expect(statuses(notebook, cell)).to_have_attribute("data-state", "stopped")
    picture(notebook, cell, pictures / "board.png")
    box = live(notebook, cell).bounding_box()
    notebook.resize()
    assert 800 < box["width"] < 1000
    assert box["height"] < HEIGHT - 200  # all of it was in the window


def test_the_page_of_all_endings_saw_no_error(notebook: NotebookPage) -> None:
    assert notebook.faults() == []
