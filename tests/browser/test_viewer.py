"""Saved runs in a real page: the slider, the list of runs, the comparison, and a folder that grows."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("playwright", reason="the browser tests need Playwright")

from board import canvas, live, part, picture, seek, state, unfold
from lab import NotebookPage
from looks import contrasts, overflow
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Locator
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


def chooser(notebook: NotebookPage, cell: int) -> Locator:
    """What the runs are chosen by."""
    return live(notebook, cell).locator(".nbhooks-chooser")


def runs(notebook: NotebookPage, cell: int) -> Locator:
    """The heads of the runs that are shown."""
    heads = live(notebook, cell).locator(".nbhooks-part > .nbhooks-fold")
    return heads.filter(has_text="saved run")


def compared(notebook: NotebookPage, cell: int) -> Locator:
    """The names of the runs that are compared, in the legend."""
    entries = part(notebook, cell, "runs compared").locator(".nbhooks-cards > .nbhooks-legend")
    return entries.locator(".nbhooks-legend-item")


def test_every_run_is_shown_and_compared(notebook: NotebookPage) -> None:
    for run in ("resumed", "steady", "too_fast"):
        words = rf"{run}\s*saved run · last written 2026-11-\d\d [\d:]+\s*step [\d,]+"
        expect(part(notebook, 1, run).locator("> .nbhooks-fold")).to_have_text(re.compile(words))
    expect(compared(notebook, 1)).to_contain_text(["resumed", "steady", "too_fast"])
    loss = canvas(part(notebook, 1, "runs compared"), "loss")
    for run in ("resumed", "steady", "too_fast"):
        expect(loss).to_have_attribute("aria-label", re.compile(rf"{run}: last \S+ at \d"))
    expect(chooser(notebook, 1).locator("option")).to_contain_text(["global_step/sec"])
    notebook.resize(height=4200)


def test_a_run_is_taken_out_and_keeps_its_colour(notebook: NotebookPage) -> None:
    colours = "(all) => all.map((one) => one.firstElementChild.outerHTML)"
    before = compared(notebook, 1).evaluate_all(colours)
    chooser(notebook, 1).get_by_role("checkbox", name="resumed").uncheck()
    expect(compared(notebook, 1)).to_contain_text(["steady", "too_fast"])
    expect(compared(notebook, 1)).to_have_count(2)
    assert compared(notebook, 1).evaluate_all(colours) == before[1:]
    chooser(notebook, 1).get_by_role("checkbox", name="resumed").check()
    expect(compared(notebook, 1)).to_contain_text(["resumed", "steady", "too_fast"])


def test_another_tag_is_compared(notebook: NotebookPage) -> None:
    comparison = part(notebook, 1, "runs compared")
    for tag in ("trial_accuracy", "loss"):
        chooser(notebook, 1).get_by_label("tag to compare").select_option(tag)
        expect(comparison.locator(".nbhooks-card-name")).to_have_text([tag])
        expect(canvas(comparison, tag)).to_have_attribute("aria-label", re.compile("last "))


def test_runs_come_and_go(notebook: NotebookPage) -> None:
    button = chooser(notebook, 1).get_by_role("button", name="show steady")
    expect(button).to_have_attribute("aria-pressed", "true")
    button.click()
    expect(runs(notebook, 1)).to_have_count(2)
    button.click()
    expect(runs(notebook, 1)).to_have_count(3)


def at(notebook: NotebookPage, cell: int, run: str) -> Locator:
    """The step of a run that is shown."""
    return part(notebook, cell, run).locator("> .nbhooks-fold .nbhooks-head-step")


def test_everything_is_shown_at_the_step_of_the_cursor(notebook: NotebookPage, pictures: Path) -> None:
    steady = part(notebook, 1, "steady")
    table = unfold(steady, "summaries")
    latest = table.locator("table").inner_text()
    image = table.locator("img").first.get_attribute("src")
    loss = canvas(part(notebook, 1, "runs compared"), "loss")
    uncut = drawn(loss)
    seek(notebook, 1, 250)
    expect(at(notebook, 1, "steady")).to_have_text("step 250")
    value = notebook.ask(
        "runs.scalars.query(\"run == 'steady' and tag == 'loss' and step <= 250\").value.iloc[-1].item()"
    )
    row = table.locator("tbody tr").filter(has=notebook.page.locator('[title="loss"]'))
    expect(row).to_contain_text(f"{value:.5g}")
    assert table.locator("img").first.get_attribute("src") != image
    notebook.page.wait_for_timeout(600)  # new marks are drawn at leisure
    assert drawn(loss) != uncut
    notebook.picture(pictures / f"{notebook.path.stem}-cursor.png", 1)
    seek(notebook, 1, "")
    expect(row).to_contain_text("1,481")
    expect(table.locator("table")).to_have_text(latest, use_inner_text=True)


def drawn(chart: Locator) -> str:
    """What is on a canvas."""
    found: str = chart.evaluate("(canvas) => canvas.toDataURL()")
    return found


def test_the_slider_moves_by_keys_that_the_notebook_wants_too(notebook: NotebookPage) -> None:
    slider = live(notebook, 1).get_by_role("slider", name="step", exact=True)
    slider.focus()
    for _ in range(30):
        slider.press("ArrowLeft")
    chosen = int(live(notebook, 1).get_by_label("step, as a number").input_value())
    assert chosen == int(slider.get_attribute("max") or 0) - 30
    expect(at(notebook, 1, "steady")).to_have_text(f"step {chosen:,}")
    assert notebook.ask("cursor(board)") == chosen
    slider.press("End")
    expect(at(notebook, 1, "steady")).to_have_text("step 1,481")


def test_a_drag_does_not_pile_up(notebook: NotebookPage) -> None:
    slider = live(notebook, 1).get_by_role("slider", name="step", exact=True)
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    assert box
    middle = box["y"] + box["height"] / 2
    notebook.page.mouse.move(box["x"] + box["width"] - 8, middle)
    notebook.page.mouse.down()
    notebook.page.mouse.move(box["x"] + box["width"] / 3, middle, steps=200)
    notebook.page.mouse.up()
    chosen = int(live(notebook, 1).get_by_label("step, as a number").input_value())
    assert 300 < chosen < 800
    expect(at(notebook, 1, "steady")).to_have_text(f"step {chosen:,}")
    seek(notebook, 1, "")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_everything_can_be_read(notebook: NotebookPage, theme: str, pictures: Path) -> None:
    notebook.theme(theme)
    try:
        notebook.picture(pictures / f"{notebook.path.stem}-{theme}.png", 1)
        found = contrasts(live(notebook, 1))
        assert {"compare", "show", "step", "steady"} <= set(found)
        assert {text: ratio for text, ratio in found.items() if ratio < 4.5} == {}
    finally:
        notebook.theme("light")


def test_nothing_overflows_when_narrow(notebook: NotebookPage, pictures: Path) -> None:
    notebook.resize(width=480, height=4200)
    try:
        notebook.output(1).scroll_into_view_if_needed()
        notebook.picture(pictures / f"{notebook.path.stem}-narrow.png", 1)
        assert overflow(notebook.output(1)) == []
    finally:
        notebook.resize(height=4200)


def test_picture_for_the_readme(notebook: NotebookPage, pictures: Path) -> None:
    cell = notebook.add("pictured = runs.show()")
    notebook.run(cell)
    chooser(notebook, cell).get_by_role("checkbox", name="too_fast").uncheck()
    for run in ("resumed", "too_fast"):
        chooser(notebook, cell).get_by_role("button", name=f"show {run}").click()
    seek(notebook, cell, 250)
    expect(at(notebook, cell, "steady")).to_have_text("step 250")
    expect(runs(notebook, cell)).to_have_count(1)
    picture(notebook, cell, pictures / "replay.png")
    expect(compared(notebook, cell)).to_contain_text(["resumed", "steady"])
    expect(compared(notebook, cell)).to_have_count(2)
    notebook.run(notebook.add("pictured.close()"))


def test_many_runs_with_long_and_hostile_names(notebook: NotebookPage, pictures: Path) -> None:
    names = [HOSTILE.replace("/", ""), "x" * 200, *(f"run {number:02}" for number in range(12))]
    prefix = HOSTILE + "y" * 300
    cell = notebook.add(f"many = replay.load(tree({names!r}, prefix={prefix!r})).show()")
    notebook.run(cell)
    rows = chooser(notebook, cell).locator(".nbhooks-run")
    expect(rows).to_have_count(14)
    expect(runs(notebook, cell)).to_have_count(1)
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
    expect(state(notebook, cell)).to_contain_text("saved run")  # the only one has the head
    # A cell that is busy does not keep it from being updated.
    growing = notebook.add(
        "for step in range(10, 40):\n"
        "    write(folder / 'a', [step], loss=lambda step: 1 / (1 + step))\n"
        "    if step == 20: write(folder / 'b', range(7), loss=lambda step: 2.0)\n"
        "    time.sleep(0.2)"
    )
    notebook.begin(growing)
    steps = live(notebook, cell).locator(".nbhooks-head-step").filter(visible=True)
    expect(steps.first).to_have_text(re.compile(r"^step [12]\d$"))
    expect(runs(notebook, cell)).to_have_count(2)
    assert notebook.busy(growing)
    expect(compared(notebook, cell)).to_contain_text(["a", "b"])
    notebook.finish(growing)
    expect(runs(notebook, cell).first).to_contain_text("step 39")
    notebook.picture(pictures / "viewer-watch.png", cell)
    chooser(notebook, cell).get_by_role("button", name="stop watching").click()
    expect(chooser(notebook, cell)).to_contain_text("not watched any more")
    threads = notebook.ask("[thread.name for thread in threading.enumerate() if 'nbhooks' in thread.name]")
    assert threads == []
    notebook.run(notebook.add("watched.close()"))


def test_the_page_saw_no_error(notebook: NotebookPage) -> None:
    assert notebook.faults() == []
