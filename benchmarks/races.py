"""Trains with hooks of TensorFlow and of nbhooks in turn, in a script or in a kernel, and times both."""

from __future__ import annotations

import contextlib
import gc
import platform
import sys
import tempfile
import time
from importlib import metadata
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

CADENCE = 100
"""Steps from one rate, and from one row of logged tensors, to the next."""

NARROW = 16
"""Width of the smallest model."""

WARM_UP = 0.5
"""Seconds of training on each side before the clock starts; the charts are live by then."""


def versions() -> dict[str, str]:
    """Print what is about to be measured."""
    import tensorflow as tf

    return {
        "Python": platform.python_version(),
        "TensorFlow": tf.__version__,
        **{name: metadata.version(name) for name in ("ipykernel", "ipywidgets")},
    }


def has_board() -> bool:
    """Return whether this process has loaded what draws a board."""
    return "nbhooks.view.dashboard" in sys.modules


def race(  # noqa: PLR0913, PLR0917 - what is asked for by name from another process
    other: str, number: int, width: int, pairs: int, seconds: float, first: int
) -> list[tuple[float, float]]:
    """Train with TensorFlow's hooks and with the other's in turn, and time the loops alone.

    It is one session all the while, whose list of hooks is changed: where a session comes to lie in memory
    makes it faster or slower by some per cent for as long as it lives. The side that goes first changes from
    pair to pair, so what slows the machine down for longer than a pair slows both.

    Args:
        other: whose hooks: ``"nbhooks"``, or ``"tensorflow"`` to see what is noise.
        number: of hooks, 5 or 11.
        width: of the model's hidden layers.
        pairs: how many.
        seconds: how long each side of a pair trains.
        first: whose hooks are made first, 0 for TensorFlow's or 1.

    Returns:
        Microseconds a step of TensorFlow and of the other, for each pair.
    """
    packages = ("tensorflow", other)
    with contextlib.ExitStack() as stack:
        session, step, hooks = open_session(stack, [packages[first], packages[1 - first]], number, width)
        sides = hooks if first == 0 else hooks[::-1]
        for side in sides:
            _microseconds(session, step, side, WARM_UP)
        measured = []
        for pair in range(pairs):
            gc.collect()
            order = (0, 1) if pair % 2 == 0 else (1, 0)
            took = {side: _microseconds(session, step, sides[side], seconds) for side in order}
            measured.append((took[0], took[1]))
    return measured


def open_session(
    stack: contextlib.ExitStack, packages: Sequence[str], number: int, width: int
) -> tuple[Any, Any, list[list[Any]]]:
    """Open a session with so many hooks of each package; return it, what trains it, and the hooks."""
    import tensorflow as tf

    import nbhooks

    tf.compat.v1.logging.set_verbosity("ERROR")
    with tf.Graph().as_default() as graph:
        tf.compat.v1.set_random_seed(1)
        step, tensors = _model(width)
        hooks = []
        for package in packages:
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            kit = nbhooks if package == "nbhooks" else tf.compat.v1.train
            hooks.append(five_hooks(kit, tensors, folder))
            if number > len(hooks[-1]):
                hooks[-1] += six_hooks(kit, tensors, folder)
        every = [hook for some in hooks for hook in some]
        session = tf.compat.v1.train.MonitoredTrainingSession(hooks=every)
    stack.callback(_close, graph, session)
    return session, step, hooks


def _close(graph: Any, session: Any) -> None:
    with graph.as_default():
        session.close()


def _model(width: int) -> tuple[Any, dict[str, Any]]:
    """Build a network with two hidden layers; return what trains it, and what is logged of it."""
    import numpy as np
    import tensorflow as tf

    x = tf.constant(np.random.default_rng(1).normal(size=(64, 16)), tf.float32)
    layer, inputs = x, 16
    for number, outputs in enumerate((width, width, 1)):
        initial = tf.compat.v1.random_normal_initializer(stddev=inputs**-0.5)
        weights = tf.compat.v1.get_variable(f"weights_{number}", (inputs, outputs), initializer=initial)
        layer, inputs = tf.tanh(tf.matmul(layer, weights)), outputs
    loss = tf.reduce_mean(tf.square(layer - tf.sin(x[:, :1])))
    optimizer = tf.compat.v1.train.GradientDescentOptimizer(1e-3)
    step = optimizer.minimize(loss, tf.compat.v1.train.get_or_create_global_step())
    return step, {"loss": loss, "largest": tf.reduce_max(layer), "outputs": layer[:8, 0]}


