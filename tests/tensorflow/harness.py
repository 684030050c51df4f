"""Run a set of hooks in a fresh graph and directory, and return all that can be compared, as plain data.

TensorFlow's behaviour is the specification: what its own hooks leave in a `Trace`, ours must leave too.
"""

from __future__ import annotations

import io
import logging
import re
import warnings
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from functools import partial
from typing import TYPE_CHECKING, Any
from unittest import mock

import numpy as np
import tensorflow as tf
from contents import files_in, names, plain
from scenarios import TENSORFLOW, Bench, Clock, Neighbour, Scenario
from tensorflow.python.client import session as client_session
from tensorflow.python.platform import tf_logging
from tensorflow.python.training import basic_session_run_hooks
from traces import Trace, masked

import nbhooks
from nbhooks.hooks import global_step_waiter

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

v1 = tf.compat.v1


def trace(scenario: Scenario, kit: Any, directory: Path) -> Trace:
    """Run the hooks of one kit in an empty directory and return what they left behind."""
    result = Trace()
    clock = Clock()
    printed = io.StringIO()
    with ExitStack() as watch:
        if not scenario.real_time:
            watch.enter_context(mock.patch.object(basic_session_run_hooks, "time", clock))
        if scenario.pace:
            watch.enter_context(mock.patch.object(global_step_waiter, "time", clock))
        watch.enter_context(fetches_recorded(result.fetched))
        watch.enter_context(logs_recorded(result.logs, scenario.verbosity))
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
    result.files = sorted(files_in(directory), key=lambda file: file[0])
    return masked(result, directory, real_time=scenario.real_time)


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
                bench.trace.returned.append(plain(scenario.drive(session, fetches, feed)))
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


# Ours may look at the global step more often than TensorFlow's: it is where every panel puts its values.
# Reading it changes nothing, and is all that may be added.
GLOBAL_STEP = re.compile(r"(.*/)?global_step(/add)?:0")


@contextmanager
def fetches_recorded(record: list[tuple[Any, ...]]) -> Iterator[None]:
    """Record what every run of a raw session is asked for and is fed, reads of the global step aside."""
    run = client_session.BaseSession.run

    def recorded(session: Any, fetches: Any, feed_dict: Any = None, **options: Any) -> Any:
        asked = names(fetches)
        others = [name for name in asked if not GLOBAL_STEP.fullmatch(name)]
        if others or not asked:
            record.append((others, names(list(feed_dict or {}))))
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
def logs_recorded(record: list[tuple[str, str, str]], verbosity: int) -> Iterator[None]:
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
