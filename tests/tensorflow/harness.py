"""Run a set of hooks in a fresh graph and directory, and return all that can be compared, as plain data.

TensorFlow's behaviour is the specification: what its own hooks leave in a `Trace`, ours must leave too.
"""

from __future__ import annotations

import difflib
import io
import json
import logging
import re
import warnings
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field, fields
from functools import lru_cache, partial
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Literal
from unittest import mock

import numpy as np
import tensorflow as tf
from google.protobuf import text_format
from tensorflow.core.framework.graph_pb2 import GraphDef
from tensorflow.core.protobuf.meta_graph_pb2 import MetaGraphDef
from tensorflow.python.client import session as client_session
from tensorflow.python.platform import tf_logging
from tensorflow.python.training import basic_session_run_hooks, evaluation, training_util

import nbhooks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

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


@dataclass
class Trace:
    """What one run leaves behind, as plain data."""

    error: tuple[str, str, str] | None = None  # where it came, its type, its text
    returned: list[Any] = field(default_factory=list)  # what the caller of session.run got, run by run
    calls: list[tuple[Any, ...]] = field(default_factory=list)  # seen by the neighbouring hooks and listeners
    fetched: list[tuple[Any, ...]] = field(
        default_factory=list
    )  # what each run of the raw session was asked for
    logs: list[tuple[str, str, str]] = field(default_factory=list)  # logger, level, text
    warned: list[tuple[str, str]] = field(default_factory=list)
    printed: str = ""
    printing: dict[str, Any] = field(default_factory=dict)  # NumPy's options, as they are left
    graph: list[str] = field(default_factory=list)  # the operations, in the order of their making
    files: list[tuple[str, Any]] = field(default_factory=list)

    def named(self, name: str) -> list[Any]:
        """Return what the files of one name hold."""
        return [content for file, content in self.files if file == name]

    def stop_seen(self) -> list[int]:
        """Return after which of the runs the last neighbour saw that a stop was requested."""
        ends = [call for call in self.calls if call[:2] == ("last", "after_run")]
        return [number for number, call in enumerate(ends, start=1) if call[2]]

    def texts(self, level: str) -> list[str]:
        """Return the log lines of one level."""
        return [text for _, given, text in self.logs if given == level]


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

    def wait_for_stop(self, coordinator: Any, timeout: float) -> bool:
        """Stand in for the method of a `Coordinator`."""
        self.sleep(timeout)
        return coordinator.should_stop()


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
    """Records what a `CheckpointSaverHook` tells it, and the files that are there at the time."""

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
        asked = (_names(arguments.fetches), _names(list(arguments.feed_dict or {})))
        self._bench.record(self._name, "before_run", run_context.stop_requested, *asked)
        return v1.train.SessionRunArgs(self._bench.model.loss)

    def after_run(self, run_context: Any, run_values: Any) -> None:
        measured = bool(run_values.run_metadata.ListFields())
        self._bench.record(
            self._name,
            "after_run",
            run_context.stop_requested,
            _plain(run_values.results),
            str(run_values.options),
            measured,
        )

    def end(self, session: Any) -> None:
        self._bench.record(self._name, "end", self._step(session))

    def _step(self, session: Any) -> Any:
        read = self._bench.model.read
        return None if read is None else _plain(session.run(read))


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


