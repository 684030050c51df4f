"""The live board in real pages: while its cell runs, after each way to end, reloaded, saved and reopened."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("playwright", reason="the browser tests need Playwright")

from lab import HEIGHT, NotebookPage
from looks import contrasts, overflow
from playwright.sync_api import Error, expect

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Locator
    from server import Server

pytestmark = pytest.mark.browser

PANELS = ("steps", "tensors", "nan", "checkpoints", "progress")
LAST_STEP = 800

SETUP = """
import json, tempfile, time
import tensorflow as tf
import nbhooks

train = tf.compat.v1.train
tf.compat.v1.logging.set_verbosity("ERROR")  # else the log is longer than the board

def fit(last_step, pause=0.01, nan_at=None, fail_at=None, also=(), each_step=lambda: None):
    global hooks
    with tf.Graph().as_default():
        step = train.get_or_create_global_step()
        weights = tf.compat.v1.get_variable("weights", [8, 1], initializer=tf.compat.v1.zeros_initializer())
        x = tf.random.normal([32, 8], seed=1)
        loss = tf.reduce_mean((x @ weights - tf.reduce_sum(x, 1, keepdims=True)) ** 2)
        if nan_at is not None:
            loss = tf.where(step < nan_at, loss, float("nan"))
        checks = [] if fail_at is None else [tf.compat.v1.assert_less(step, tf.constant(fail_at, tf.int64))]
        with tf.control_dependencies(checks):
            update = train.GradientDescentOptimizer(0.003).minimize(loss, step)
        logged = {"loss": loss, "weights": weights, **{tag: loss + 1 for tag in also}}
        saver, folder = train.Saver(max_to_keep=2), tempfile.mkdtemp() + "/linear"
        hooks = {
            "steps": nbhooks.StepCounterHook(every_n_steps=20),
            "tensors": nbhooks.LoggingTensorHook(logged, every_n_iter=20),
            "nan": nbhooks.NanTensorHook(loss),
            "checkpoints": nbhooks.CheckpointSaverHook(folder, save_steps=150, saver=saver),
            "progress": nbhooks.StopAtStepHook(last_step=last_step),
        }
        with train.MonitoredTrainingSession(hooks=list(hooks.values())) as session:
            while not session.should_stop():
                session.run(update)
                each_step()
                time.sleep(pause)
"""

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


def panel(notebook: NotebookPage, cell: int, kind: str) -> Locator:
    return notebook.output(cell).locator(f".nbhooks-panel.nbhooks-{kind}")


def status(notebook: NotebookPage, cell: int) -> Locator:
    return notebook.output(cell).locator(".nbhooks-status")


def shown(notebook: NotebookPage, cell: int) -> dict[str, str]:
    """Read all that there is to see of each panel: its text, its attributes, the lines of its chart."""
    return {kind: panel(notebook, cell, kind).inner_html() for kind in PANELS}


def number(text: str) -> float:
    found = re.search(r"-?\d[\d,]*\.?\d*(e[+-]?\d+)?", text)
    assert found, f"no number in {text!r}"
    return float(found[0].replace(",", ""))


def opened(browser: Browser, server: Server, name: str, *cells: str, front_end: str = "lab") -> NotebookPage:
    """Open a new notebook in the kernel that all share, and run its first cell."""
    server.write(name, [SETUP, *cells])
    server.share_kernel(name)
    notebook = NotebookPage(browser, server, name, front_end=front_end)
    notebook.run(0, seconds=200)  # the first one imports TensorFlow
    return notebook


@pytest.fixture(scope="module", params=["lab", "notebook7"])
def trained(request: pytest.FixtureRequest, browser: Browser, server: Server) -> Iterator[Trained]:
    """Train under five hooks, and look at the board at the start and in the second half."""
    front_end, cell = request.param, Trained.cell
    notebook = opened(browser, server, f"trained-{front_end}.ipynb", TRAIN, front_end=front_end)
    notebook.begin(cell)
    expect(status(notebook, cell)).to_have_text(re.compile(r"^running · step [1-9]"))
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


@pytest.fixture(scope="module")
def notebook(browser: Browser, server: Server) -> Iterator[NotebookPage]:
    """A page of JupyterLab on a notebook to add cells to."""
    page = opened(browser, server, "endings.ipynb")
    yield page
    page.close()


def test_each_panel_appears_and_changes_while_the_cell_is_busy(trained: Trained) -> None:
    assert trained.busy, "the cell ended before everything was looked at"
    assert [kind for kind in PANELS if trained.first[kind] == trained.later[kind]] == []


def test_values_of_a_tensor_are_shown_when_asked_for_in_mid_cell(trained: Trained) -> None:
    assert trained.busy
    assert trained.values.startswith("step ")
    assert trained.values.count("[") == 9  # eight rows of one


def test_says_who_stopped_and_where(trained: Trained) -> None:
    line = status(trained.notebook, trained.cell)
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
    static = trained.notebook.output(trained.cell).locator(".nbhooks-static")
    expect(static).to_have_count(1)
    expect(static).to_be_hidden()
    expect(trained.notebook.output(trained.cell).locator(".nbhooks-live")).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_everything_can_be_read(trained: Trained, theme: str, pictures: Path) -> None:
    notebook = trained.notebook
    notebook.theme(theme)
    try:
        notebook.picture(pictures / f"{trained.front_end}-{theme}.png", trained.cell)
        found = contrasts(notebook.output(trained.cell).locator(".nbhooks-live"))
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


def test_reload_in_mid_cell_brings_the_board_back(browser: Browser, server: Server, pictures: Path) -> None:
    notebook = opened(browser, server, "reload.ipynb", "fit(600, pause=0.025)")
    try:
        notebook.begin(1)
        line = status(notebook, 1)
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
    expect(status(notebook, cell)).to_have_text(re.compile("^died of NanLossDuringTrainingError"))
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
    line = status(notebook, cell)
    expect(line).to_have_attribute("data-state", "died")
    expect(line).to_have_text("died of InvalidArgumentError · step 60")
    expect(notebook.output(cell)).to_contain_text("InvalidArgumentError:")  # the traceback, as without hooks
    assert panel(notebook, cell, "progress").locator("progress").evaluate("(bar) => bar.value") == 60
    notebook.picture(pictures / "died.png", cell)


def test_an_error_is_named_however_long_its_traceback_takes(notebook: NotebookPage) -> None:
    cell = notebook.add(
        """
