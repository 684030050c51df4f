"""Hooks that tests share: one ready for use, all of a kind, all eleven; and a sink to report to."""

from __future__ import annotations

import itertools
from functools import partial
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from scenarios import HOOKS, MORE_HOOKS, SESSIONS, Bench
from tensorflow.python.training import evaluation

import nbhooks

v1 = tf.compat.v1

each_session = pytest.mark.parametrize("session", SESSIONS)
either_session = pytest.mark.parametrize("session", SESSIONS[:2])


def evals(kit: Any, *arguments: Any, **named: Any) -> Any:
    """Make the hook as an evaluation does, with a counter that each run increases."""
    hook = kit.StopAfterNEvalsHook(*arguments, **named)
    hook._set_evals_completed_tensor(v1.assign_add(evaluation._get_or_create_eval_step(), 1))
    return hook


def fed(kit: Any, feed: Any = None) -> Any:
    """Make a hook that feeds the features, another number in each run."""
    counted = itertools.count()
    return kit.FeedFnHook(
        feed or (lambda: {"features:0": np.full([4, 3], next(counted) / 8, dtype=np.float32)})
    )


def none(kit: Any, bench: Bench) -> list[Any]:
    """Make no hook: the session's own are all there is."""
    del kit, bench
    return []


def five(kit: Any, bench: Bench) -> list[Any]:
    return [
        kit.StepCounterHook(2, output_dir=bench.path),
        kit.LoggingTensorHook(
            {"loss": "loss", "vector": "vector:0", "text": "text"}, every_n_iter=2, at_end=True
        ),
        kit.NanTensorHook("loss:0"),
        kit.CheckpointSaverHook(bench.path, save_steps=3, listeners=[bench.listener()]),
        kit.StopAtStepHook(last_step=7),
    ]


def five_backwards(kit: Any, bench: Bench) -> list[Any]:
    return five(kit, bench)[::-1]


def six(kit: Any, bench: Bench) -> list[Any]:
    return [
        kit.GlobalStepWaiterHook(3),
        kit.FinalOpsHook(dict(bench.model.values)),
        evals(kit, 20),
        kit.SummarySaverHook(2, output_dir=bench.path, scaffold=bench.scaffold),
        fed(kit),
        kit.ProfilerHook(4, output_dir=bench.path),
    ]


def six_backwards(kit: Any, bench: Bench) -> list[Any]:
    return six(kit, bench)[::-1]


def eleven(kit: Any, bench: Bench) -> list[Any]:
    return [
        *six(kit, bench),
        kit.StepCounterHook(2, output_dir=bench.path),
        kit.LoggingTensorHook({"loss": "loss", "vector": "vector:0"}, every_n_iter=2, at_end=True),
        kit.NanTensorHook("loss:0"),
        kit.CheckpointSaverHook(bench.path, save_steps=3, listeners=[bench.listener()]),
        kit.StopAtStepHook(last_step=10),
    ]


def eleven_backwards(kit: Any, bench: Bench) -> list[Any]:
    return eleven(kit, bench)[::-1]


class Calls(v1.train.SessionRunHook):
    """Records every call, and asks for nothing."""

    def __init__(self, bench: Bench, name: str) -> None:
        self._bench = bench
        self._name = name

    def begin(self) -> None:
        self._bench.record(self._name, "begin")

    def after_create_session(self, session: Any, coord: Any) -> None:
        del session, coord
        self._bench.record(self._name, "created")

    def before_run(self, run_context: Any) -> None:
        self._bench.record(self._name, "before", str(run_context.original_args.fetches))

    def after_run(self, run_context: Any, run_values: Any) -> None:
        self._bench.record(self._name, "after", run_context.stop_requested, repr(run_values.results))

    def end(self, session: Any) -> None:
        del session
        self._bench.record(self._name, "end")


def step_function(session: Any, fetches: Any, feed: Any) -> Any:
    """Make a run by a step function: one past the hooks, then one with them."""

    def step(step_context: Any) -> Any:
        step_context.session.run(fetches["loss"])
        return step_context.run_with_hooks(fetches, feed_dict=feed)

    return session.run_step_fn(step)


class Sink:
    """Keeps what is written to it, and raises each time if it is broken."""

    def __init__(self, *, broken: bool) -> None:
        self.records: list[Any] = []
        self._broken = broken

    def write(self, record: Any, /) -> None:
        self.records.append(record)
        if self._broken:
            raise OSError("nobody is there")

    def kit(self) -> SimpleNamespace:
        """Return our classes, with this as their dashboard."""
        return SimpleNamespace(
            **{name: partial(getattr(nbhooks, name), dashboard=self) for name in (*HOOKS, *MORE_HOOKS)}
        )


def elsewhere() -> Any:
    with tf.Graph().as_default():
        return tf.constant(1.0, name="elsewhere")
