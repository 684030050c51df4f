"""The other six hooks in a real page: what they show while the cell is busy, and what they look like."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("playwright", reason="the browser tests need Playwright")

from board import alerts, card, head, live, picture, state, step, unfold
from lab import NotebookPage
from looks import contrasts, overflow
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser
    from server import Server

pytestmark = pytest.mark.browser

WAIT, SUMMARIES, FEEDS = "GlobalStepWaiterHook", "SummarySaverHook", "FeedFnHook"
FILES, RESULTS, PROGRESS = "ProfilerHook", "FinalOpsHook", "StopAfterNEvalsHook"
SECTIONS = (WAIT, SUMMARIES, FEEDS, FILES, RESULTS, PROGRESS)
WAITED, LAST = 300, 900

SETUP = """
import tempfile, threading, time
import numpy as np
import tensorflow as tf
import nbhooks

train = tf.compat.v1.train
tf.compat.v1.logging.set_verbosity("ERROR")  # else the log is longer than the board

class Others(train.SessionRunHook):
    "Trains in the place of other workers, until `last`."
    def __init__(self, last):
        self.last = last
    def begin(self):
        self.more = tf.compat.v1.assign_add(train.get_global_step(), 3)
    def after_create_session(self, session, coord):
        def work():
            while session.run(self.more) < self.last and not coord.wait_for_stop(0.1):
                pass
        threading.Thread(target=work, daemon=True).start()

def fit(wait, last, pause=0.01, prefix=""):
    global hooks
    with tf.Graph().as_default():
        step = train.get_or_create_global_step()
        zeros = np.zeros((4, 8, 8, 1), np.float32)
        images = tf.compat.v1.placeholder_with_default(zeros, (None, 8, 8, 1), "images")
        weights = tf.compat.v1.get_variable("weights", [64, 10])
        logits = tf.reshape(images, [-1, 64]) @ weights
        loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(tf.range(4), logits))
        update = train.GradientDescentOptimizer(0.01).minimize(loss, step)
        summary = tf.compat.v1.summary.merge([
            tf.compat.v1.summary.scalar(prefix + "loss", loss),
            tf.compat.v1.summary.histogram("weights", weights),
            tf.compat.v1.summary.image("digits", images, max_outputs=2),
            tf.compat.v1.summary.text("note", tf.constant("<b>plain</b> " + prefix)),
        ])
        noise = np.random.default_rng(1)
        feed = lambda: {images: noise.random((4, 8, 8, 1), np.float32)}
        folder = tempfile.mkdtemp() + "/digits"
        evaluations = nbhooks.StopAfterNEvalsHook(last - wait, log_progress=False)
        with tf.control_dependencies([update]):
            evaluations._set_evals_completed_tensor(step.read_value() - wait)
        hooks = {
            "wait": nbhooks.GlobalStepWaiterHook(wait),
            "summaries": nbhooks.SummarySaverHook(20, output_dir=folder, summary_op=summary),
            "feeds": nbhooks.FeedFnHook(feed),
            "files": nbhooks.ProfilerHook(save_steps=200, output_dir=folder),
            "results": nbhooks.FinalOpsHook({"loss": loss, "first weights": weights[0, :4]}, feed()),
            "progress": evaluations,
        }
        with nbhooks.MonitoredTrainingSession(hooks=[Others(wait), *hooks.values()]) as session:
            while not session.should_stop():
                session.run(update)
                time.sleep(pause)
