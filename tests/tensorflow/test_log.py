"""TensorFlow's own logger, as it makes it where a kernel runs: its handler is found, and left as it was."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.tensorflow, pytest.mark.slow]

# A kernel has a prompt: TensorFlow then logs at INFO, to sys.stdout; pytest's root logger has a handler.
SCRIPT = """
import logging, sys
sys.ps1 = "In : "
import tensorflow as tf
import nbhooks
from nbhooks.jupyter import tensorflow_log

v1, logger = tf.compat.v1, logging.getLogger("tensorflow")
[handler] = logger.handlers
assert tensorflow_log.own_handler(logger) is handler

def train():
    with tf.Graph().as_default():
        step = v1.train.get_or_create_global_step()
        op = v1.assign_add(step, 1)
        hooks = [nbhooks.LoggingTensorHook({"x": step.read_value()}, every_n_iter=1),
                 nbhooks.StopAtStepHook(last_step=3)]
        with nbhooks.MonitoredTrainingSession(hooks=hooks, checkpoint_dir=sys.argv[1]) as session:
            while not session.should_stop():
                session.run(op)

class Lines(list):
    live = True
    def add(self, text):
        self.append(text)
    def explain(self, note):
        raise AssertionError(note)

lines = Lines()
diversion = tensorflow_log.begin(lines)
train()
v1.logging.log_first_n(v1.logging.INFO, "a %s", 1, "value")
v1.logging.debug("not at this level")
diversion.leave(lines)
print("taken", len(lines), lines[0], lines[-1], sep="|")
with nbhooks.Dashboard():  # in a script it takes nothing
    print("script", handler.filters, len(lines), sep="|")
    v1.logging.info("back")
"""


def test_the_handler_that_tensorflow_makes_is_found_and_given_back(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", SCRIPT, str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    taken, script, back = (line for line in done.stdout.splitlines() if not line.startswith("WARNING"))
    count, first, last = taken.split("|")[1:]
    assert int(count) > 10
    assert (first, last) == ("INFO:tensorflow:Create CheckpointSaverHook.", "INFO:tensorflow:a value")
    assert script == f"script|[]|{count}"
    assert back == "INFO:tensorflow:back"
    assert "INFO:tensorflow" not in done.stderr
