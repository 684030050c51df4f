"""A notebook whose cells train under five hooks, and what is to see of their board."""

from __future__ import annotations

from typing import TYPE_CHECKING

from board import head, live, unfold
from lab import NotebookPage

if TYPE_CHECKING:
    from playwright.sync_api import Browser
    from server import Server

SECTIONS = ("StepCounterHook", "LoggingTensorHook", "NanTensorHook", "CheckpointSaverHook", "StopAtStepHook")

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


def shown(notebook: NotebookPage, cell: int) -> dict[str, str]:
    """Read what the head, each card and each section show; folded sections are unfolded."""
    board = live(notebook, cell)
    found = {title: unfold(board, title).inner_html() for title in SECTIONS}
    for canvas in board.locator("canvas").all():
        label = canvas.get_attribute("aria-label") or ""
        found[f"card of {label.split(', line chart')[0]}"] = label
    return {**found, "head": head(notebook, cell).inner_text()}


def opened(browser: Browser, server: Server, name: str, *cells: str, front_end: str = "lab") -> NotebookPage:
    """Open a new notebook in the kernel that all share, and run its first cell."""
    server.write(name, [SETUP, *cells])
    server.share_kernel(name)
    notebook = NotebookPage(browser, server, name, front_end=front_end)
    notebook.run(0, seconds=200)  # the first one imports TensorFlow
    return notebook
