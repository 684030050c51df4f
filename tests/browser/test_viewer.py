"""Saved runs in a real page: the slider, the list of runs, the comparison, and a folder that grows."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("playwright", reason="the browser tests need Playwright")

from board import chooser, live, names, panel, picture, seek, statuses
from lab import NotebookPage
from looks import contrasts, overflow
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser
    from server import Server

pytestmark = pytest.mark.browser

SAVED = Path(__file__).parents[2] / "notebooks" / "runs"
HOSTILE = "<img src=x onerror='window.hacked=1'>"

# `write` appends events to a run's file, as a training does that goes on for a while.
SETUP = f"""
import tempfile, threading, time
from pathlib import Path
import numpy as np
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.record_writer import RecordWriter
from nbhooks import replay

def write(folder, steps, **tags):
    Path(folder).mkdir(parents=True, exist_ok=True)
    with Path(folder, "events.out.tfevents.1").open("ab") as file:
        writer = RecordWriter(file)
        for step in steps:
            values = [{{"tag": tag, "simple_value": value(step)}} for tag, value in tags.items()]
            event = Event(wall_time=1e9 + step, step=step, summary=Summary(value=values))
            writer.write(event.SerializeToString())

def tree(names, prefix=""):
    folder = Path(tempfile.mkdtemp())
    for number, name in enumerate(names):
        write(folder / name, range(0, 500, 5), **{{
            prefix + "loss": lambda step: np.exp(-step / (100 + 30 * number)) + number / 20,
            prefix + "accuracy": lambda step: 1 - np.exp(-step / (80 + 20 * number)),
        }})
    return folder

def cursor(board):
    return board._cursor