"""


@pytest.fixture(scope="module")
def notebook(browser: Browser, server: Server) -> Iterator[NotebookPage]:
    """A page of JupyterLab on a notebook whose second cell trains."""
    server.write("all.ipynb", [SETUP, f"fit({WAITED}, {LAST})"])
    server.share_kernel("all.ipynb")
    page = NotebookPage(browser, server, "all.ipynb")
    page.run(0, seconds=200)
    yield page
    page.close()


@pytest.fixture(scope="module")
def trained(notebook: NotebookPage, pictures: Path) -> dict[str, str]:
    """What each section showed when a third of the training was done; the cell has ended meanwhile."""
    notebook.begin(1)
    expect(state(notebook, 1)).to_have_text(f"waiting for global step {WAITED}")
    expect(alerts(notebook, 1)).to_contain_text(f"waiting for global step {WAITED}")
    board = live(notebook, 1)
    for title in SECTIONS:
        unfold(board, title)
    expect(unfold(board, WAIT)).to_contain_text(f"waiting for global step {WAITED}, now ")
    notebook.picture(pictures / "waiting.png", 1)
    expect(unfold(board, SUMMARIES).locator("img")).to_have_count(2, timeout=30_000)
    expect(alerts(notebook, 1)).to_have_count(0)
    expect(unfold(board, FEEDS)).to_contain_text("images")
    early = {title: unfold(board, title).inner_text() for title in SECTIONS}
    assert notebook.busy(1)
    notebook.finish(1)
    return early


def test_the_wait_is_over(notebook: NotebookPage, trained: dict[str, str]) -> None:
    assert re.search(rf"waited [\d.]+ m?s for global step {WAITED}; it was 3\d\d then", trained[WAIT])
    expect(head(notebook, 1)).to_have_attribute("data-state", "stopped")
    expect(state(notebook, 1)).to_have_text("stopped by StopAfterNEvalsHook")
    expect(step(notebook, 1)).to_have_text(re.compile("^step 9"))


def test_summaries_show_each_kind(notebook: NotebookPage, trained: dict[str, str]) -> None:
    summaries = unfold(live(notebook, 1), SUMMARIES)
    kinds = summaries.locator("tbody td:nth-child(2)").all_inner_texts()
    assert kinds == ["scalar", "histogram", "image", "image", "text"]
    images = summaries.locator("img")
    sizes = images.evaluate_all("(all) => all.map((one) => [one.complete, one.naturalWidth])")
    assert sizes == [[True, 8], [True, 8]]
    assert summaries.locator("tbody tr:nth-child(2) svg path").count() == 1
    expect(summaries).to_contain_text("<b>plain</b>")
    assert summaries.inner_text() != trained[SUMMARIES]
    value, at = notebook.ask("hooks['summaries'].to_pandas()[['value', 'step']].iloc[-1].tolist()")
    expect(card(live(notebook, 1), "loss").locator("canvas")).to_have_attribute(
        "aria-label", re.compile(rf"last {re.escape(f'{value:.5g}')} at {at:.0f}\b")
    )
    expect(summaries).to_contain_text(re.compile("B in events.out.tfevents"))


def test_feeds_files_results_and_progress(notebook: NotebookPage, trained: dict[str, str]) -> None:
    board = live(notebook, 1)
    expect(unfold(board, FEEDS).locator("tbody tr")).to_have_text(re.compile(r"4×8×8×1\s*float32"))
    files = unfold(board, FILES).locator("tbody tr")
    assert files.count() == notebook.ask("len(hooks['files'].to_pandas())") > 0
    expect(files.first).to_contain_text("timeline-")
    assert "at the end" in trained[RESULTS]
    cells = unfold(board, RESULTS).locator("tbody td").all_inner_texts()
    assert cells[0] == "loss"
    assert float(cells[1]) == pytest.approx(
        notebook.ask("float(hooks['results'].final_ops_values['loss'])"), rel=1e-3
    )
    assert "(float32 4)" in cells[3]
    number = LAST - WAITED
    expect(unfold(board, PROGRESS)).to_contain_text(f"evaluation {number} of {number} · 100 %")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.usefixtures("trained")
def test_everything_can_be_read(notebook: NotebookPage, theme: str, pictures: Path) -> None:
    notebook.theme(theme)
    try:
        notebook.picture(pictures / f"all-{theme}.png", 1)
        found = contrasts(live(notebook, 1))
        assert {FILES, "histogram", "float32"} <= set(found)
        assert {text: ratio for text, ratio in found.items() if ratio < 4.5} == {}
    finally:
        notebook.theme("light")


@pytest.mark.usefixtures("trained")
def test_picture_for_the_readme(notebook: NotebookPage, pictures: Path) -> None:
    notebook.resize(height=3000)
    picture(notebook, 1, pictures / "all.png")
    notebook.resize()


@pytest.mark.usefixtures("trained")
def test_nothing_overflows_when_narrow(notebook: NotebookPage, pictures: Path) -> None:
    notebook.resize(width=480)
    try:
        notebook.output(1).scroll_into_view_if_needed()
        notebook.picture(pictures / "all-narrow.png", 1)
        assert overflow(notebook.output(1)) == []
    finally:
        notebook.resize()


@pytest.mark.usefixtures("trained")
def test_long_and_hostile_names_stay_text(notebook: NotebookPage, pictures: Path) -> None:
    hostile = '<img src=x onerror=\\"window.hacked=1\\">'
    long = "x" * 480
    cell = notebook.add(f'fit(0, 60, prefix="{long}")\nnbhooks.report("unseen", 1)')
    notebook.run(cell)
    notebook.picture(pictures / "all-long.png", cell)
    assert overflow(notebook.output(cell)) == []
    expect(notebook.output(cell)).to_contain_text("found no session that has hooks of nbhooks")
    cell = notebook.add(
        f"""
class Mine(train.SessionRunHook):
    def after_run(self, run_context, run_values):
        nbhooks.report("{hostile}", time.time() % 1)

with tf.Graph().as_default():
    step = train.get_or_create_global_step()
    more = tf.compat.v1.assign_add(step, 1)
    hooks = {{"results": nbhooks.FinalOpsHook({{"{hostile}": tf.constant(["{hostile}"])}})}}
    all_hooks = [Mine(), *hooks.values(), nbhooks.StopAtStepHook(50)]
    with nbhooks.MonitoredTrainingSession(hooks=all_hooks) as session:
        while not session.should_stop():
            session.run(more)
"""
    )
    notebook.run(cell)
    board = live(notebook, cell)
    expect(unfold(board, RESULTS)).to_contain_text("<img src=x")
    expect(board.locator(".nbhooks-card-name")).to_contain_text(["<img src=x"])
    notebook.picture(pictures / "all-hostile.png", cell)
    expect(board.locator("img")).to_have_count(0)
    assert notebook.page.evaluate("() => window.hacked") is None


def test_training_goes_on_when_the_page_is_closed(browser: Browser, server: Server) -> None:
    server.write("closed.ipynb", [SETUP, "fit(0, 400, pause=0.02)"])
    server.share_kernel("closed.ipynb")
    page = NotebookPage(browser, server, "closed.ipynb")
    page.run(0)
    page.begin(1)
    expect(step(page, 1)).to_have_text(re.compile("^step [1-9]"))
    page.close()
    server.write("after.ipynb", ["1"])
    server.share_kernel("after.ipynb")
    again = NotebookPage(browser, server, "after.ipynb")
    try:
        again.run(0, seconds=60)  # behind the cell that trains
        assert again.ask("int(hooks['progress'].to_pandas()['value'].iloc[-1])") == 400
        assert again.ask("float(hooks['results'].final_ops_values['loss'])") > 0
    finally:
        again.close()


def test_the_page_saw_no_error(notebook: NotebookPage) -> None:
    assert notebook.faults() == []