from nbhooks.section import GRACE

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
    expect(status(notebook, cell)).to_have_text("died of SlowError · step 1")


def test_an_interrupt_is_told(notebook: NotebookPage, pictures: Path) -> None:
    cell = notebook.add("fit(100_000)")
    notebook.begin(cell)
    expect(status(notebook, cell)).to_have_text(re.compile(r"^running · step [1-9]"))
    notebook.interrupt()
    notebook.finish(cell)
    line = status(notebook, cell)
    expect(line).to_have_attribute("data-state", "interrupted")
    expect(line).to_have_text(re.compile("^interrupted · step [1-9]"))
    expect(notebook.output(cell)).to_contain_text("KeyboardInterrupt")
    notebook.picture(pictures / "interrupted.png", cell)


def test_hostile_and_long_tags_stay_text(notebook: NotebookPage, pictures: Path) -> None:
    hostile = '<img src=x onerror="window.hacked=1">'
    long = "layer/" + 494 * "a"
    cell = notebook.add(f"fit(100, also={[hostile, long]!r})")
    notebook.run(cell)
    expect(status(notebook, cell)).to_have_attribute("data-state", "stopped")
    table = panel(notebook, cell, "tensors").locator("table.nbhooks-table")
    tags = table.locator("tr[data-tag]").evaluate_all("(rows) => rows.map((row) => row.dataset.tag)")
    assert tags == ["loss", "weights", hostile, long]
    expect(table).to_contain_text(hostile)
    notebook.picture(pictures / "hostile.png", cell)
    chart = panel(notebook, cell, "tensors").locator(".nbhooks-chart")
    expect(chart.locator(".nbhooks-chart-legend")).to_contain_text(hostile)
    expect(notebook.output(cell).locator(".nbhooks-live img")).to_have_count(0)
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
    static = notebook.output(cell).locator(".nbhooks-static")
    expect(static).to_contain_text(hostile)
    expect(static.locator("img")).to_have_count(1)
    assert notebook.page.evaluate("() => window.hacked") is None


def test_picture_for_the_readme(notebook: NotebookPage, pictures: Path) -> None:
    cell = notebook.add("fit(600, pause=0.004)")
    notebook.resize(width=1040)
    notebook.run(cell)
    expect(status(notebook, cell)).to_have_attribute("data-state", "stopped")
    board = notebook.output(cell).locator(".nbhooks-live")
    board.evaluate("(board) => { board.style.padding = '8px'; }")  # so that the picture has a margin
    pictures.mkdir(parents=True, exist_ok=True)
    board.screenshot(path=pictures / "board.png")
    box = board.bounding_box()
    notebook.resize()
    assert 800 < box["width"] < 1000
    assert box["height"] < HEIGHT - 200  # all of it was in the window


def test_the_page_of_all_endings_saw_no_error(notebook: NotebookPage) -> None:
    assert notebook.faults() == []
