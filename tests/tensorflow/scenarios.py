"""What two runs have in common when one has TensorFlow's hooks and the other ours."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import tensorflow as tf
from contents import names, plain
from tensorflow.python.training import evaluation, training_util

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from traces import Trace

v1 = tf.compat.v1

HOOKS = ("StepCounterHook", "LoggingTensorHook", "NanTensorHook", "CheckpointSaverHook", "StopAtStepHook")

MORE_HOOKS = (
    "GlobalStepWaiterHook",
    "FinalOpsHook",
    "StopAfterNEvalsHook",
    "SummarySaverHook",
    "FeedFnHook",
    "ProfilerHook",
)

SESSIONS = ("MonitoredTrainingSession", "SingularMonitoredSession", "MonitoredSession")

# A kit is whatever has the hooks and MonitoredTrainingSession as attributes: this one, nbhooks, or one with a
# class changed.
TENSORFLOW = SimpleNamespace(
    **{name: getattr(v1.train, name) for name in (*HOOKS, *MORE_HOOKS) if name != "StopAfterNEvalsHook"},
    StopAfterNEvalsHook=evaluation._StopAfterNEvalsHook,
    MonitoredTrainingSession=v1.train.MonitoredTrainingSession,
)


def changed(**classes: type) -> SimpleNamespace:
    """Return TensorFlow's kit with some classes replaced."""
    return SimpleNamespace(**{**vars(TENSORFLOW), **classes})


