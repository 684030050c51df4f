"""The comparison that differential tests make: a scenario, run with TensorFlow's hooks and with ours."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

# Its C++ side announces the processor's features and every end of a data set; what Python logs is compared.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import pytest
import tensorflow as tf
from harness import trace
from scenarios import TENSORFLOW, Scenario
from traces import differences

import nbhooks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from traces import Same, Trace


@pytest.fixture
def same(tmp_path: Path) -> Same:
    """Run a scenario with TensorFlow's hooks and with ours, hold them equal, and return TensorFlow's trace.

    The function returned takes `build` and the other fields of a `Scenario`, and `ours`: what to take our
    hooks from.
    """

    def compare(build: Callable[..., list[Any]], ours: Any = nbhooks, **scenario: Any) -> Trace:
        described = Scenario(build=build, **scenario)
        traces = []
        # In a loop, so that both graphs are made by the same lines: error texts quote them.
        for kit, name in ((TENSORFLOW, "theirs"), (ours, "ours")):
            directory = tmp_path / name
            directory.mkdir()
            traces.append(trace(described, kit, directory))
        found = differences(*traces)
        if found:
            pytest.fail("\n".join(["TensorFlow's (-) and ours (+):", *found]), pytrace=False)
        return traces[0]

    return compare


@pytest.fixture
def loss() -> Iterator[tf.Tensor]:
    """A loss that is the global step before its run, in a graph that is the default one."""
    with tf.Graph().as_default():
        step = tf.compat.v1.train.get_or_create_global_step()
        loss = tf.cast(step.read_value(), tf.float32, name="loss")
        with tf.control_dependencies([loss]):
            tf.group(tf.compat.v1.assign_add(step, 1), name="train")
        yield loss


@pytest.fixture
def board() -> Iterator[nbhooks.Dashboard]:
    """A dashboard, which shows nothing here and keeps everything."""
    made = nbhooks.Dashboard()
    yield made
    made.close()
