"""What a step calls beyond TensorFlow's hooks, and what is not skipped where TensorFlow's method is."""

from __future__ import annotations

import sys
from collections import Counter
from statistics import median_low
from typing import TYPE_CHECKING, Any

import pytest
import tensorflow as tf
from tensorflow.python.training import evaluation

import nbhooks
from nbhooks.hooks.build import HOOKS

if TYPE_CHECKING:
    from pathlib import Path

v1 = tf.compat.v1

pytestmark = pytest.mark.tensorflow

STEPS = 20
RARELY = 10**9


def make(kit: Any, name: str, path: Path) -> Any:
    """Make a hook that does in a step what it does in most: nothing is logged, saved or reported."""
    summary = v1.summary.scalar("summary", v1.get_default_graph().get_tensor_by_name("loss:0"))
    arguments: dict[str, tuple[Any, ...]] = {
        "StepCounterHook": (RARELY,),
        "LoggingTensorHook": (["loss:0"], RARELY),
        "NanTensorHook": ("loss:0",),
        "CheckpointSaverHook": (str(path), None, RARELY),
        "StopAtStepHook": (None, RARELY),
        "GlobalStepWaiterHook": (0,),
        "SummarySaverHook": (RARELY, None, str(path), None, None, summary),
        "FeedFnHook": (dict,),
        "ProfilerHook": (RARELY, None, str(path)),
        "FinalOpsHook": ("loss:0",),
        "StopAfterNEvalsHook": (RARELY, False),
    }
    hook = getattr(kit, name, evaluation._StopAfterNEvalsHook)(*arguments[name])
    if name == "StopAfterNEvalsHook":
        hook._set_evals_completed_tensor(v1.train.get_global_step())
    return hook


def called(hooks: list[Any]) -> dict[str, int]:
    """Count the Python functions that a step calls, and how often it reads a clock: medians of all steps."""
    steps: list[Counter[str]] = []

    def count(_: Any, event: str, argument: Any) -> None:
        if event == "call":
            steps[-1]["frames"] += 1
        elif event == "c_call":
            steps[-1][argument.__name__] += 1

    with v1.train.MonitoredSession(hooks=hooks) as session:
        for number in range(2 * STEPS):
            steps.append(Counter())
            sys.setprofile(count if number >= STEPS else None)  # the step is known by then
            try:
                session.run("train")
            finally:
                sys.setprofile(None)
    return {name: median_low(step[name] for step in steps[STEPS:]) for name in ("frames", "monotonic")}


def more(names: list[str], path: Path) -> dict[str, int]:
    """Count what a step calls with our hooks beyond what it calls with TensorFlow's."""
    counts = []
    for kit in (v1.train, nbhooks):
        with tf.Graph().as_default():
            step = v1.train.get_or_create_global_step()
            loss = tf.cast(step.read_value(), tf.float32, name="loss")
            with tf.control_dependencies([loss]):
                tf.group(v1.assign_add(step, 1), name="train")
            counts.append(called([make(kit, name, path) for name in names]))
    theirs, ours = counts
    return {name: ours[name] - theirs[name] for name in ours}


FIVE = ["StepCounterHook", "LoggingTensorHook", "NanTensorHook", "CheckpointSaverHook", "StopAtStepHook"]


@pytest.mark.parametrize("names", [FIVE, [*FIVE, *(set(HOOKS) - set(FIVE))]], ids=["five", "eleven"])
def test_a_step_calls_four_functions_more(names: list[str], tmp_path: Path) -> None:
    """The layers that lead and that give the step, and what reckons it from the arguments of the run."""
    assert more(names, tmp_path)["frames"] <= 4


def test_no_clock_is_read_for_a_front_end_that_is_not_there(tmp_path: Path) -> None:
    assert more(FIVE, tmp_path)["monotonic"] == 0


@pytest.mark.parametrize(
    ("name", "method"),
    [
        ("NanTensorHook", "after_run"),
        ("SummarySaverHook", "after_run"),
        ("FeedFnHook", "before_run"),
        ("StopAfterNEvalsHook", "after_run"),
    ],
)
@pytest.mark.usefixtures("loss")
def test_a_class_that_is_mixed_in_is_called_in_every_run(name: str, method: str, tmp_path: Path) -> None:
    base = getattr(v1.train, name, evaluation._StopAfterNEvalsHook)
    calls = []

    def noted(hook: Any, *arguments: Any) -> Any:
        calls.append(name)
        return getattr(base, method)(hook, *arguments)

    mixed_in = type("Theirs", (base,), {method: noted})
    kit = type("Kit", (), {name: type(name, (getattr(nbhooks, name), mixed_in), {})})
    with v1.train.MonitoredSession(hooks=[make(kit, name, tmp_path)]) as session:
        for _ in range(5):
            session.run("train")
    assert len(calls) == 5