def trace(scenario: Scenario, kit: Any, directory: Path) -> Trace:
    """Run the hooks of one kit in an empty directory and return what they left behind."""
    result = Trace()
    clock = Clock()
    printed = io.StringIO()
    with ExitStack() as watch:
        if not scenario.real_time:
            watch.enter_context(mock.patch.object(basic_session_run_hooks, "time", clock))
        if scenario.pace:
            waits = lambda coordinator, timeout=None: clock.wait_for_stop(coordinator, timeout)  # noqa: E731
            watch.enter_context(mock.patch.object(tf.train.Coordinator, "wait_for_stop", waits))
        watch.enter_context(_fetches_recorded(result.fetched))
        watch.enter_context(_logs_recorded(result.logs, scenario.verbosity))
        watch.enter_context(np.printoptions())
        watch.enter_context(redirect_stdout(printed))
        watch.enter_context(redirect_stderr(printed))
        warned = watch.enter_context(warnings.catch_warnings(record=True))
        warnings.simplefilter(scenario.warnings)
        bench = Bench(directory, result)
        if scenario.pace:
            clock.woken = partial(bench.others_train, scenario.pace)
        try:
            for attempt in range(scenario.attempts):
                _attempt(scenario, kit, bench, clock, attempt)
        except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001  (what is raised is what is compared)
            kind = type(error)
            result.error = (bench.place, f"{kind.__module__}.{kind.__qualname__}", str(error))
        finally:
            v1.summary.FileWriterCache.clear()  # writes out what is held, and ends the writers
            result.printing = dict(np.get_printoptions())
    result.warned = [
        (w.category.__name__, str(w.message)) for w in warned if w.category is not ResourceWarning
    ]
    result.printed = printed.getvalue()
    result.graph = [f"{operation.name} {operation.type}" for operation in bench.graph.get_operations()]
    result.files = sorted(_files(directory), key=lambda file: file[0])
    return _masked(result, directory, real_time=scenario.real_time)


def _attempt(scenario: Scenario, kit: Any, bench: Bench, clock: Clock, attempt: int) -> None:
    """Run one session from its opening to its end."""
    bench.place = f"attempt {attempt}, build"
    if attempt == 0 or scenario.new_graph:
        bench.graph = tf.Graph()
        with bench.graph.as_default():
            bench.model = scenario.model()
            bench.scaffold = scenario.scaffold()
    with bench.graph.as_default():
        if attempt == 0 or scenario.new_hooks:
            bench.hooks = scenario.build(kit, bench)
        bench.place = f"attempt {attempt}, open"
        hooks = [Neighbour(bench, "first"), *bench.hooks, Neighbour(bench, "last")]
        with open_session(scenario, kit, bench, hooks) as session:
            number = 0
            while number < scenario.steps and not session.should_stop():
                number += 1
                bench.place = f"attempt {attempt}, run {number}"
                clock.now += scenario.tick
                feed = {bench.model.disturbance: scenario.disturbance.get(number, 0.0)}
                fetches = {"loss": bench.model.loss, "train": bench.model.train, **bench.model.values}
                bench.trace.returned.append(_plain(scenario.drive(session, fetches, feed)))
            bench.place = f"attempt {attempt}, end"


def open_session(scenario: Scenario, kit: Any, bench: Bench, hooks: list[Any]) -> Any:
    """Open one of TensorFlow's sessions with these hooks and, unless the scenario asks for more, no other."""
    # One thread: sums come out the same to the last bit. No optimizer: it takes longer than the runs.
    config = v1.ConfigProto(intra_op_parallelism_threads=1, inter_op_parallelism_threads=1)
    config.graph_options.rewrite_options.disable_meta_optimizer = True
    where = {"checkpoint_dir": bench.path, "scaffold": bench.scaffold, "config": config}
    common = {"hooks": hooks, **_placed(scenario.options, bench)}
    if scenario.session == "MonitoredTrainingSession":
        alone = {
            "save_checkpoint_secs": None,
            "save_summaries_steps": None,
            "save_summaries_secs": None,
            "log_step_count_steps": None,
        }
        if scenario.own:
            return kit.MonitoredTrainingSession(**{**where, **common})
        return v1.train.MonitoredTrainingSession(**where, **{**alone, **common})
    if scenario.session == "SingularMonitoredSession":
        if scenario.own and kit is not TENSORFLOW:
            return _attached(where, bench, hooks)
        return v1.train.SingularMonitoredSession(**where, **common)
    return v1.train.MonitoredSession(session_creator=v1.train.ChiefSessionCreator(**where), **common)


def _placed(options: Mapping[str, Any], bench: Bench) -> dict[str, Any]:
    """Put the directory where the options say so, as the traces do."""
    return {
        name: value.replace("<directory>", bench.path) if isinstance(value, str) else value
        for name, value in options.items()
    }