class Clock:
    """Stands in for the `time` module in TensorFlow's hooks: time passes from run to run, and in sleep."""

    def __init__(self) -> None:
        self.now = 1_700_000_000.0
        self.woken: Callable[[], None] = lambda: None  # called at each whole half second that was slept
        self._slept = 0

    def time(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self._slept += round(seconds * 1000)
        while self._slept >= 500:
            self._slept -= 500
            self.woken()


@dataclass(frozen=True)
class Model:
    """The tensors of a graph under test."""

    read: Any  # the global step before the update; None where there is no global step
    loss: Any
    values: Mapping[str, Any]  # a string, a bool, an int and a vector
    disturbance: Any  # a scalar added to the loss: feed it to break the run
    train: Any


def regression(  # noqa: PLR0913  (one keyword for each way in which a graph can differ)
    *,
    global_step: bool = True,
    read_first: bool = True,
    stride: int = 1,
    legacy: bool = False,
    examples: int | None = None,
    checked: bool = False,
    initial: float = 0.5,
) -> Model:
    """Build a small regression in the default graph.

    Everything that a hook may fetch is read before the update, by control dependencies: else TensorFlow's own
    hooks race with the update, and two runs of the same code differ.

    Args:
        global_step: whether there is one.
        read_first: whether the tensor that hooks read the global step from is made here, before the update,
            or left to the first hook that wants it.
        stride: by how much a run increases the global step.
        legacy: whether the global step is an old kind of variable, of 32 bits, in a scope.
        examples: how many runs the data lasts for; None for ever.
        checked: whether a disturbance that is not finite is an error.
        initial: where the weights begin.
    """
    v1.set_random_seed(7)
    if legacy:
        with v1.variable_scope("outer"):
            collections = [v1.GraphKeys.GLOBAL_VARIABLES, v1.GraphKeys.GLOBAL_STEP]
            zero = np.int32(0)
            v1.get_variable(
                "global_step", initializer=zero, trainable=False, collections=collections, use_resource=False
            )
    step = v1.train.get_or_create_global_step() if global_step else None
    read = training_util._get_or_create_global_step_read() if global_step and read_first else None
    weights = v1.get_variable("weights", initializer=v1.random_normal([3], mean=initial), use_resource=True)
    current = weights.read_value()
    disturbance = v1.placeholder_with_default(np.float32(0), [], name="disturbance")
    features = v1.random_normal([4, 3], name="features")
    error = tf.linalg.matvec(features, current) - 1.0
    loss = tf.add(tf.reduce_mean(tf.square(error)), disturbance, name="loss")
    values = {
        "vector": tf.identity(current, name="vector"),
        "large": tf.greater(loss, 1.0, name="large"),
        "positive": tf.math.count_nonzero(error > 0, name="positive"),
        "text": tf.strings.as_string(loss, precision=3, name="text"),
    }
    before = [loss, *values.values()]
    before += [read] if read is not None else []
    if examples is not None:
        iterator = v1.data.make_initializable_iterator(tf.data.Dataset.range(examples))
        v1.add_to_collection(v1.GraphKeys.TABLE_INITIALIZERS, iterator.initializer)
        before.append(iterator.get_next())
    if checked:
        before.append(tf.debugging.check_numerics(disturbance, "the disturbance"))
    v1.summary.scalar("error", loss)
    (gradient,) = tf.gradients(loss, current)
    with tf.control_dependencies([*before, gradient]):
        train = v1.train.GradientDescentOptimizer(0.1).apply_gradients([(gradient, weights)])
    if stride:
        with tf.control_dependencies([train]):
            train = v1.assign_add(step, stride).op if step is not None else train
    return Model(read, loss, values, disturbance, train)


@dataclass
class Bench:
    """What a scenario builds its hooks from, and what it has built."""

    directory: Path
    trace: Trace
    graph: Any = field(default_factory=tf.Graph)
    model: Any = None
    scaffold: Any = None
    hooks: list[Any] = field(default_factory=list)
    place: str = ""
    raw: Any = None  # the latest session that was created
    opened: Any = None  # the latest raw session that hooks were attached to

    def others_train(self, steps: int) -> None:
        """Increase the global step as another worker does."""
        step = v1.train.get_global_step(self.graph)
        step.load(self.raw.run(step) + steps, self.raw)

    @property
    def path(self) -> str:
        return str(self.directory)

    def record(self, *call: Any) -> None:
        self.trace.calls.append(call)

    def listener(self, name: str = "listener", stop_at: int | None = None) -> Listener:
        return Listener(self, name, stop_at)

    def writer(self, name: str) -> Any:
        """Return a summary writer of its own directory, closed at the end of the trace."""
        return v1.summary.FileWriterCache.get(str(self.directory / name))


class Listener(v1.train.CheckpointSaverListener):
    """Records the calls of a `CheckpointSaverHook`, and the files that are there at the time."""

    def __init__(self, bench: Bench, name: str, stop_at: int | None) -> None:
        self._bench = bench
        self._name = name
        self._stop_at = stop_at

    def begin(self) -> None:
        self._bench.record(self._name, "begin")

    def before_save(self, session: Any, global_step_value: Any) -> None:
        del session
        self._bench.record(self._name, "before_save", int(global_step_value), self._files())

    def after_save(self, session: Any, global_step_value: Any) -> bool:
        del session
        self._bench.record(self._name, "after_save", int(global_step_value), self._files())
        return global_step_value == self._stop_at

    def end(self, session: Any, global_step_value: Any) -> None:
        del session
        self._bench.record(self._name, "end", int(global_step_value), self._files())

    def _files(self) -> list[str]:
        found = self._bench.directory.rglob("*")
        # A writer's own thread makes the event file, when it gets to it.
        return sorted(path.name for path in found if path.is_file() and "tfevents" not in path.name)


class Neighbour(v1.train.SessionRunHook):
    """A hook beside those under test, that records every call and what can be seen in it."""

    def __init__(self, bench: Bench, name: str) -> None:
        self._bench = bench
        self._name = name

    def begin(self) -> None:
        self._bench.record(self._name, "begin", len(v1.get_default_graph().get_operations()))

    def after_create_session(self, session: Any, coord: Any) -> None:
        self._bench.raw = session
        self._bench.record(self._name, "after_create_session", self._step(session), coord.should_stop())

    def before_run(self, run_context: Any) -> Any:
        arguments = run_context.original_args
        asked = (names(arguments.fetches), names(list(arguments.feed_dict or {})))
        self._bench.record(self._name, "before_run", run_context.stop_requested, *asked)
        return v1.train.SessionRunArgs(self._bench.model.loss)

    def after_run(self, run_context: Any, run_values: Any) -> None:
        measured = bool(run_values.run_metadata.ListFields())
        self._bench.record(
            self._name,
            "after_run",
            run_context.stop_requested,
            plain(run_values.results),
            str(run_values.options),
            measured,
        )

    def end(self, session: Any) -> None:
        self._bench.record(self._name, "end", self._step(session))

    def _step(self, session: Any) -> Any:
        read = self._bench.model.read
        return None if read is None else plain(session.run(read))


class RaiseOnce(v1.train.SessionRunHook):
    """Raises an error at one call, as a machine that goes away does."""

    def __init__(self, call: str, number: int, error: BaseException) -> None:
        self._call = call
        self._left = number
        self._error = error

    def after_create_session(self, session: Any, coord: Any) -> None:
        del session, coord
        self._count("after_create_session")

    def before_run(self, run_context: Any) -> None:
        del run_context
        self._count("before_run")

    def after_run(self, run_context: Any, run_values: Any) -> None:
        del run_context, run_values
        self._count("after_run")

    def _count(self, call: str) -> None:
        if call == self._call:
            self._left -= 1
            if self._left == 0:
                raise self._error


def run(session: Any, fetches: Any, feed: Any) -> Any:
    """Make one run as most people do."""
    return session.run(fetches, feed_dict=feed)


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """All that two runs have in common when one has TensorFlow's hooks and the other ours."""

    build: Callable[[Any, Bench], list[Any]]  # makes the hooks from a kit and a bench; may add to the graph
    session: str = "MonitoredTrainingSession"
    # Let the kit open it: by MonitoredTrainingSession, or by attach in the place of SingularMonitoredSession.
    own: bool = False
    options: Mapping[str, Any] = field(default_factory=dict)  # further arguments of the session
    model: Callable[[], Model] = regression
    scaffold: Callable[[], Any] = v1.train.Scaffold
    steps: int = 8  # how many runs to make, unless something stops them before
    disturbance: Mapping[int, float] = field(default_factory=dict)  # what to add to the loss, by run, from 1
    attempts: int = 1  # how many sessions to open, one after the other, in the same directory
    new_graph: bool = True  # for each session after the first
    new_hooks: bool = True  # for each session after the first
    drive: Callable[[Any, Any, Any], Any] = run  # makes one run of a session, with fetches and a feed
    tick: float = 1.0  # seconds from one run to the next
    pace: int = 0  # how many steps others make while a hook sleeps half a second
    real_time: bool = False  # the hooks read the real clock: what that makes unequal is masked in the trace
    verbosity: int = logging.INFO  # of TensorFlow's logger
    warnings: Literal["always", "error"] = "always"  # what Python does with a warning


def complete() -> Any:
    """Make all that a scaffold makes in the end, so that a graph is the same before its session and after."""
    evaluation._get_or_create_eval_step()  # or its initialisation would be missing
    return v1.train.Scaffold(
        init_op=v1.global_variables_initializer(),
        ready_op=v1.report_uninitialized_variables(),
        ready_for_local_init_op=v1.report_uninitialized_variables(v1.global_variables()),
        local_init_op=tf.group(v1.local_variables_initializer(), v1.tables_initializer()),
        summary_op=v1.summary.merge_all(),
        saver=v1.train.Saver(),
    )
