"""In a real page: a session is paused, stepped, watched, changed and stopped by hand while its cell runs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("playwright", reason="the browser tests need Playwright")

from board import bring_up, head, live, picture, state, step, stop, unfold
from fit import opened
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lab import NotebookPage
    from playwright.sync_api import Browser, Locator
    from server import Server

pytestmark = pytest.mark.browser

TRAIN = """
with tf.Graph().as_default():
    global_step = train.get_or_create_global_step()
    rate = tf.constant(0.003, name="learning_rate")
    weights = tf.compat.v1.get_variable("weights", [8, 1], initializer=tf.compat.v1.zeros_initializer())
    x = tf.random.normal([32, 8], seed=1)
    loss = tf.reduce_mean((x @ weights - tf.reduce_sum(x, 1, keepdims=True)) ** 2, name="loss")
    update = train.GradientDescentOptimizer(rate).minimize(loss, global_step)
    hooks = [nbhooks.StopAtStepHook(last_step=100_000)]
    made = 0
    with nbhooks.MonitoredTrainingSession(hooks=hooks, debug=True) as session:
        while not session.should_stop():
            session.run([update, loss])
            made += 1
            time.sleep(0.01)
"""
STEP = re.compile(r"step ([\d,]+)")


@pytest.fixture(scope="module", params=["lab", "notebook7"])
def notebook(browser: Browser, server: Server, request: pytest.FixtureRequest) -> Iterator[NotebookPage]:
    """A page of JupyterLab or of Notebook 7."""
    page = opened(browser, server, f"debugger-{request.param}.ipynb", front_end=request.param)
    yield page
    page.close()


@pytest.fixture
def paused(notebook: NotebookPage) -> Iterator[int]:
    """A cell whose session was paused by a click; it ends with the test."""
    cell = notebook.add(TRAIN)
    notebook.begin(cell)
    try:
        bring_up(notebook, cell)
        control(notebook, cell, "Pause").click()
        expect(state(notebook, cell)).to_have_text("paused by you")
        yield cell
    finally:
        if notebook.busy(cell):
            notebook.interrupt()
            notebook.finish(cell)


def control(notebook: NotebookPage, cell: int, name: str) -> Locator:
    """Find a button of the head."""
    return head(notebook, cell).get_by_role("button", name=name, exact=True)


def at(notebook: NotebookPage, cell: int) -> int:
    """Read the step in the head."""
    found = STEP.search(step(notebook, cell).inner_text())
    assert found
    return int(found[1].replace(",", ""))


def test_a_pause_holds_and_a_step_is_exactly_one(notebook: NotebookPage, paused: int, pictures: Path) -> None:
    before = at(notebook, paused)
    notebook.page.wait_for_timeout(500)
    assert at(notebook, paused) == before
    control(notebook, paused, "Step").click()
    expect(step(notebook, paused)).to_contain_text(f"step {before + 1} of")
    expect(state(notebook, paused)).to_have_text("paused: after 1 step")
    head(notebook, paused).get_by_label("runs to make").fill("5")
    control(notebook, paused, "Step").click()
    expect(step(notebook, paused)).to_contain_text(f"step {before + 6} of")
    picture(notebook, paused, pictures / f"paused-{notebook.path.stem}.png")
    control(notebook, paused, "Resume").click()
    expect(state(notebook, paused)).to_have_text("running")
    stop(notebook, paused).click()
    notebook.finish(paused)
    expect(state(notebook, paused)).to_have_text("stopped by you")
    expect(control(notebook, paused, "Pause")).to_be_hidden()
    assert notebook.faults() == []


def test_a_watch_a_change_and_a_condition(notebook: NotebookPage, paused: int) -> None:
    asked = unfold(live(notebook, paused), "NotebookDebugHook")
    for name, text in (
        ("watch: name of a tensor", "loss"),
        ("set: name = number", "learning_rate = 0.03"),
        ("pause when: loss > 3", "loss < 0.5"),
    ):
        asked.get_by_label(name).fill(text)
        asked.get_by_label(name).press("Enter")
    expect(asked.locator("tr", has_text="learning_rate")).to_contain_text("0.03")
    expect(asked.locator("tr", has_text="loss < 0.5")).to_contain_text("on")
    control(notebook, paused, "Resume").click()
    expect(state(notebook, paused)).to_contain_text("paused: loss < 0.5")
    expect(asked.locator("tr", has_text="float32")).to_contain_text("loss")
    asked.get_by_label("evaluate: names of tensors").fill("learning_rate")
    asked.get_by_label("evaluate: names of tensors").press("Enter")
    expect(asked.locator("tr", has_text="0.03").first).to_be_visible()


def test_what_is_refused_says_why_and_loses_nothing(notebook: NotebookPage, paused: int) -> None:
    asked = unfold(live(notebook, paused), "NotebookDebugHook")
    asked.get_by_label("watch: name of a tensor").fill("<b>no such")
    asked.get_by_label("watch: name of a tensor").press("Enter")
    expect(asked).to_contain_text("<b>no such")
    expect(state(notebook, paused)).to_have_text("paused by you")


def test_a_page_that_is_reloaded_has_the_controls_again(notebook: NotebookPage, paused: int) -> None:
    """While the cell is paused; its end is what an interrupt leaves."""
    notebook.save()
    notebook.reload()
    bring_up(notebook, paused)
    expect(state(notebook, paused)).to_have_text("paused by you")
    control(notebook, paused, "Resume").click()
    expect(state(notebook, paused)).to_have_text("running")
    notebook.interrupt()
    expect(state(notebook, paused)).to_have_text("interrupted")
