"""An ordinary model on a board in JupyterLab: what matters is on the first screen, however wide it is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("playwright", reason="the browser tests need Playwright")

from board import canvas, head, live, picture, state, step
from lab import NotebookPage
from looks import contrasts, overflow
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser
    from server import Server

pytestmark = pytest.mark.browser

# Three layers in named scopes, nine scalar summaries, three histograms, three images.
SETUP = """
import tempfile, time
import tensorflow as tf
import nbhooks

train, v1 = tf.compat.v1.train, tf.compat.v1
v1.logging.set_verbosity("ERROR")  # else warnings of the version of TensorFlow stand below the board

def model():
    step = train.get_or_create_global_step()
    x = tf.random.normal([32, 64], seed=1)
    labels = tf.cast(x[:, 0] > 0, tf.int32)
    hidden = x
    for scope, units in (("encoder", 32), ("middle", 16), ("decoder", 2)):
        with v1.variable_scope(scope):
            weights = v1.get_variable("weights", [int(hidden.shape[1]), units])
            hidden = hidden @ weights
            if scope != "decoder":
                hidden = tf.nn.relu(hidden)
            v1.summary.histogram("weights", weights)
            v1.summary.image("weights", weights[None, ..., None])
            v1.summary.scalar("length", tf.norm(weights))
            v1.summary.scalar("sparsity", tf.nn.zero_fraction(hidden))
    loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels, hidden))
    accuracy = tf.reduce_mean(tf.cast(tf.equal(tf.argmax(hidden, 1, tf.int32), labels), tf.float32))
    rate = train.exponential_decay(0.05, step, 100, 0.9)
    logged = {"loss": loss, "accuracy": accuracy, "learning_rate": rate}
    for tag, value in logged.items():
        v1.summary.scalar(tag, value)
    return train.GradientDescentOptimizer(rate).minimize(loss, step), logged

def fit(last):
    with tf.Graph().as_default():
        update, logged = model()
        hooks = [
            nbhooks.LoggingTensorHook(logged, every_n_iter=10),
            nbhooks.NanTensorHook(logged["loss"]),
            nbhooks.StopAtStepHook(last_step=last),
        ]
        every = {"save_checkpoint_steps": 200, "save_summaries_steps": 10, "log_step_count_steps": 10}
        folder = tempfile.mkdtemp() + "/layers"
        with nbhooks.MonitoredTrainingSession(checkpoint_dir=folder, hooks=hooks, **every) as session:
            while not session.should_stop():
                session.run(update)
                time.sleep(0.01)
"""
LAST = 600
FIRST_SCREEN = ("loss", "accuracy", "learning_rate", "global_step/sec")


@pytest.fixture(scope="module")
def notebook(browser: Browser, server: Server, pictures: Path) -> Iterator[NotebookPage]:
    """A page of JupyterLab whose second cell has trained; two pictures were taken meanwhile."""
    server.write("ordinary.ipynb", [SETUP, f"fit({LAST})"])
    server.share_kernel("ordinary.ipynb")
    page = NotebookPage(browser, server, "ordinary.ipynb")
    page.run(0, seconds=200)
    page.resize(1040, 900)
    page.begin(1)
    page.cell(1).evaluate("(node) => node.scrollIntoView()")  # what is out of sight is not drawn
    for number, at in enumerate(("[1-9]", "[3-9]"), 1):
        expect(step(page, 1)).to_have_text(re.compile(rf"^step {at}\d\d of {LAST}$"), timeout=60_000)
        expect(canvas(live(page, 1), "loss")).to_have_attribute("aria-label", re.compile("last "))
        picture(page, 1, pictures / f"strip-{number}.png")
    page.finish(1)
    yield page
    page.close()


@pytest.mark.parametrize("width", [1000, 1800])
def test_what_matters_is_on_the_first_screen(notebook: NotebookPage, width: int) -> None:
    notebook.resize(width, 900)
    notebook.cell(1).evaluate("(node) => node.scrollIntoView()")
    expect(state(notebook, 1)).to_have_text("stopped by StopAtStepHook")
    expect(head(notebook, 1)).to_contain_text(
        re.compile(r"speed.*steps/s.*health.*finite.*model.ckpt-600", re.DOTALL)
    )
    assert head(notebook, 1).bounding_box()["height"] <= 90
    for tag in FIRST_SCREEN:
        chart = canvas(live(notebook, 1), tag)
        expect(chart).to_have_attribute("aria-label", re.compile("last "))
        box = chart.bounding_box()
        assert box["y"] + box["height"] < 870, tag  # Lab's status bar is below


def test_scopes_are_groups_in_the_order_of_the_model(notebook: NotebookPage) -> None:
    notebook.resize(1000, 3000)
    titles = live(notebook, 1).locator(".nbhooks-cards-fold").all_inner_texts()
    assert [title.split()[0] for title in titles] == ["main", "encoder", "middle", "decoder"]
    names = live(notebook, 1).locator(".nbhooks-card-name").all_inner_texts()
    assert names[-2:] == ["length", "sparsity"]


@pytest.mark.parametrize("width", [400, 1000, 1800])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_looks(notebook: NotebookPage, theme: str, width: int, pictures: Path) -> None:
    notebook.theme(theme)
    notebook.resize(width, 900)
    try:
        notebook.cell(1).evaluate("(node) => node.scrollIntoView()")
        expect(canvas(live(notebook, 1), "loss")).to_have_attribute("aria-label", re.compile("last "))
        notebook.page.wait_for_timeout(300)  # charts are drawn anew when their width has settled
        notebook.picture(pictures / f"ordinary-{theme}-{width}.png")
        assert {text: ratio for text, ratio in contrasts(live(notebook, 1)).items() if ratio < 4.5} == {}
        assert overflow(notebook.output(1)) == []
    finally:
        notebook.theme("light")


def test_picture_for_the_readme(notebook: NotebookPage, pictures: Path) -> None:
    notebook.resize(1040, 3000)
    picture(notebook, 1, pictures / "board.png")
    box = live(notebook, 1).bounding_box()
    assert 800 < box["width"] < 1000
    assert notebook.faults() == []