runs = replay.load({json.dumps(str(SAVED))})
"""


@pytest.fixture(scope="module", params=["lab", "notebook7"])
def notebook(request: pytest.FixtureRequest, browser: Browser, server: Server) -> Iterator[NotebookPage]:
    """A page with three saved runs shown in its second cell."""
    name = f"viewer-{request.param}.ipynb"
    server.write(name, [SETUP, "board = runs.show()"])
    server.share_kernel(name)
    page = NotebookPage(browser, server, name, front_end=request.param)
    page.run(0)
    page.run(1)
    yield page
    page.run(page.add("board.close()"))
    page.close()


def test_every_run_is_shown_and_compared(notebook: NotebookPage, pictures: Path) -> None:
    for number, run in enumerate(("resumed", "steady", "too_fast")):
        expect(statuses(notebook, 1).nth(number)).to_have_text(
            re.compile(rf"^{run} · saved run · last written 2026-11-\d\d [\d:]+ · step [\d,]+$")
        )
    comparison = panel(notebook, 1, "comparison", 0)
    expect(names(comparison)).to_have_text(["resumed", "steady", "too_fast"])
    expect(comparison.locator(".nbhooks-chart-title")).to_have_text("loss")
    expect(chooser(notebook, 1).locator("option")).to_contain_text(["global_step/sec"])
    notebook.resize(height=4200)
    notebook.picture(pictures / "viewer-light.png", 1)


def test_a_run_is_taken_out_and_keeps_its_colour(notebook: NotebookPage) -> None:
    compared = names(panel(notebook, 1, "comparison", 0))
    swatches = panel(notebook, 1, "comparison", 0).locator(".nbhooks-chart-legend .nbhooks-chart-swatch path")
    before = swatches.evaluate_all("(all) => all.map((one) => one.getAttribute('style'))")
    chooser(notebook, 1).get_by_role("checkbox", name="resumed").uncheck()
    expect(compared).to_have_text(["steady", "too_fast"])
    after = swatches.evaluate_all("(all) => all.map((one) => one.getAttribute('style'))")
    assert after == before[1:]
    chooser(notebook, 1).get_by_role("checkbox", name="resumed").check()
    expect(compared).to_have_text(["resumed", "steady", "too_fast"])


def test_another_tag_is_compared(notebook: NotebookPage) -> None:
    chooser(notebook, 1).get_by_label("tag to compare").select_option("trial_accuracy")
    expect(panel(notebook, 1, "comparison", 0).locator(".nbhooks-chart-title")).to_have_text("trial_accuracy")
    chooser(notebook, 1).get_by_label("tag to compare").select_option("loss")


def test_panels_of_a_run_come_and_go(notebook: NotebookPage) -> None:
    button = chooser(notebook, 1).get_by_role("button", name="panels of steady")
    expect(button).to_have_attribute("aria-pressed", "true")
    button.click()
    expect(statuses(notebook, 1)).to_have_count(2)
    button.click()
    expect(statuses(notebook, 1)).to_have_count(3)


def test_everything_is_shown_at_the_step_of_the_cursor(notebook: NotebookPage, pictures: Path) -> None:
    steady = panel(notebook, 1, "summaries", 1)
    latest = steady.locator("table").inner_text()
    image = steady.locator("img").get_attribute("src")
    seek(notebook, 1, 250)
    expect(statuses(notebook, 1).nth(1)).to_contain_text("step 250 of 1,481")
    at = notebook.ask(
        "runs.scalars.query(\"run == 'steady' and tag == 'loss' and step <= 250\").value.iloc[-1].item()"
    )
    expect(steady.locator("tr[data-tag=loss]")).to_contain_text(f"{at:.5g}")
    assert steady.locator("img").get_attribute("src") != image
    expect(steady.locator(".nbhooks-chart-here")).to_have_count(1)
    expect(panel(notebook, 1, "comparison", 0).locator(".nbhooks-chart-here")).to_have_count(1)
    notebook.picture(pictures / "viewer-cursor.png", 1)
    seek(notebook, 1, "")
    expect(steady.locator(".nbhooks-chart-here")).to_have_count(0)
    expect(steady.locator("tr[data-tag=loss]")).to_contain_text("1,481")
    expect(steady.locator("table")).to_have_text(latest, use_inner_text=True)


def test_the_slider_moves_by_keys_that_the_notebook_wants_too(notebook: NotebookPage) -> None:
    slider = chooser(notebook, 1).get_by_role("slider")
    slider.focus()
    for _ in range(30):
        slider.press("ArrowLeft")
    chosen = int(chooser(notebook, 1).get_by_label("step, as a number").input_value())
    assert chosen == int(slider.get_attribute("max") or 0) - 30
    expect(statuses(notebook, 1).nth(1)).to_contain_text(f"step {chosen:,} of")
    assert notebook.ask("cursor(board)") == chosen
    slider.press("End")
    expect(statuses(notebook, 1).nth(1)).not_to_contain_text(" of ")


def test_a_drag_does_not_pile_up(notebook: NotebookPage) -> None:
    slider = chooser(notebook, 1).get_by_role("slider")
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    assert box
    middle = box["y"] + box["height"] / 2
    notebook.page.mouse.move(box["x"] + box["width"] - 8, middle)
    notebook.page.mouse.down()
    notebook.page.mouse.move(box["x"] + box["width"] / 3, middle, steps=200)
    notebook.page.mouse.up()
    chosen = int(chooser(notebook, 1).get_by_label("step, as a number").input_value())
    assert 300 < chosen < 800
    expect(statuses(notebook, 1).nth(1)).to_contain_text(f"step {chosen:,} of")
    seek(notebook, 1, "")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_everything_can_be_read(notebook: NotebookPage, theme: str, pictures: Path) -> None:
    notebook.theme(theme)
    try:
        notebook.picture(pictures / f"viewer-{theme}.png", 1)
        found = contrasts(live(notebook, 1))
        assert {"compare", "panels", "step", "steady"} <= set(found)
        assert {text: ratio for text, ratio in found.items() if ratio < 4.5} == {}
    finally:
        notebook.theme("light")


def test_nothing_overflows_when_narrow(notebook: NotebookPage, pictures: Path) -> None:
    notebook.resize(width=480, height=4200)
    try:
        notebook.output(1).scroll_into_view_if_needed()
        notebook.picture(pictures / "viewer-narrow.png", 1)
        assert overflow(notebook.output(1)) == []
    finally:
        notebook.resize(height=4200)


def test_picture_for_the_readme(notebook: NotebookPage, pictures: Path) -> None:
    cell = notebook.add("pictured = runs.show()")
    notebook.run(cell)
    chooser(notebook, cell).get_by_role("checkbox", name="too_fast").uncheck()
    for run in ("resumed", "too_fast"):
        chooser(notebook, cell).get_by_role("button", name=f"panels of {run}").click()
    seek(notebook, cell, 250)
    expect(statuses(notebook, cell)).to_contain_text(["step 250 of"])
    expect(statuses(notebook, cell)).to_have_count(1)
    picture(notebook, cell, pictures / "replay.png")
    expect(names(panel(notebook, cell, "comparison", 0))).to_have_text(["resumed", "steady"])
    notebook.run(notebook.add("pictured.close()"))


def test_many_runs_with_long_and_hostile_names(notebook: NotebookPage, pictures: Path) -> None:
    runs = [HOSTILE.replace("/", ""), "x" * 200, *(f"run {number:02}" for number in range(12))]
    prefix = HOSTILE + "y" * 300
    cell = notebook.add(f"many = replay.load(tree({runs!r}, prefix={prefix!r})).show()")
    notebook.run(cell)
    rows = chooser(notebook, cell).locator(".nbhooks-chooser-run")
    expect(rows).to_have_count(14)
    expect(statuses(notebook, cell)).to_have_count(1)
    expect(chooser(notebook, cell).locator("input:checked")).to_have_count(8)
    expect(chooser(notebook, cell).locator("input:disabled")).to_have_count(6)
    expect(chooser(notebook, cell)).to_contain_text("8 at most are compared at once")
    notebook.picture(pictures / "viewer-many.png", cell)
    chooser(notebook, cell).get_by_placeholder("filter runs").fill("RUN 1")
    expect(rows.filter(visible=True)).to_have_count(2)
    assert overflow(notebook.output(cell)) == []
    assert notebook.page.evaluate("window.hacked") is None
    notebook.run(notebook.add("many.close()"))


def test_a_folder_is_watched_while_it_grows(notebook: NotebookPage, pictures: Path) -> None:
    cell = notebook.add(
        "folder = Path(tempfile.mkdtemp()) / 'logs'\nwatched = replay.watch(folder, every=0.1)"
    )
    notebook.run(cell)
    expect(chooser(notebook, cell)).to_contain_text(re.compile(r"^watching /.*/logs · no event files"))
    notebook.picture(pictures / "viewer-empty.png", cell)
    notebook.run(notebook.add("write(folder / 'a', range(10), loss=lambda step: 1 / (1 + step))"))
    expect(statuses(notebook, cell)).to_contain_text(["a · saved run"])
    # A cell that is busy does not keep it from being updated.
    growing = notebook.add(
        "for step in range(10, 40):\n"
        "    write(folder / 'a', [step], loss=lambda step: 1 / (1 + step))\n"
        "    if step == 20: write(folder / 'b', range(7), loss=lambda step: 2.0)\n"
        "    time.sleep(0.2)"
    )
    notebook.begin(growing)
    expect(statuses(notebook, cell).first).to_contain_text(re.compile(r"step [12]\d$"))
    expect(statuses(notebook, cell)).to_have_count(2)
    assert notebook.busy(growing)
    expect(names(panel(notebook, cell, "comparison", 0))).to_have_text(["a", "b"])
    notebook.finish(growing)
    expect(statuses(notebook, cell).first).to_contain_text("step 39")
    notebook.picture(pictures / "viewer-watch.png", cell)
    chooser(notebook, cell).get_by_role("button", name="stop watching").click()
    expect(chooser(notebook, cell)).to_contain_text("not watched any more")
    threads = notebook.ask("[thread.name for thread in threading.enumerate() if 'nbhooks' in thread.name]")
    assert threads == []
    notebook.run(notebook.add("watched.close()"))


def test_the_page_saw_no_error(notebook: NotebookPage) -> None:
    assert notebook.faults() == []