def _attached(where: Mapping[str, Any], bench: Bench, hooks: list[Any]) -> Any:
    """Open a raw session, made ready as TensorFlow's are, and attach the hooks. It is left open."""
    bench.opened = v1.train.ChiefSessionCreator(**where).create_session()
    bench.graph._unsafe_unfinalize()
    return nbhooks.attach(bench.opened, hooks)


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


def differences(theirs: Trace, ours: Trace, most: int = 12) -> list[str]:
    """Return what differs between two traces, a line each, at most so many a field."""
    found = []
    for name in (item.name for item in fields(Trace)):
        left, right = getattr(theirs, name), getattr(ours, name)
        if left != right:
            lines = list(difflib.unified_diff(list(_lines(left)), list(_lines(right)), lineterm="", n=1))[2:]
            found += [f"{name}: {line}" for line in lines[:most]] or [f"{name}: {left!r} is not {right!r}"]
    return found


# Ours may look at the global step more often than TensorFlow's: it is where every panel puts its values.
# Reading it changes nothing, and is all that may be added.
GLOBAL_STEP = re.compile(r"(.*/)?global_step(/add)?:0")


@contextmanager
def _fetches_recorded(record: list[tuple[Any, ...]]) -> Iterator[None]:
    """Record what every run of a raw session is asked for and is fed, reads of the global step aside."""
    run = client_session.BaseSession.run

    def recorded(session: Any, fetches: Any, feed_dict: Any = None, **options: Any) -> Any:
        asked = _names(fetches)
        others = [name for name in asked if not GLOBAL_STEP.fullmatch(name)]
        if others or not asked:
            record.append((others, _names(list(feed_dict or {}))))
        return run(session, fetches, feed_dict, **options)

    with mock.patch.object(client_session.BaseSession, "run", recorded):
        yield


class _Recorder(logging.Handler):
    """Keeps logger, level and text of each record."""

    def __init__(self, record: list[tuple[str, str, str]]) -> None:
        super().__init__()
        self._record = record

    def emit(self, record: logging.LogRecord) -> None:
        text = record.getMessage()
        # A deprecation is logged once in the life of a process, an unused tensor when it is collected.
        if "Instructions for updating:" not in text and "Object was never used" not in text:
            self._record.append((record.name, record.levelname, text))


@contextmanager
def _logs_recorded(record: list[tuple[str, str, str]], verbosity: int) -> Iterator[None]:
    """Record what TensorFlow and nbhooks log."""
    handler = _Recorder(record)
    loggers = [v1.get_logger(), logging.getLogger("nbhooks")]
    levels = [logger.level for logger in loggers]
    # log_first_n counts in the life of a process, too: each trace begins at nought.
    with mock.patch.dict(tf_logging._log_counter_per_token, clear=True):
        for logger in loggers:
            logger.addHandler(handler)
            logger.setLevel(verbosity)
        try:
            yield
        finally:
            for logger, level in zip(loggers, levels, strict=True):
                logger.removeHandler(handler)
                logger.setLevel(level)


def _files(directory: Path) -> Iterator[tuple[str, Any]]:
    """Yield each file's name and what it holds."""
    for path in directory.rglob("*"):
        if path.is_file():
            yield _event_file_masked(path.relative_to(directory).as_posix()), _content(path)


def _content(path: Path) -> Any:
    """Return what a file holds, as plain data."""
    if "tfevents" in path.name:
        return [_event(event) for event in v1.train.summary_iterator(str(path))]
    if path.name.startswith("timeline-"):  # all of it is times and where they were spent
        return bool(json.loads(path.read_text())["traceEvents"])
    if path.suffix == ".pbtxt":
        return _functions_masked(path.read_text())
    if path.suffix == ".meta":
        return _meta_graph_text(MetaGraphDef.FromString(path.read_bytes()))
    if path.suffix == ".index":
        reader = tf.train.load_checkpoint(str(path.with_suffix("")))
        return {name: _plain(reader.get_tensor(name)) for name in reader.get_variable_to_shape_map()}
    # Of the tensors' data the size: it is read through the index.
    return path.read_text() if path.name == "checkpoint" else path.stat().st_size