def five_hooks(package: Any, tensors: dict[str, Any], folder: str) -> list[Any]:
    """Make the five; within the loop nothing is saved and nobody stops it."""
    return [
        package.StepCounterHook(every_n_steps=CADENCE),
        package.LoggingTensorHook(tensors, every_n_iter=CADENCE),
        package.NanTensorHook(tensors["loss"]),
        package.CheckpointSaverHook(folder, save_steps=10**9),
        package.StopAtStepHook(last_step=10**9),
    ]


def six_hooks(package: Any, tensors: dict[str, Any], folder: str) -> list[Any]:
    """Make the other six; a summary is as frequent as a row of logged tensors, a timeline is not written."""
    import numpy as np
    import tensorflow as tf
    from tensorflow.python.training import evaluation

    fed = tf.compat.v1.placeholder_with_default(np.zeros((8, 4), np.float32), (None, 4), name="fed")
    batch = np.ones((8, 4), np.float32)
    summary = tf.compat.v1.summary.merge(
        [
            tf.compat.v1.summary.scalar("loss", tensors["loss"]),
            tf.compat.v1.summary.histogram("outputs", tensors["outputs"]),
        ]
    )
    stop_after = getattr(package, "StopAfterNEvalsHook", evaluation._StopAfterNEvalsHook)  # noqa: SLF001
    evaluations = stop_after(10**9, log_progress=False)
    evaluations._set_evals_completed_tensor(tf.constant(1))  # noqa: SLF001 - as TensorFlow's routines do
    return [
        package.GlobalStepWaiterHook(0),
        package.SummarySaverHook(CADENCE, output_dir=folder, summary_op=summary),
        package.FeedFnHook(lambda: {fed: batch}),
        package.ProfilerHook(save_steps=10**9, output_dir=folder),
        package.FinalOpsHook(tensors),
        evaluations,
    ]


def _microseconds(session: Any, step: Any, hooks: list[Any], seconds: float) -> float:
    """Train for so long with some of a session's hooks; return the microseconds a step took."""
    session._sess._sess._sess._hooks = hooks  # noqa: SLF001 - as close to the same as two things can be
    session.run(step)  # what is fetched now may be fetched for the first time
    steps, took, begin = 0, 0.0, time.perf_counter()
    while took < seconds:
        session.run(step)
        steps += 1
        took = time.perf_counter() - begin
    return 1e6 * took / steps


def hook_times(number: int, width: int, blocks: int) -> list[list[tuple[float, float]]]:
    """Time so many hooks of TensorFlow and of nbhooks alone, without the runs that they are called around.

    Returns:
        For each block and each of the two what `step_path.in_hooks` does.
    """
    from step_path import in_hooks

    with contextlib.ExitStack() as stack:
        session, step, sides = open_session(stack, ("tensorflow", "nbhooks"), number, width)
        return in_hooks(session, step, sides, CADENCE, blocks)


def tune(milliseconds: float) -> int:
    """Find the width of a model whose step takes about so long with TensorFlow's hooks."""
    base, width = _alone(NARROW), 1024
    for _ in range(3):
        factor = (1000 * milliseconds - base) / max(_alone(width) - base, 100)
        width = round(width * min(max(factor, 0.1), 10) ** 0.5)  # the work grows with the width squared
    return width


def _alone(width: int) -> float:
    with contextlib.ExitStack() as stack:
        session, step, [hooks] = open_session(stack, ["tensorflow"], 5, width)
        _microseconds(session, step, hooks, 0.3)
        return _microseconds(session, step, hooks, 0.7)
