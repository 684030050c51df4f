"""Outside a notebook: the hooks record, show nothing, and import nothing that shows."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.tensorflow

SCRIPT = """
import sys, tempfile, threading
import tensorflow as tf
before = set(sys.modules)
import nbhooks

tf1 = tf.compat.v1
with tf.Graph().as_default():
    loss = tf1.get_variable("w", [], initializer=tf1.ones_initializer()).read_value()
    with tf.control_dependencies([loss]):
        op = tf1.assign_add(tf1.train.get_or_create_global_step(), 1)
    hooks = [
        nbhooks.StepCounterHook(every_n_steps=5),
        nbhooks.LoggingTensorHook({"loss": loss}, every_n_iter=5),
        nbhooks.NanTensorHook(loss),
        nbhooks.CheckpointSaverHook(tempfile.mkdtemp(), save_steps=10),
        nbhooks.StopAtStepHook(last_step=20),
    ]
    with tf1.train.MonitoredTrainingSession(hooks=hooks) as session:
        while not session.should_stop():
            session.run(op)
loaded = {name.partition(".")[0] for name in set(sys.modules) - before}
print("shown:", sorted(loaded & {"ipywidgets", "anywidget", "IPython", "matplotlib", "pandas", "traitlets"}))
print("threads:", [thread.name for thread in threading.enumerate() if "nbhooks" in thread.name])
rates, logged, losses, checkpoints, progress = (hook.to_pandas() for hook in hooks)
print("rates:", rates.step.tolist())
print("logged:", logged.step.tolist(), logged.value.tolist())
print("losses:", losses.step.tolist() == list(range(1, 21)), losses.tag.unique().tolist())
print("checkpoints:", checkpoints.step.tolist(), checkpoints.kept.tolist())
print("progress:", progress.step.tolist(), list(progress.columns))
"""


def test_a_script_records_and_shows_nothing(tmp_path: Path) -> None:
    script = tmp_path / "train.py"
    script.write_text(SCRIPT)
    run = subprocess.run(
        [sys.executable, script],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert run.returncode == 0, run.stderr
    printed = dict(line.split(": ", 1) for line in run.stdout.splitlines() if ": " in line)
    assert printed["shown"] == "[]"
    assert printed["threads"] == "[]"
    assert printed["rates"] == "[6, 11, 16]"
    assert printed["logged"] == "[1, 6, 11, 16] [1.0, 1.0, 1.0, 1.0]"
    assert printed["losses"].startswith("True")
    assert printed["checkpoints"] == "[0, 10, 20] [True, True, True]"
    assert (
        printed["progress"] == "[0, 20] ['run', 'tag', 'step', 'wall_time', 'value', 'session', 'orphaned']"
    )