def _event(event: Any) -> tuple[str, ...]:
    """Return an event without its wall time."""
    graph, meta_graph = "", ""
    if event.HasField("graph_def"):
        graph = _graph_text(GraphDef.FromString(event.graph_def))
        event.graph_def = b""
    if event.HasField("meta_graph_def"):
        meta_graph = _meta_graph_text(MetaGraphDef.FromString(event.meta_graph_def))
        event.meta_graph_def = b""
    event.ClearField("wall_time")
    if event.HasField("tagged_run_metadata"):  # times, too
        event.tagged_run_metadata.run_metadata = b"#" * bool(event.tagged_run_metadata.run_metadata)
    return text_format.MessageToString(event), graph, meta_graph


@lru_cache(maxsize=32)
def _text(kind: Any, serialized: bytes) -> str:
    """Return a message as text. Remembered, since each checkpoint comes with the whole graph again."""
    return text_format.MessageToString(kind.FromString(serialized))


def _graph_text(graph: Any) -> str:
    """Return a graph as text."""
    return _functions_masked(_text(GraphDef, graph.SerializeToString(deterministic=True)))


def _meta_graph_text(meta_graph: Any) -> str:
    """Return a meta graph as text."""
    graph = _graph_text(meta_graph.graph_def)
    meta_graph.graph_def.Clear()
    rest = _text(MetaGraphDef, meta_graph.SerializeToString(deterministic=True))
    return "\n".join([_functions_masked(rest), graph])


def _functions_masked(graph: str) -> str:
    """Replace the numbers that functions are named by, which a process never begins anew, and sort them."""
    graph = re.sub(r"(_cond_(?:true|false))_\d+", r"\1_#", graph)
    function = re.compile(r"^  function \{\n.*?^  \}\n", re.MULTILINE | re.DOTALL)
    return "".join([function.sub("", graph), *sorted(function.findall(graph))])


def _event_file_masked(name: str) -> str:
    return re.sub(r"(events\.out\.tfevents)\..*", r"\1", name)  # what follows is the time and the machine


def _masked(value: Any, directory: Path, *, real_time: bool) -> Any:
    """Replace in every string what differs between two runs of the same code."""
    if isinstance(value, str):
        value = re.sub(r"0x[0-9a-f]{6,}", "0x#", value.replace(str(directory), "<directory>"))
        if real_time:
            value = re.sub(r"\(\d+\.\d{3} sec\)", "(# sec)", value)
            value = re.sub(r"(/sec: )[0-9.e+]+$", r"\1#", value)
            value = re.sub(r'(tag: "[^"]*/sec"\s+simple_value: )[0-9.e+]+', r"\1#", value)
        return value
    if isinstance(value, Trace):
        items = {item.name: getattr(value, item.name) for item in fields(Trace)}
        return Trace(**_masked(items, directory, real_time=real_time))
    if isinstance(value, dict):
        return {key: _masked(item, directory, real_time=real_time) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_masked(item, directory, real_time=real_time) for item in value)
    return value


def _plain(value: Any) -> Any:
    """Return what a run gave as text that is equal only if the values are: NaN too, and to the last bit."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if value is None:
        return None
    array = np.asarray(value)
    return f"{array.dtype} {array.shape} {array.tolist()!r}"


def _names(fetches: Any) -> list[str]:
    """Return the names of all that was asked for, sorted."""
    if fetches is None:
        return []
    if isinstance(fetches, dict):
        return _names(list(fetches.values()))
    if isinstance(fetches, list | tuple):
        return sorted(name for item in fetches for name in _names(item))
    return [getattr(fetches, "name", str(fetches))]


def _lines(value: Any, at: str = "") -> Iterator[str]:
    """Yield plain data a line at a time, each with its place, for a difference that can be read."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _lines(item, f"{at}[{key}]")
    elif isinstance(value, tuple) and "\\n" not in repr(value):
        yield f"{at} {value}"
    elif isinstance(value, list | tuple):  # not numbered: one more would else differ in each place after it
        for item in value:
            yield from _lines(item, f"{at}.")
    else:
        for line in str(value).splitlines() or [""]:
            yield f"{at} {line}"
