"""The model that page.py trains in a notebook: 60 scalar tags, 10 histograms, 6 images, a log line a step."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import tensorflow as tf

import nbhooks
from nbhooks.view import boards

if TYPE_CHECKING:
    from collections.abc import Callable

v1 = tf.compat.v1

LAYERS, IMAGES, PARTS = 10, 6, 10
SUMS: dict[str, Callable[[Any], Any]] = {
    "mean": tf.reduce_mean,
    "stddev": tf.math.reduce_std,
    "minimum": tf.reduce_min,
    "maximum": tf.reduce_max,
    "norm": tf.norm,
}

PAUSE = 0.004
"""Seconds after each step, so that the kernel leaves a core to the page."""


def train(make_hooks: Callable[[Any, dict[str, Any], str], list[Any]], logs: str, seconds: float) -> None:
    """Train for some seconds.

    Args:
        make_hooks: makes the hooks of the merged summary, the tensors to log, and the folder.
        logs: the folder for summaries.
        seconds: how long.
    """
    with tf.Graph().as_default():
        step = v1.train.get_or_create_global_step()
        data = tf.constant(np.random.default_rng(0).normal(size=(64, 32)).astype("float32"))
        hidden = data
        for layer in range(LAYERS):
            with v1.name_scope(f"encoder/layer_{layer}_with_a_rather_long_scope"):
                hidden = tf.tanh(hidden @ v1.get_variable(f"w{layer}", [32, 32]))
                hidden += v1.random_normal([32]) * 0.05
                v1.summary.histogram("activation", hidden)
                for name, sum_up in SUMS.items():
                    v1.summary.scalar(name, sum_up(hidden))
        errors = tf.square(hidden - data)
        loss = tf.reduce_mean(errors)
        for number in range(PARTS):
            v1.summary.scalar(f"losses/part_{number}", tf.reduce_mean(errors[number]))
        for number in range(IMAGES):
            v1.summary.image(f"weights/{number}", v1.trainable_variables()[number][None, :, :, None])
        update = v1.train.AdamOptimizer(1e-3).minimize(loss, global_step=step)
        hooks = make_hooks(v1.summary.merge_all(), {"loss": loss, "logits": hidden[:8, :4]}, logs)
        end = time.monotonic() + seconds
        with v1.train.MonitoredSession(hooks=hooks) as session:
            while time.monotonic() < end:
                session.run(update)
                time.sleep(PAUSE)


def ours(merged: Any, tensors: dict[str, Any], logs: str) -> list[Any]:
    """Make four hooks of nbhooks."""
    return _hooks(nbhooks, merged, tensors, logs)


def theirs(merged: Any, tensors: dict[str, Any], logs: str) -> list[Any]:
    """Make the same four of TensorFlow."""
    return _hooks(v1.train, merged, tensors, logs)


def _hooks(package: Any, merged: Any, tensors: dict[str, Any], logs: str) -> list[Any]:
    return [
        package.StepCounterHook(every_n_steps=10, output_dir=logs),
        package.LoggingTensorHook(tensors, every_n_iter=1),
        package.SummarySaverHook(save_steps=5, output_dir=logs, summary_op=merged),
        package.NanTensorHook(tensors["loss"]),
    ]


def at_ten_a_second(seconds: float) -> None:
    """Request ten refreshes a second of every board, on a thread: more than a board makes by itself."""

    def request() -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            time.sleep(0.1)
            for board in boards.opened():
                board.request_draw()  # type: ignore[attr-defined]

    threading.Thread(target=request, daemon=True).start()
