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

from board import live, panel, static, statuses
from fit import PANELS, opened, shown
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
        first: what each panel showed at first.
        later: what it showed in the second half of the training.
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

    def panel(self, kind: str) -> Locator:
        """Find a panel."""
        return panel(self.notebook, self.cell, kind)


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
    expect(statuses(notebook, cell)).to_have_text(re.compile(r"^running · step [1-9]"))
    first = shown(notebook, cell)
    values = panel(notebook, cell, "tensors").locator(".nbhooks-values")
    with contextlib.suppress(Error):  # a test says so
        panel(notebook, cell, "tensors").get_by_role("combobox").select_option("weights", timeout=3000)
        values.wait_for(timeout=3000)
    notebook.page.wait_for_function(
        "(step) => document.querySelector('.nbhooks-status').innerText.match(/step (\\d+)/)?.[1] > step",
        arg=LAST_STEP // 2,
    )
    later = shown(notebook, cell)
    written = "".join(values.all_inner_texts())
    busy = notebook.busy(cell)
    notebook.finish(cell)
    yield Trained(notebook, front_end, first, later, written, busy)
    notebook.close()


def test_each_panel_appears_and_changes_while_the_cell_is_busy(trained: Trained) -> None:
    assert trained.busy, "the cell ended before everything was looked at"
    assert [kind for kind in PANELS if trained.first[kind] == trained.later[kind]] == []


def test_values_of_a_tensor_are_shown_when_asked_for_in_mid_cell(trained: Trained) -> None:
    assert trained.busy
    assert trained.values.startswith("step ")
    assert trained.values.count("[") == 9  # eight rows of one


def test_says_who_stopped_and_where(trained: Trained) -> None:
    line = statuses(trained.notebook, trained.cell)
    expect(line).to_have_attribute("data-state", "stopped")
    expect(line).to_have_text(f"stopped by StopAtStepHook · step {LAST_STEP}")


def test_progress_ends_full(trained: Trained) -> None:
    bar = trained.panel("progress").locator("progress")
    assert bar.evaluate("(bar) => [bar.value, bar.max]") == [LAST_STEP, LAST_STEP]
    expect(trained.panel("progress")).to_contain_text(f"step {LAST_STEP} of {LAST_STEP} · 100 %")


def test_nan_panel_ends_calm_with_the_last_value(trained: Trained) -> None:
    alert = trained.panel("nan").locator(".nbhooks-alert")
    expect(alert).to_have_attribute("data-level", "calm")
    last = trained.notebook.ask("hooks['nan'].to_pandas()[['step', 'value']].values[-1].tolist()")
    assert last[0] == LAST_STEP
    assert number(alert.inner_text().partition("=")[2]) == pytest.approx(last[1], rel=1e-4)


@pytest.mark.parametrize(("kind", "tag"), [("steps", "global_step/sec"), ("tensors", "loss")])
def test_chart_holds_every_point(trained: Trained, kind: str, tag: str) -> None:
    chart = trained.panel(kind).locator(".nbhooks-chart")
    tags = trained.notebook.ask(f"hooks[{kind!r}].to_pandas()['tag'].tolist()")
    assert set(tags) == {tag}
    expect(chart).to_have_attribute("data-points", str(len(tags)))
    expect(chart.locator(".nbhooks-chart-legend")).to_have_text(tag)


def test_rate_is_captioned_with_the_numbers_of_to_pandas(trained: Trained) -> None:
    pairs = trained.panel("steps").locator(".nbhooks-chart-pair").all_inner_texts()
    rates = trained.notebook.ask("hooks['steps'].to_pandas()['value'].tolist()")
    wanted = {"last": rates[-1], "mean": sum(rates) / len(rates), "best": max(rates)}
    found = {name: number(text) for name, text in (pair.split(" ", 1) for pair in pairs)}
    assert found == pytest.approx(wanted, abs=0.06)


def test_table_shows_the_numbers_of_to_pandas(trained: Trained) -> None:
    cells = trained.panel("tensors").locator("table.nbhooks-table tr[data-tag=loss] td").all_inner_texts()
    steps = trained.notebook.ask("hooks['tensors'].to_pandas()['step'].tolist()")
    values = trained.notebook.ask("hooks['tensors'].to_pandas()['value'].tolist()")
    wanted = [values[-1], min(values), max(values)]
    assert [number(text) for text in cells[1:4]] == pytest.approx(wanted, rel=1e-4)
    assert number(cells[5]) == steps[-1]


def test_checkpoints_are_listed_with_those_deleted(trained: Trained) -> None:
    rows = trained.panel("checkpoints").locator("table.nbhooks-table tbody tr")
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
    expect(live(trained.notebook, trained.cell)).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_everything_can_be_read(trained: Trained, theme: str, pictures: Path) -> None:
    notebook = trained.notebook
    notebook.theme(theme)
    try:
        notebook.picture(pictures / f"{trained.front_end}-{theme}.png", trained.cell)
        found = contrasts(live(notebook, trained.cell))
        assert {"Steps per second", "global step", "loss", "kept", "StopAtStepHook"} <= set(found)
        assert {text: ratio for text, ratio in found.items() if ratio < 4.5} == {}
    finally:
        notebook.theme("light")


def test_nothing_overflows_when_narrow(trained: Trained, pictures: Path) -> None:
    notebook = trained.notebook
    notebook.resize(width=480)
    try:
        area = notebook.output(trained.cell)
        area.scroll_into_view_if_needed()
        notebook.picture(pictures / f"{trained.front_end}-narrow.png", trained.cell)
        assert area.bounding_box()["width"] < 450
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
        fills = area.locator(".nbhooks-static polyline").evaluate_all(
            "(lines) => lines.map((line) => getComputedStyle(line).fill)"
        )
        assert set(fills) <= {"none"}
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
