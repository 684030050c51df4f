"""The live board in real pages: while its cell runs, read, themed, narrow, saved and reopened."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("playwright", reason="the browser tests need Playwright")

from board import alerts, canvas, card, head, live, section, state, static, step, stop, unfold
from fit import opened, shown
from lab import NotebookPage
from looks import contrasts, overflow
from playwright.sync_api import Error, expect

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Locator
    from server import Server

pytestmark = pytest.mark.browser

LAST_STEP = 800
TRAIN = f"fit({LAST_STEP})"


@dataclass
class Trained:
    """A notebook whose second cell has trained, and what was seen of its board meanwhile.

    Attributes:
        front_end: ``"lab"`` or ``"notebook7"``.
        first: what the head, each card and each section showed at first.
        later: what they showed in the second half of the training.
        values: what the page showed of a tensor that was asked for in between.
        busy: whether the cell was still running after all that.
    """

    notebook: NotebookPage
    front_end: str
    first: dict[str, str]
    later: dict[str, str]
    values: str
    busy: bool

    cell = 1

    @property
    def board(self) -> Locator:
        """The board."""
        return live(self.notebook, self.cell)


def number(text: str) -> float:
    found = re.search(r"-?\d[\d,]*\.?\d*(e[+-]?\d+)?", text)
    assert found, f"no number in {text!r}"
    return float(found[0].replace(",", ""))


@pytest.fixture(scope="module", params=["lab", "notebook7"])
def trained(request: pytest.FixtureRequest, browser: Browser, server: Server) -> Iterator[Trained]:
    """Train under five hooks, and look at the board at the start and in the second half."""
    front_end, cell = request.param, Trained.cell
    notebook = opened(browser, server, f"trained-{front_end}.ipynb", TRAIN, front_end=front_end)
    notebook.begin(cell)
    expect(state(notebook, cell)).to_have_text("running")
    expect(step(notebook, cell)).to_have_text(re.compile(rf"^step [1-9]\d* of {LAST_STEP}$"))
    expect(canvas(live(notebook, cell), "loss")).to_have_attribute("aria-label", re.compile("last "))
    first = shown(notebook, cell)
    tensors = section(live(notebook, cell), "LoggingTensorHook")
    values = tensors.locator(".nbhooks-code")
    with contextlib.suppress(Error):  # a test says so
        tensors.get_by_role("combobox").select_option(label="weights", timeout=3000)
        values.filter(has_text="step").wait_for(timeout=3000)
    notebook.page.wait_for_function(
        "(step) => document.querySelector('.nbhooks-head-step').innerText.match(/step (\\d+)/)?.[1] > step",
        arg=LAST_STEP // 2,
    )
    later = shown(notebook, cell)
    written = "".join(values.all_inner_texts())
    busy = notebook.busy(cell)
    notebook.finish(cell)
    yield Trained(notebook, front_end, first, later, written, busy)
    notebook.close()


def test_all_of_it_changes_while_the_cell_is_busy(trained: Trained) -> None:
    assert trained.busy, "the cell ended before everything was looked at"
    assert {"head", "card of loss", "card of global_step/sec", "CheckpointSaverHook"} <= set(trained.first)
    assert [name for name, text in trained.first.items() if text == trained.later.get(name)] == []


def test_values_of_a_tensor_are_shown_when_asked_for_in_mid_cell(trained: Trained) -> None:
    assert trained.busy
    assert trained.values.startswith("step ")
    assert trained.values.count("[") == 9  # eight rows of one


def test_the_head_says_who_stopped_and_where(trained: Trained) -> None:
    notebook, cell = trained.notebook, trained.cell
    expect(head(notebook, cell)).to_have_attribute("data-state", "stopped")
    expect(state(notebook, cell)).to_have_text("stopped by StopAtStepHook")
    expect(step(notebook, cell)).to_have_text(f"step {LAST_STEP} of {LAST_STEP}")
    bar = head(notebook, cell).get_by_role("progressbar")
    expect(bar).to_have_attribute("aria-valuenow", "100")
    expect(stop(notebook, cell)).to_be_hidden()
    expect(alerts(notebook, cell)).to_have_count(0)
    newest = trained.notebook.ask("hooks['checkpoints'].to_pandas()['path'].iloc[-1]")
    expect(head(notebook, cell)).to_contain_text(newest.rpartition("/")[2])
    expect(head(notebook, cell).locator(".nbhooks-health")).to_contain_text("finite")


def test_a_card_shows_the_values_of_to_pandas(trained: Trained) -> None:
    last = trained.notebook.ask(
        "hooks['tensors'].to_pandas().query('tag == \"loss\"')[['value', 'step']].iloc[-1].tolist()"
    )
    label = canvas(trained.board, "loss").get_attribute("aria-label") or ""
    found = re.search(r"last (\S+) at (\d+)", label)
    assert found, label
    assert [number(text) for text in found.groups()] == pytest.approx(last, rel=1e-3)
    shown = card(trained.board, "loss").locator(".nbhooks-card-value").inner_text()
    assert shown == found[1]


def test_the_section_of_the_speed_shows_the_numbers_of_to_pandas(trained: Trained) -> None:
    rates = trained.notebook.ask("hooks['steps'].to_pandas()['value'].tolist()")
    pairs = unfold(trained.board, "StepCounterHook").inner_text().split(" · ")
    wanted = {"last": rates[-1], "mean": sum(rates) / len(rates), "best": max(rates)}
    found = {name: number(text) for name, text in (pair.split(" ", 1) for pair in pairs)}
    assert found == pytest.approx(wanted, abs=0.06)


def test_the_table_shows_the_numbers_of_to_pandas(trained: Trained) -> None:
    rows = unfold(trained.board, "LoggingTensorHook").locator("tbody tr")
    cells = rows.filter(has_text="loss").locator("td").all_inner_texts()
    frame = "hooks['tensors'].to_pandas().query('tag == \"loss\"')"
    steps = trained.notebook.ask(f"{frame}['step'].tolist()")
    values = trained.notebook.ask(f"{frame}['value'].tolist()")
    wanted = [values[-1], min(values), max(values)]
    assert [number(text) for text in cells[1:4]] == pytest.approx(wanted, rel=1e-4)
    assert number(cells[5]) == steps[-1]


def test_checkpoints_are_listed_with_those_deleted(trained: Trained) -> None:
    rows = unfold(trained.board, "CheckpointSaverHook").locator("tbody tr")
    shown = {row.locator("td").nth(0).inner_text(): row.get_attribute("data-state") for row in rows.all()}
    disk = trained.notebook.ask(
        "[[step, tf.io.gfile.exists(path + '.index')] for step, path in "
        "hooks['checkpoints'].to_pandas()[['step', 'path']].values.tolist()]"
    )
    assert shown == {str(step): "kept" if there else "deleted" for step, there in disk}
    assert list(shown.values()).count("kept") == 2


def test_live_page_hides_the_static_picture(trained: Trained) -> None:
    pictured = static(trained.notebook, trained.cell)
    expect(pictured).to_have_count(1)
    expect(pictured).to_be_hidden()
    expect(trained.board).to_be_visible()


def test_what_is_typed_into_the_filter_reaches_no_cell(trained: Trained) -> None:
    cells = trained.notebook.page.locator(".jp-Cell").count()
    field = trained.board.get_by_role("searchbox").first
    field.press_sequentially("ddab")
    expect(trained.board).to_contain_text("no tag matches the filter")
    field.fill("")
    field.press_sequentially("loss")
    expect(trained.board.locator(".nbhooks-card-name")).to_contain_text(["loss"])
    expect(card(trained.board, "global_step/sec")).to_have_count(0)
    field.press("Escape")
    expect(card(trained.board, "global_step/sec")).to_have_count(1)
    expect(trained.notebook.page.locator(".jp-Cell")).to_have_count(cells)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_everything_can_be_read(trained: Trained, theme: str, pictures: Path) -> None:
    notebook = trained.notebook
    notebook.theme(theme)
    try:
        notebook.picture(pictures / f"{trained.front_end}-{theme}.png", trained.cell)
        found = contrasts(trained.board)
        assert {"steps/s", "global_step/sec", "loss", "kept", "StopAtStepHook"} <= words(found)
        assert {text: ratio for text, ratio in found.items() if ratio < 4.5} == {}
    finally:
        notebook.theme("light")


def words(texts: dict[str, float]) -> set[str]:
    """All words of some texts."""
    return {word for text in texts for word in text.split()}


@pytest.mark.parametrize("width", [400, 1800])
def test_nothing_overflows(trained: Trained, width: int, pictures: Path) -> None:
    notebook = trained.notebook
    notebook.resize(width=width, height=4000)
    try:
        area = notebook.output(trained.cell)
        area.scroll_into_view_if_needed()
        notebook.picture(pictures / f"{trained.front_end}-{width}.png", trained.cell)
        assert area.bounding_box()["width"] < width
        assert overflow(area) == []
    finally:
        notebook.resize()


def test_reopened_it_shows_the_picture_and_no_error(
    trained: Trained, browser: Browser, server: Server, pictures: Path
) -> None:
    trained.notebook.save()
    name = f"reopened-{trained.front_end}.ipynb"
    shutil.copy(trained.notebook.path, server.root / name)
    again = NotebookPage(browser, server, name, front_end=trained.front_end)
    try:
        area = again.output(trained.cell)
        picture = area.locator(".nbhooks-static img")
        expect(picture).to_be_visible()
        assert picture.evaluate("(picture) => picture.complete && picture.naturalWidth") > 400
        expect(area.locator(".nbhooks-static")).to_contain_text("stopped by StopAtStepHook")
        # What stands in place of a widget that is not there comes after a while.
        expect(area.locator(".jupyter-widgets")).to_contain_text("Error displaying widget")
        again.picture(pictures / f"{trained.front_end}-reopened.png", trained.cell)
        expect(area.locator(".jupyter-widgets")).to_be_hidden()
    finally:
        again.close()


def test_untrusted_it_still_shows_the_picture(
    trained: Trained, browser: Browser, server: Server, pictures: Path
) -> None:
    content = trained.notebook.save()
    name = f"untrusted-{trained.front_end}.ipynb"
    content["metadata"]["from"] = "somebody else"  # so that its signature is not known here
    (server.root / name).write_text(json.dumps(content), encoding="utf-8")
    again = NotebookPage(browser, server, name, front_end=trained.front_end)
    try:
        picture = again.output(trained.cell).locator(".nbhooks-static img")
        expect(picture).to_be_visible()
        again.picture(pictures / f"{trained.front_end}-untrusted.png", trained.cell)
        assert picture.evaluate("(picture) => picture.complete && picture.naturalWidth") > 400
    finally:
        again.close()


def test_the_page_saw_no_error(trained: Trained) -> None:
    assert trained.notebook.faults() == []
