"""TensorFlow's other six hooks and ours, and ours in sessions that TensorFlow opens or nbhooks does."""

# ruff: noqa: PD011 - the values are a model's, not a table's

from __future__ import annotations

import inspect
import itertools
import logging
import re
import threading
import time
from collections import UserDict
from contextlib import contextmanager
from functools import partial
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, NamedTuple
from unittest import mock

import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from harness import (
    HOOKS,
    MORE_HOOKS,
    SESSIONS,
    TENSORFLOW,
    Bench,
    RaiseOnce,
    Scenario,
    Trace,
    _logs_recorded,
    complete,
    differences,
    regression,
    trace,
)
from tensorflow.python.training import evaluation, monitored_session

import nbhooks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Same = Callable[..., Trace]

v1 = tf.compat.v1

pytestmark = pytest.mark.tensorflow

each_session = pytest.mark.parametrize("session", SESSIONS)
either_session = pytest.mark.parametrize("session", SESSIONS[:2])


def calls(left: Trace) -> list[str]:
    """Return the calls that the last neighbour saw."""
    return [call[1] for call in left.calls if call[0] == "last"]


def events(left: Trace, text: str, file: str = "events.out.tfevents") -> int:
    """Return how many events of the event files hold a text."""
    return sum(text in event for held in left.named(file) for event, _, _ in held)


def info(left: Trace, start: str) -> list[str]:
    """Return the log lines that begin so."""
    return [text for text in left.texts("INFO") if text.startswith(start)]


# What the classes are


@pytest.mark.parametrize("name", MORE_HOOKS)
def test_ours_is_a_subclass(name: str) -> None:
    assert issubclass(getattr(nbhooks, name), getattr(TENSORFLOW, name))
    assert getattr(nbhooks, name).__name__ == name


@pytest.mark.parametrize("name", MORE_HOOKS)
def test_the_signature_is_theirs_and_dashboard(name: str) -> None:
    theirs, ours = (
        inspect.signature(getattr(kit, name).__init__).parameters for kit in (TENSORFLOW, nbhooks)
    )
    shape = [[(p.name, p.kind, p.default) for p in parameters.values()] for parameters in (theirs, ours)]
    assert shape[1] == [*shape[0], ("dashboard", inspect.Parameter.KEYWORD_ONLY, None)]


# What is refused

BAD_ARGUMENTS: dict[str, tuple[Callable[[Any, Bench], Any], str, str]] = {
    "waiter: none": (lambda kit, _: kit.GlobalStepWaiterHook(), "TypeError", "wait_until_step"),
    "final: none": (lambda kit, _: kit.FinalOpsHook(), "TypeError", "final_ops"),
    "evals: a word": (lambda kit, _: kit.StopAfterNEvalsHook("ten"), "TypeError", "not supported between"),
    "feeds: none": (lambda kit, _: kit.FeedFnHook(), "TypeError", "feed_fn"),
    "summaries: nothing to save": (
        lambda kit, bench: kit.SummarySaverHook(2, output_dir=bench.path),
        "ValueError",
        "Exactly one of scaffold or summary_op must be provided.",
    ),
    "summaries: two to save": (
        lambda kit, bench: kit.SummarySaverHook(
            2, scaffold=bench.scaffold, summary_op=v1.summary.merge_all()
        ),
        "ValueError",
        "Exactly one of scaffold or summary_op must be provided.",
    ),
    "summaries: no timer": (
        lambda kit, bench: kit.SummarySaverHook(scaffold=bench.scaffold),
        "ValueError",
        "Either every_secs or every_steps should be provided.",
    ),
    "summaries: both timers": (
        lambda kit, bench: kit.SummarySaverHook(2, 2, scaffold=bench.scaffold),
        "ValueError",
        "Can not provide both every_secs and every_steps.",
    ),
    "profiler: no timer": (
        lambda kit, bench: kit.ProfilerHook(output_dir=bench.path),
        "ValueError",
        "Either every_secs or every_steps should be provided.",
    ),
    "profiler: both timers": (
        lambda kit, bench: kit.ProfilerHook(2, 2, bench.path),
        "ValueError",
        "Can not provide both every_secs and every_steps.",
    ),
    "profiler: no directory": (lambda kit, _: kit.ProfilerHook(2, output_dir=None), "TypeError", "NoneType"),
}


@pytest.mark.parametrize("case", BAD_ARGUMENTS)
def test_constructors_refuse_the_same(same: Same, case: str) -> None:
    make, kind, text = BAD_ARGUMENTS[case]
    place, found, said = same(lambda kit, bench: [make(kit, bench)]).error
    assert (place, found) == ("attempt 0, build", f"builtins.{kind}")
    assert text in said


NEED_A_GLOBAL_STEP: dict[str, tuple[Callable[[Any, Bench], Any], str]] = {
    "SummarySaverHook": (
        lambda kit, bench: kit.SummarySaverHook(2, output_dir=bench.path, scaffold=bench.scaffold),
        "SummarySaverHook",
    ),
    "GlobalStepWaiterHook": (lambda kit, _: kit.GlobalStepWaiterHook(3), "_GlobalStepWaiterHook"),
    "ProfilerHook": (lambda kit, bench: kit.ProfilerHook(2, output_dir=bench.path), "ProfilerHook"),
}


@pytest.mark.parametrize("name", NEED_A_GLOBAL_STEP)
def test_no_global_step(same: Same, name: str) -> None:
    make, named = NEED_A_GLOBAL_STEP[name]
    left = same(lambda kit, bench: [make(kit, bench)], model=partial(regression, global_step=False))
    text = f"Global step should be created to use {named}."
    assert left.error == ("attempt 0, open", "builtins.RuntimeError", text)


@each_session
def test_hooks_that_need_no_global_step(same: Same, session: str) -> None:
    left = same(
        lambda kit, bench: [evals(kit, 3), fed(kit), kit.FinalOpsHook(bench.model.values)],
        model=partial(regression, global_step=False),
        session=session,
    )
    assert left.stop_seen() == [3]
    assert len(left.returned) == 3


@pytest.mark.parametrize("name", NEED_A_GLOBAL_STEP)
def test_the_graph_is_left_as_they_leave_it(same: Same, name: str) -> None:
    make, _ = NEED_A_GLOBAL_STEP[name]
    left = same(lambda kit, bench: [make(kit, bench)], model=partial(regression, read_first=False), steps=0)
    assert left.graph.count("global_step/add AddV2") == 1


# GlobalStepWaiterHook


@either_session
@pytest.mark.parametrize(
    ("until", "pace", "lines"),
    [(3, 1, 0), (2500, 400, 2), (5000, 1001, 4), (1000, 999, 0), (1, 7, 0), (2.5, 1, 0)],
)
def test_waiter(same: Same, session: str, until: float, pace: int, lines: int) -> None:
    left = same(lambda kit, _: [kit.GlobalStepWaiterHook(until)], session=session, pace=pace)
    assert left.error is None
    assert len(left.returned) == 8
    waits = info(left, f"Waiting for global step {int(until)} before starting training.")
    assert len(waits) == 1 + lines
    waited = sum("global_step/Assign" in asked for asked, _ in left.fetched)
    assert waited == -(-until // pace)


@pytest.mark.parametrize("until", [0, -5])
def test_waiter_that_does_not_wait(same: Same, until: int) -> None:
    left = same(lambda kit, _: [kit.GlobalStepWaiterHook(until)])
    assert len(left.returned) == 8
    assert info(left, "Waiting") == []


def test_waiter_among_hooks_that_fetch_the_step(same: Same) -> None:
    def build(kit: Any, bench: Bench) -> list[Any]:
        return [
            kit.StepCounterHook(2, output_dir=bench.path),
            kit.GlobalStepWaiterHook(40),
            kit.LoggingTensorHook(["loss"], 3),
            kit.StopAtStepHook(num_steps=45),
        ]

    left = same(build, pace=10)
    assert left.stop_seen() == [5]
    assert events(left, 'tag: "global_step/sec"') == 2


def test_waiter_of_a_step_that_has_gone_by(same: Same) -> None:
    def build(kit: Any, bench: Bench) -> list[Any]:
        return [kit.GlobalStepWaiterHook(5), kit.CheckpointSaverHook(bench.path, save_steps=100)]

    left = same(build, pace=1, attempts=2, new_hooks=False, new_graph=False)
    assert len(left.returned) == 16
    assert len(info(left, "Waiting for global step 5")) == 2  # it says so, and does not


def test_waiter_of_a_session_that_recovers(same: Same) -> None:
    def build(kit: Any, bench: Bench) -> list[Any]:
        error = tf.errors.AbortedError(None, None, "preempted")
        saver = kit.CheckpointSaverHook(bench.path, save_steps=2)
        return [saver, kit.GlobalStepWaiterHook(4), RaiseOnce("after_run", 3, error)]

    left = same(build, pace=1)
    assert calls(left).count("after_create_session") == 2
    assert len(info(left, "Waiting for global step 4")) == 1


def test_waiter_made_over_by_a_subclass(same: Same) -> None:
    def build(kit: Any, bench: Bench) -> list[Any]:
        class Recorded(kit.GlobalStepWaiterHook):
            def before_run(self, run_context: Any) -> None:
                bench.record("waits", self._worker_is_started)
                self._wait_until_step += 1
                return super().before_run(run_context)

        return [Recorded(2)]

    left = same(build, pace=1, steps=3)
    assert [call for call in left.calls if call[0] == "waits"] == [("waits", False), *[("waits", True)] * 2]
    assert len(info(left, "Waiting for global step 3")) == 1


def test_waiter_ends_when_a_stop_is_requested_elsewhere() -> None:
    class Keeps(v1.train.SessionRunHook):
        def after_create_session(self, session: Any, coord: Any) -> None:
            del session
            threading.Timer(0.3, coord.request_stop).start()

    with tf.Graph().as_default():
        step = v1.train.get_or_create_global_step()
        count = v1.assign_add(step, 1)
        hooks = [nbhooks.GlobalStepWaiterHook(10), Keeps()]
        with v1.train.MonitoredSession(hooks=hooks) as session:
            began = time.monotonic()
            assert session.run(count) == 1
            assert 0.2 < time.monotonic() - began < 1.3
            assert session.should_stop()


# FinalOpsHook


class Pair(NamedTuple):
    """Two results."""

    one: Any
    two: Any


FINAL: dict[str, Callable[[Bench], tuple[Any, ...]]] = {
    "tensor": lambda bench: (bench.model.values["vector"],),
    "name": lambda _: ("vector:0",),
    "list": lambda bench: (list(bench.model.values.values()),),
    "dict": lambda bench: (dict(bench.model.values),),
    "nested": lambda bench: ({"a": [bench.model.loss, ("vector:0", {"text": "text:0"})]},),
    "variable": lambda _: (v1.global_variables(),),
    "operation": lambda bench: ([bench.model.train, bench.model.loss],),
    "feed": lambda bench: (bench.model.loss, {bench.model.disturbance: 100.0}),
    "feed by name": lambda _: ({"loss": "loss:0"}, {"disturbance:0": 100.0}),
    "empty": lambda _: ([],),
    "none": lambda _: (None,),
    "sparse": lambda _: (tf.sparse.from_dense([[0, 3], [4, 0]]),),
    "ragged": lambda _: ({"r": tf.ragged.constant([[1], [2, 3]])},),
    "ragged twice": lambda _: (tf.ragged.constant([[[1], [2, 3]], [[4]]]),),
    "slices": lambda _: ([tf.IndexedSlices(tf.constant([1.0]), tf.constant([0]))],),
    "named tuple": lambda bench: (Pair(bench.model.loss, ["text:0"]),),
    "mapping": lambda bench: (UserDict({"a": bench.model.loss, 2: [bench.model.loss]}),),
    "not finite": lambda _: ([tf.constant([np.nan, np.inf]), tf.constant("\xff\n<b>")],),
    "odd types": lambda bench: (
        [tf.cast(bench.model.loss, kind) for kind in ("half", "bfloat16", "complex64")],
    ),
    "none at all": lambda _: (tf.zeros([0, 3]),),
}


@either_session
@pytest.mark.parametrize("case", FINAL)
def test_final_ops(same: Same, session: str, case: str) -> None:
    class Tells(v1.train.SessionRunHook):
        def __init__(self, bench: Bench, hook: Any) -> None:
            self._bench = bench
            self._hook = hook

        def end(self, session: Any) -> None:
            del session
            self._bench.record("final", repr(self._hook.final_ops_values))

    def build(kit: Any, bench: Bench) -> list[Any]:
        hook = kit.FinalOpsHook(*FINAL[case](bench))
        return [Tells(bench, hook), hook, Tells(bench, hook)]

    left = same(build, session=session, steps=3)
    assert left.error is None
    before, after = [call[1] for call in left.calls if call[0] == "final"]
    assert before == "None"
    assert (after == "None") == (case == "none")


def elsewhere() -> Any:
    with tf.Graph().as_default():
        return tf.constant(1.0, name="elsewhere")


BAD_FINAL: dict[str, tuple[Callable[[], Any], str]] = {
    "unknown": (lambda: "nowhere:0", "The name 'nowhere:0' refers to a Tensor which does not exist"),
    "a number": (lambda: 3, "has invalid type"),
    "of another graph": (elsewhere, "is not an element of this graph"),
    "failing": (
        lambda: tf.debugging.assert_equal(1, tf.random.uniform([], 5, 9, tf.int32)),
        "assertion failed",
    ),
}


@pytest.mark.parametrize("case", BAD_FINAL)
def test_final_ops_that_fail(same: Same, case: str) -> None:
    make, text = BAD_FINAL[case]
    left = same(lambda kit, _: [kit.FinalOpsHook([make()])], steps=3)
    assert left.error[0] == "attempt 0, end"
    assert text in left.error[2]


@either_session
def test_final_ops_that_read_data_that_has_ended(same: Same, session: str) -> None:
    def build(kit: Any, _: Bench) -> list[Any]:
        return [kit.FinalOpsHook("IteratorGetNext:0")]

    left = same(build, session=session, model=partial(regression, examples=3))
    assert left.error[:2] == ("attempt 0, run 4", "tensorflow.python.framework.errors_impl.OutOfRangeError")
    assert left.texts("WARNING")[0].startswith("An OutOfRangeError or StopIteration exception is raised")


@pytest.mark.parametrize("case", FINAL)
def test_final_ops_as_a_table(case: str, recwarn: pytest.WarningsRecorder) -> None:
    with tf.Graph().as_default():
        model = regression()
        hook = nbhooks.FinalOpsHook(*FINAL[case](SimpleNamespace(model=model)))
        with v1.train.MonitoredSession(hooks=[hook]) as session:
            session.run(model.train)
            assert hook.to_pandas().empty
    assert hook.to_pandas().empty == (case in ("none", "empty"))
    assert [str(one.message) for one in recwarn if one.category is RuntimeWarning] == []


@pytest.mark.parametrize("case", ["sparse", "slices", "odd types", "not finite"])
def test_final_ops_can_be_logged_as_well(same: Same, case: str) -> None:
    def build(kit: Any, bench: Bench) -> list[Any]:
        (tensors,) = FINAL[case](bench)
        named = tensors if isinstance(tensors, dict | list) else [tensors]
        return [kit.LoggingTensorHook(named, every_n_iter=2, at_end=True)]

    left = same(build, steps=4)
    assert left.error is None
    assert len(left.texts("INFO")) == 6


def test_final_ops_made_over_by_a_subclass(same: Same) -> None:
    def build(kit: Any, bench: Bench) -> list[Any]:
        class Recorded(kit.FinalOpsHook):
            def end(self, session: Any) -> None:
                super().end(session)
                bench.record("final", sorted(self.final_ops_values))
                self._final_ops_values = "mine"

        return [Recorded({"b": "loss:0", "a": "text:0"})]

    left = same(build, steps=2)
    assert ("final", ["a", "b"]) in left.calls
    assert left.warned == []


# StopAfterNEvalsHook


def evals(kit: Any, *arguments: Any, **named: Any) -> Any:
    """Make the hook as an evaluation does, with a counter that each run increases."""
    hook = kit.StopAfterNEvalsHook(*arguments, **named)
    hook._set_evals_completed_tensor(v1.assign_add(evaluation._get_or_create_eval_step(), 1))
    return hook


@either_session
@pytest.mark.parametrize(
    ("arguments", "runs", "lines"),
    [
        ((3,), 3, 3),
        ((1, True), 1, 1),
        ((5, False), 5, 0),
        ((None,), 30, 30),
        ((None, False), 30, 0),
        ((20,), 20, 10),
        ((25,), 25, 13),
        ((0,), 1, 1),
        ((2.5,), 3, 3),
    ],
)
def test_evals(same: Same, session: str, arguments: Any, runs: int, lines: int) -> None:
    left = same(lambda kit, _: [evals(kit, *arguments)], session=session, steps=30)
    assert len(left.returned) == runs
    assert len(info(left, "Evaluation [")) == lines


def test_evals_of_data_that_ends(same: Same) -> None:
    left = same(
        lambda kit, bench: [evals(kit, None), kit.FinalOpsHook(bench.model.loss)],
        model=partial(regression, examples=4),
    )
    assert info(left, "Evaluation")[-1] == "Evaluation [4]"
    assert calls(left)[-1] == "end"


@either_session
def test_evals_without_a_counter(same: Same, session: str) -> None:
    left = same(lambda kit, _: [kit.StopAfterNEvalsHook(3)], session=session)
    assert left.error[:2] == ("attempt 0, run 1", "builtins.TypeError")


def test_evals_made_over_by_a_subclass(same: Same) -> None:
    def build(kit: Any, bench: Bench) -> list[Any]:
        class Late(kit.StopAfterNEvalsHook):
            def after_run(self, run_context: Any, run_values: Any) -> None:
                bench.record("evals", int(run_values.results["evals_completed"]))
                if run_values.results["evals_completed"] > 4:
                    super().after_run(run_context, run_values)

        hook = Late(2)
        hook._set_evals_completed_tensor(v1.assign_add(evaluation._get_or_create_eval_step(), 1))
        return [hook]

    left = same(build)
    assert [call[1] for call in left.calls if call[0] == "evals"] == [1, 2, 3, 4, 5]
    assert left.stop_seen() == [5]


def test_evaluate_once(tmp_path: Path) -> None:
    with tf.Graph().as_default():
        regression()
        with v1.Session() as session:
            session.run(v1.global_variables_initializer())
            path = v1.train.Saver().save(session, str(tmp_path / "model"))

    def evaluated(hook: Any, hooks: list[Any]) -> tuple[Any, list[Any]]:
        logs: list[Any] = []
        with tf.Graph().as_default(), _logs_recorded(logs, logging.INFO):
            model = regression()
            total = v1.get_local_variable("total", initializer=0.0)
            values = evaluation._evaluate_once(
                path,
                eval_ops=[v1.assign_add(total, model.loss)],
                final_ops={"total": total, "vector": model.values["vector"]},
                hooks=[hook, *hooks],
                config=v1.ConfigProto(intra_op_parallelism_threads=1, inter_op_parallelism_threads=1),
            )
        mask = re.compile(r"\d{4}-\d\d-\d\d[-T:\d]+|\d+\.\d+s")
        return {name: value.tolist() for name, value in values.items()}, [
            (*entry[:2], mask.sub("#", entry[2])) for entry in logs
        ]

    loud = nbhooks.StopAfterNEvalsHook(5)
    theirs, ours = evaluated(TENSORFLOW.StopAfterNEvalsHook(5), []), evaluated(loud, [])
    assert ours == theirs
    assert theirs[0]["total"] > 0
    assert [text for *_, text in theirs[1] if "Evaluation [" in text][-1] == "Evaluation [5/5]"
    assert loud.to_pandas().value.iloc[-1] == 5


# SummarySaverHook

SUMMARIES: dict[str, Callable[[Bench], dict[str, Any]]] = {
    "scaffold": lambda bench: {"save_steps": 3, "scaffold": bench.scaffold},
    "tensor": lambda _: {"save_steps": 3, "summary_op": v1.summary.merge_all()},
    "list": lambda bench: {
        "save_steps": 3,
        "summary_op": [
            v1.summary.scalar("one", bench.model.loss),
            v1.summary.histogram("two", bench.model.values["vector"]),
            v1.summary.text("three", bench.model.values["text"]),
        ],
    },
    "image": lambda _: {
        "save_steps": 3,
        "summary_op": v1.summary.image("image", tf.random.uniform([1, 4, 4, 3], seed=3)),
    },
    "audio": lambda _: {
        "save_steps": 3,
        "summary_op": v1.summary.audio("audio", tf.zeros([1, 8, 1]), 8000.0),
    },
    "tensors": lambda bench: {
        "save_steps": 3,
        "summary_op": v1.summary.merge(
            [
                v1.summary.tensor_summary("tensor", bench.model.values["vector"]),
                v1.summary.tensor_summary("sparse", tf.constant(np.zeros([0, 2]))),
            ]
        ),
    },
    "empty list": lambda _: {"save_steps": 3, "summary_op": []},
    "name": lambda _: {"save_steps": 3, "summary_op": "error:0"},
    "every step": lambda bench: {"save_steps": 1, "scaffold": bench.scaffold},
    "seconds": lambda bench: {"save_secs": 3, "scaffold": bench.scaffold},
}


@either_session
@pytest.mark.parametrize("case", SUMMARIES)
def test_summaries(same: Same, session: str, case: str) -> None:
    left = same(
        lambda kit, bench: [kit.SummarySaverHook(output_dir=bench.path, **SUMMARIES[case](bench))],
        session=session,
    )
    assert left.error is None
    expected = {"list": 9, "every step": 8, "empty list": 0}.get(case, 3)
    assert events(left, "summary {") == expected
    assert events(left, "status: START") == 1


def test_summaries_with_nowhere_to_go(same: Same) -> None:
    left = same(lambda kit, bench: [kit.SummarySaverHook(2, scaffold=bench.scaffold)])
    assert len(left.returned) == 8
    assert left.files == []


def test_summaries_of_a_scaffold_that_has_none(same: Same) -> None:
    def build(kit: Any, bench: Bench) -> list[Any]:
        bench.graph.clear_collection(v1.GraphKeys.SUMMARIES)
        return [kit.SummarySaverHook(2, output_dir=bench.path, scaffold=bench.scaffold)]

    left = same(build)
    assert events(left, "status: START") == 1
    assert events(left, "summary {") == 0


def test_summaries_go_to_the_writer_given(same: Same) -> None:
    def build(kit: Any, bench: Bench) -> list[Any]:
        where = (str(bench.directory / "unused"), bench.writer("own"))
        return [kit.SummarySaverHook(2, None, *where, bench.scaffold)]

    left = same(build)
    assert [name for name, _ in left.files] == ["own/events.out.tfevents"]
    assert events(left, "summary {", "own/events.out.tfevents") == 4


def test_summaries_of_a_writer_of_another_kind(same: Same) -> None:
    class Writes:
        def __init__(self, bench: Bench) -> None:
            self._bench = bench

        def add_session_log(self, log: Any, step: int) -> None:
            self._bench.record("log", str(log), int(step))

        def add_summary(self, summary: bytes, step: int) -> None:
            self._bench.record("summary", summary, int(step))

        def flush(self) -> None:
            self._bench.record("flush")

    left = same(
        lambda kit, bench: [kit.SummarySaverHook(2, summary_writer=Writes(bench), scaffold=bench.scaffold)]
    )
    assert [call[2] for call in left.calls if call[0] == "summary"] == [1, 3, 5, 7]
    assert ("flush",) in left.calls


BAD_SUMMARIES: dict[str, Callable[[Bench], Any]] = {
    "not a summary": lambda bench: bench.model.values["text"],
    "no string": lambda bench: bench.model.loss,
    "nested list": lambda _: [[v1.summary.merge_all()]],
    "tuple": lambda _: (v1.summary.merge_all(),),
    "unknown name": lambda _: "nowhere:0",
}


@pytest.mark.parametrize("case", BAD_SUMMARIES)
def test_summaries_that_are_none(same: Same, case: str) -> None:
    left = same(
        lambda kit, bench: [
            kit.SummarySaverHook(2, output_dir=bench.path, summary_op=BAD_SUMMARIES[case](bench))
        ]
    )
    assert left.error[0] == "attempt 0, run 1"


@pytest.mark.parametrize(("stride", "saved"), [(0, 1), (3, 3)])
def test_summaries_of_a_step_that_strides(same: Same, stride: int, saved: int) -> None:
    left = same(
        lambda kit, bench: [kit.SummarySaverHook(3, output_dir=bench.path, scaffold=bench.scaffold)],
        model=partial(regression, stride=stride),
    )
    assert events(left, "summary {") == saved


def test_summaries_made_over_by_a_subclass(same: Same) -> None:
    def build(kit: Any, bench: Bench) -> list[Any]:
        class Other(kit.SummarySaverHook):
            def _get_summary_op(self) -> Any:
                return [v1.get_default_graph().get_tensor_by_name("mine:0")]

            def after_run(self, run_context: Any, run_values: Any) -> None:
                super().after_run(run_context, run_values)
                bench.record("saved", sorted(run_values.results), int(self._next_step))

        v1.summary.scalar("mine", bench.model.loss)
        return [Other(4, output_dir=bench.path, scaffold=bench.scaffold)]

    left = same(build)
    assert ("saved", ["global_step", "summary"], 2) in left.calls
    assert events(left, 'tag: "mine"') == 2


# FeedFnHook


def fed(kit: Any, feed: Any = None) -> Any:
    """Make a hook that feeds the features, another number in each run."""
    counted = itertools.count()
    return kit.FeedFnHook(
        feed or (lambda: {"features:0": np.full([4, 3], next(counted) / 8, dtype=np.float32)})
    )


FEEDS: dict[str, Callable[[Any], Any]] = {
    "by tensor": lambda tensor: {tensor: np.ones([4, 3])},
    "lists": lambda tensor: {tensor: [[1, 2, 3]] * 4},
    "empty": lambda _: {},
    "nothing": lambda _: None,
}


FED: dict[str, tuple[Callable[[], Any], Any]] = {
    "strings": (lambda: v1.placeholder(tf.string), ["a", "b"]),
    "strings of NumPy": (lambda: v1.placeholder(tf.string), np.array(["a", "b"])),
    "objects": (lambda: v1.placeholder(tf.string), np.array([b"a", "b"], dtype=object)),
    "categories": (lambda: v1.placeholder(tf.string), pd.Series(["a", "b"], dtype="category")),
    "column": (lambda: v1.placeholder(tf.float32), pd.Series([1.0, 2.0])),
    "table": (lambda: v1.placeholder(tf.float32), pd.DataFrame({"a": [1.0, 2.0], "b": [1.0, 2.0]})),
    "nullable": (lambda: v1.placeholder(tf.int64), pd.Series([1, 2], dtype="Int64")),
    "number": (lambda: v1.placeholder(tf.int32, []), 3),
    "truth": (lambda: v1.placeholder(tf.bool, []), True),
    "half": (lambda: v1.placeholder(tf.bfloat16), np.ones(3, tf.bfloat16.as_numpy_dtype)),
    "range": (lambda: v1.placeholder(tf.int32), range(3)),
    "arrays in a list": (lambda: v1.placeholder(tf.int32), [np.arange(3), np.arange(3)]),
    "empty": (lambda: v1.placeholder(tf.float32), []),
    "sparse": (
        lambda: v1.sparse_placeholder(tf.float32),
        v1.SparseTensorValue(np.zeros([1, 2], np.int64), np.ones([1], np.float32), np.array([2, 2])),
    ),
    "sparse in a tuple": (
        lambda: v1.sparse_placeholder(tf.float32),
        (np.zeros([1, 2], np.int64), np.ones([1], np.float32), np.array([2, 2])),
    ),
    "ragged": (
        lambda: v1.ragged.placeholder(tf.int32, 1, []),
        tf.compat.v1.ragged.constant_value([[1], [2, 3]], dtype=np.int32),
    ),
}


@pytest.mark.parametrize("case", FED)
def test_what_can_be_fed(same: Same, case: str) -> None:
    make, value = FED[case]

    def build(kit: Any, _: Bench) -> list[Any]:
        tensor = make()
        return [kit.FeedFnHook(lambda: {tensor: value})]

    left = same(build, steps=2, verbosity=logging.WARNING)
    assert left.error is None
    assert len(left.returned) == 2


@either_session
@pytest.mark.parametrize("case", FEEDS)
def test_feeds(same: Same, session: str, case: str) -> None:
    def build(kit: Any, bench: Bench) -> list[Any]:
        tensor = bench.graph.get_tensor_by_name("features:0")
        return [kit.FeedFnHook(lambda: FEEDS[case](tensor))]

    left = same(build, session=session, steps=4)
    assert left.error is None
    assert sum("features:0" in names for _, names in left.fetched) == (
        4 if case in ("by tensor", "lists") else 0
    )


@each_session
def test_feeds_that_change(same: Same, session: str) -> None:
    left = same(lambda kit, _: [fed(kit)], session=session)
    assert len({str(one["loss"]) for one in left.returned}) == 8


BAD_FEEDS: dict[str, tuple[Callable[[Bench], Any], str]] = {
    "the user's": (lambda bench: {bench.model.disturbance: 1.0}, "Same tensor is fed by"),
    "of another shape": (lambda _: {"features:0": [1.0]}, "Cannot feed value of shape"),
    "a tensor": (lambda _: {"features:0": v1.global_variables()[1]}, ""),
    "unknown": (lambda _: {"nowhere:0": 1}, "nowhere"),
    "a list": (lambda _: [("features:0", 1)], ""),
    "a number": (lambda _: 7, ""),
    "raises": (lambda _: {}["missing"], "missing"),
    "data that ends": (lambda _: next(iter(())), ""),
}


@either_session
@pytest.mark.parametrize("case", BAD_FEEDS)
def test_feeds_that_fail(same: Same, session: str, case: str) -> None:
    make, text = BAD_FEEDS[case]
    left = same(lambda kit, bench: [kit.FeedFnHook(lambda: make(bench))], session=session)
    if case == "data that ends":
        assert left.error is None
        assert calls(left)[-1] == "end"
    else:
        assert left.error[0] == "attempt 0, run 1"
        assert text in left.error[2]
    assert left.returned == []


def test_feeds_of_two_hooks(same: Same) -> None:
    left = same(lambda kit, _: [fed(kit), fed(kit)])
    assert left.error[:2] == ("attempt 0, run 1", "builtins.RuntimeError")
    assert "Same tensor is fed by two hooks" in left.error[2]


def test_feeds_made_over_by_a_subclass(same: Same) -> None:
    def build(kit: Any, bench: Bench) -> list[Any]:
        class More(kit.FeedFnHook):
            def before_run(self, run_context: Any) -> Any:
                request = super().before_run(run_context)
                return request._replace(fetches="text:0")

            def after_run(self, run_context: Any, run_values: Any) -> None:
                del run_context
                bench.record("text", run_values.results, callable(self.feed_fn))

        return [More(lambda: {"features:0": np.ones([4, 3])})]

    left = same(build, steps=3)
    assert len([call for call in left.calls if call[0] == "text"]) == 3


# ProfilerHook


@either_session
@pytest.mark.parametrize(
    ("arguments", "steps"),
    [
        ({"save_steps": 3}, [3, 6]),
        ({"save_steps": 1, "show_dataflow": False}, [2, 3, 4, 5, 6, 7, 8]),
        ({"save_secs": 3, "show_memory": True}, [4, 7]),
        ({"save_steps": 100}, []),
    ],
    ids=str,
)
def test_profiler(same: Same, session: str, arguments: dict[str, Any], steps: list[int]) -> None:
    left = same(lambda kit, bench: [kit.ProfilerHook(output_dir=bench.path, **arguments)], session=session)
    assert left.error is None
    assert [name for name, _ in left.files if name.startswith("timeline")] == [
        f"timeline-{step}.json" for step in steps
    ]
    assert [events(left, f'tag: "step_{step}"') for step in steps] == [1] * len(steps)
    assert len(info(left, "Saving timeline for")) == len(steps)


def test_profiler_with_something_in_its_way(same: Same) -> None:
    def build(kit: Any, bench: Bench) -> list[Any]:
        (bench.directory / "timeline-3.json").mkdir()
        return [kit.ProfilerHook(3, output_dir=bench.path)]

    left = same(build)
    assert left.error[0] == "attempt 0, run 3"
    assert "timeline-3.json; Is a directory" in left.error[2]


def test_profiler_made_over_by_a_subclass(same: Same) -> None:
    def build(kit: Any, bench: Bench) -> list[Any]:
        class Recorded(kit.ProfilerHook):
            def _save(self, step: int, save_path: str, step_stats: Any) -> None:
                bench.record("timeline", int(step), save_path, bool(step_stats.dev_stats))

        return [Recorded(3, output_dir=bench.path)]

    left = same(build)
    path = "<directory>/timeline-{}.json"
    assert [call for call in left.calls if call[0] == "timeline"] == [
        ("timeline", step, path.format(step), True) for step in (3, 6)
    ]


# All together


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


each_order = pytest.mark.parametrize("build", [eleven, eleven_backwards])
each_set = pytest.mark.parametrize("build", [six, six_backwards, eleven])


@each_session
@each_order
def test_eleven(same: Same, session: str, build: Any) -> None:
    left = same(build, session=session, pace=1, steps=20)
    assert left.error is None
    assert left.stop_seen() == [7]
    assert events(left, "summary {") > 3
    assert events(left, 'tag: "step_7"') == 1
    assert calls(left)[-1] == "end"


@each_order
def test_eleven_where_a_hook_must_make_the_read_of_the_global_step(same: Same, build: Any) -> None:
    left = same(build, model=partial(regression, read_first=False), steps=0)
    assert left.error is None
    assert left.graph.count("global_step/add AddV2") == 1


@each_session
@each_set
def test_data_that_ends(same: Same, session: str, build: Any) -> None:
    left = same(build, session=session, pace=1, model=partial(regression, examples=3))
    assert left.error is None
    assert len(left.returned) == 3
    assert calls(left)[-1] == "end"


@each_session
@each_set
def test_run_that_fails(same: Same, session: str, build: Any) -> None:
    model = partial(regression, checked=True)
    left = same(build, session=session, pace=1, model=model, disturbance={4: np.inf})
    assert left.error[0] == "attempt 0, run 4"
    assert "the disturbance" in left.error[2]
    assert "end" not in calls(left)


@pytest.mark.parametrize("call", ["after_create_session", "before_run", "after_run"])
@pytest.mark.parametrize("error", [KeyboardInterrupt, StopIteration, ZeroDivisionError])
def test_hook_that_raises(same: Same, call: str, error: type[BaseException]) -> None:
    def build(kit: Any, bench: Bench) -> list[Any]:
        hooks = six(kit, bench)
        return [*hooks[:3], RaiseOnce(call, 1 if call == "after_create_session" else 4, error()), *hooks[3:]]

    left = same(build, pace=1)
    quiet = error is StopIteration and call != "after_create_session"
    assert (left.error is None) == quiet
    assert ("end" in calls(left)) == quiet


@pytest.mark.parametrize("session", ["MonitoredTrainingSession", "MonitoredSession"])
@pytest.mark.parametrize("place", [0, 11])
@pytest.mark.parametrize("call", ["after_create_session", "before_run", "after_run"])
def test_session_that_recovers(same: Same, session: str, call: str, place: int) -> None:
    def build(kit: Any, bench: Bench) -> list[Any]:
        hooks = eleven(kit, bench)
        error = tf.errors.AbortedError(None, None, "preempted")
        hooks.insert(place, RaiseOnce(call, 1 if call == "after_create_session" else 5, error))
        return hooks

    left = same(build, session=session, pace=1)
    assert left.error is None
    assert left.texts("INFO").count("Graph was finalized.") == 2


@either_session
@pytest.mark.parametrize("new_graph", [True, False])
def test_hooks_used_again(same: Same, session: str, *, new_graph: bool) -> None:
    def build(kit: Any, bench: Bench) -> list[Any]:
        return [
            kit.GlobalStepWaiterHook(3),
            kit.FinalOpsHook("vector:0"),
            kit.SummarySaverHook(2, output_dir=bench.path, summary_op="error:0"),
            fed(kit),
        ]

    left = same(build, session=session, pace=1, attempts=2, new_graph=new_graph, new_hooks=False, steps=4)
    assert left.error is None
    assert calls(left).count("end") == 2
    assert len(left.returned) == 8


def test_evals_used_again(same: Same) -> None:
    left = same(lambda kit, _: [evals(kit, 3)], attempts=2, new_graph=False, new_hooks=False)
    assert left.stop_seen() == [3, 6]


def test_profiler_used_again(same: Same) -> None:
    """Its writer knows the tags of the first session."""
    left = same(lambda kit, bench: [kit.ProfilerHook(2, output_dir=bench.path)], attempts=2, new_hooks=False)
    text = "The provided tag was already used for this event type"
    assert left.error == ("attempt 1, run 2", "builtins.ValueError", text)


# What there is to read afterwards


@pytest.mark.parametrize("backwards", [True, False])
def test_steps_are_told_where_no_hook_fetches_the_step(*, backwards: bool) -> None:
    with tf.Graph().as_default():
        model = regression()
        logged = nbhooks.LoggingTensorHook([model.loss], every_n_iter=5)
        nan = nbhooks.NanTensorHook(model.loss)
        with v1.train.MonitoredSession(hooks=[nan, logged] if backwards else [logged, nan]) as session:
            for _ in range(12):
                session.run(model.train)
    assert nan.to_pandas().step.tolist() == list(range(1, 13))
    assert logged.to_pandas().step.tolist() == [1, 6, 11]


@pytest.mark.parametrize("backwards", [True, False])
@pytest.mark.parametrize("saved", [True, False])
@pytest.mark.parametrize("place", [0, 2])
def test_steps_are_told_after_a_recovery(tmp_path: Path, place: int, *, backwards: bool, saved: bool) -> None:
    with tf.Graph().as_default():
        model = regression()
        logged = nbhooks.LoggingTensorHook([model.loss], every_n_iter=2)
        nan = nbhooks.NanTensorHook(model.loss)
        hooks = [nan, logged] if backwards else [logged, nan]
        hooks.insert(place, RaiseOnce("after_run", 6, tf.errors.AbortedError(None, None, "preempted")))
        if saved:
            hooks.append(v1.train.CheckpointSaverHook(str(tmp_path), save_steps=4))
        with v1.train.MonitoredTrainingSession(
            checkpoint_dir=str(tmp_path),
            hooks=hooks,
            save_checkpoint_secs=None,
            save_summaries_steps=None,
            save_summaries_secs=None,
            log_step_count_steps=None,
        ) as session:
            for _ in range(12):
                session.run(model.train)
    before, again = (6 if place else 5), (4 if saved else 0)
    steps = [*range(1, before + 1), *range(again + 1, again + 8)]
    assert nan.to_pandas().step.tolist() == steps
    assert set(logged.to_pandas().step) <= set(steps)
    assert logged.to_pandas().step.iloc[-1] >= again + 6


# MonitoredTrainingSession


def test_the_signature_of_the_session_is_theirs() -> None:
    theirs, ours = (
        inspect.signature(kit.MonitoredTrainingSession).parameters for kit in (TENSORFLOW, nbhooks)
    )
    shape = [[(p.name, p.kind, p.default) for p in parameters.values()] for parameters in (theirs, ours)]
    assert shape[0] == shape[1]


CADENCES = ((), (None,), (3,))
"""Unset, none and a number."""

CHECKPOINTS = [
    {
        name: value[0]
        for name, value in zip(("save_checkpoint_secs", "save_checkpoint_steps"), pair, strict=True)
        if value
    }
    for pair in itertools.product(CADENCES, repeat=2)
]
SUMMARY = [
    {
        name: value[0]
        for name, value in zip(("save_summaries_secs", "save_summaries_steps"), pair, strict=True)
        if value
    }
    for pair in itertools.product(CADENCES, repeat=2)
]
COUNTS = [{}, {"log_step_count_steps": None}, {"log_step_count_steps": 2}]
PLACES = [
    {"checkpoint_dir": checkpoint_dir, "summary_dir": summary_dir}
    for checkpoint_dir in (None, "<directory>")
    for summary_dir in (None, "<directory>/summaries")
]


def none(kit: Any, bench: Bench) -> list[Any]:
    """Make no hook: the session's own are all there is."""
    del kit, bench
    return []


def opened(left: Trace, given: dict[str, Any]) -> None:
    """Hold that a session was opened and did what these arguments ask for, or was refused."""
    summaries = given["checkpoint_dir"] or given["summary_dir"]
    both = [
        given.get(f"save_{what}_secs") and given.get(f"save_{what}_steps") and where
        for what, where in (("checkpoint", given["checkpoint_dir"]), ("summaries", summaries))
    ]
    if any(both):
        assert left.error == (
            "attempt 0, open",
            "builtins.ValueError",
            "Can not provide both every_secs and every_steps.",
        )
    else:
        assert left.error is None
        assert len(left.returned) == 4
    if not summaries:
        assert left.files == []


@pytest.mark.parametrize("place", PLACES, ids=str)
@pytest.mark.parametrize("checkpoint", CHECKPOINTS, ids=str)
def test_checkpoints_of_the_session(same: Same, place: Any, checkpoint: Any) -> None:
    given = {**place, **checkpoint}
    left = same(none, own=True, options=given, steps=4)
    opened(left, given)
    saves = any(given.get(f"save_checkpoint_{unit}") for unit in ("secs", "steps")) or not checkpoint
    if left.error is None and place["checkpoint_dir"]:
        assert (left.named("checkpoint") != []) == saves


@pytest.mark.parametrize("place", PLACES, ids=str)
@pytest.mark.parametrize("summary", SUMMARY, ids=str)
@pytest.mark.parametrize("count", COUNTS, ids=str)
def test_summaries_of_the_session(same: Same, place: Any, summary: Any, count: Any) -> None:
    given = {**place, **summary, **count, "save_checkpoint_secs": None}
    opened(same(none, own=True, options=given, steps=4), given)


def test_every_combination_makes_the_same_hooks() -> None:
    def made(kit: Any, given: dict[str, Any], scaffold: Any) -> Any:
        session.reset_mock()
        try:
            kit.MonitoredTrainingSession(**given, scaffold=scaffold)
        except ValueError as error:
            return str(error)
        hooks = session.call_args.kwargs["hooks"]
        return [described(hook, scaffold) for hook in hooks if getattr(hook, "kind", "") != "session"]

    def described(hook: Any, scaffold: Any) -> Any:
        base = next(kind for kind in type(hook).__mro__ if kind.__module__.startswith("tensorflow"))
        where = getattr(hook, "_output_dir", None) or getattr(hook, "_checkpoint_dir", None)
        every = (hook._timer._every_secs, hook._timer._every_steps)
        given = getattr(hook, "_scaffold", scaffold) is scaffold
        return base.__name__, where, every, getattr(hook, "_save_graph_def", None), given

    seen = []
    with tf.Graph().as_default(), mock.patch.object(monitored_session, "MonitoredSession") as session:
        v1.train.get_or_create_global_step()
        for parts in itertools.product(PLACES, CHECKPOINTS, SUMMARY, COUNTS, ({}, {"save_graph_def": False})):
            given = {name: value for part in parts for name, value in part.items()}
            theirs, ours = (made(kit, given, v1.train.Scaffold()) for kit in (TENSORFLOW, nbhooks))
            assert ours == theirs, given
            seen.append(theirs)
    assert {len(hooks) for hooks in seen if isinstance(hooks, list)} == {0, 1, 2, 3}
    assert seen.count("Can not provide both every_secs and every_steps.") > 100


@pytest.mark.parametrize(
    "given",
    [
        {"save_checkpoint_steps": 2, "save_summaries_steps": 2, "log_step_count_steps": 2},
        {"save_graph_def": False},
        {},
    ],
    ids=str,
)
@pytest.mark.parametrize("build", [none, six, eleven])
def test_session_with_hooks(same: Same, build: Any, given: Any) -> None:
    def both(kit: Any, bench: Bench) -> list[Any]:
        chief_only[:] = [Calls(bench, "chiefs first"), *build(kit, bench), Calls(bench, "chiefs last")]
        return [Calls(bench, "everywhere"), *([evals(kit, 6)] if build is none else [])]

    chief_only: list[Any] = []
    left = same(both, own=True, options={**given, "chief_only_hooks": chief_only}, pace=1, steps=20)
    assert left.error is None
    begun = [call[0] for call in left.calls if call[1] == "begin" and call[0] != "listener"]
    assert begun == ["chiefs first", "chiefs last", "first", "everywhere", "last"]
    assert left.stop_seen() == [{none: 6, six: 20, eleven: 7}[build]]


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


@pytest.mark.parametrize("global_step", [True, False])
def test_session_in_which_nothing_is_saved(same: Same, *, global_step: bool) -> None:
    left = same(
        none,
        own=True,
        options={"checkpoint_dir": None},
        model=partial(regression, global_step=global_step),
    )
    assert len(left.returned) == 8
    assert left.files == []


def test_session_in_which_nothing_is_saved_is_shown() -> None:
    with tf.Graph().as_default():
        model = regression()
        with nbhooks.MonitoredTrainingSession() as session:
            hooks = session._hooks
            session.run(model.train)
            joined = hooks[0]._session
            assert joined.state == "running"
    assert [type(hook).__name__ for hook in hooks] == ["Observer"]
    assert (joined.state, joined.step) == ("finished", 1)


def test_session_of_arguments_that_are_refused(same: Same) -> None:
    left = same(none, own=True, options={"hooks": [3]})
    assert left.error[:2] == ("attempt 0, open", "builtins.AttributeError")


@pytest.mark.parametrize("build", [six, eleven])
def test_session_of_a_worker(same: Same, build: Any) -> None:
    """A worker waits until its variables are initialised; here they are, since each is local."""

    def hooks(kit: Any, bench: Bench) -> list[Any]:
        chief_only[:] = [Calls(bench, "chief")]
        return build(kit, bench)

    def ready() -> Any:
        evaluation._get_or_create_eval_step()
        nothing = tf.constant([], tf.string)
        everything = tf.group(v1.global_variables_initializer(), v1.local_variables_initializer())
        return v1.train.Scaffold(ready_op=nothing, ready_for_local_init_op=nothing, local_init_op=everything)

    chief_only: list[Any] = []
    left = same(
        hooks,
        own=True,
        options={
            "is_chief": False,
            "chief_only_hooks": chief_only,
            "save_checkpoint_steps": 2,
            "save_summaries_steps": 2,
            "log_step_count_steps": 2,
        },
        scaffold=ready,
        pace=1,
    )
    assert left.error is None
    assert len(left.returned) >= 7
    assert not [call for call in left.calls if call[0] == "chief"]


@pytest.mark.parametrize(
    "given",
    [
        {name: value}
        for name in (
            "save_checkpoint_secs",
            "save_checkpoint_steps",
            "save_summaries_secs",
            "save_summaries_steps",
            "log_step_count_steps",
        )
        for value in (0, -1, 0.5, "two")
    ],
    ids=str,
)
def test_session_with_odd_cadences(same: Same, given: dict[str, Any]) -> None:
    left = same(none, own=True, options=given, steps=4)
    words = given.get("log_step_count_steps", 0) == "two" or "two" in given.values()
    assert (left.error is not None) == words
    assert len(left.returned) == (0 if words else 4)


@pytest.mark.parametrize(
    "given", [{"hooks": 3}, {"chief_only_hooks": 3}, {"is_chief": False, "hooks": 3}], ids=str
)
def test_session_of_hooks_that_are_none(same: Same, given: dict[str, Any]) -> None:
    left = same(none, own=True, options=given)
    assert left.error == ("attempt 0, open", "builtins.TypeError", "'int' object is not iterable")


@pytest.mark.parametrize("checkpoint_dir", [None, "<directory>"])
def test_session_that_recovers_with_its_own_hooks(same: Same, checkpoint_dir: str | None) -> None:
    left = same(
        lambda *_: [RaiseOnce("after_run", 4, tf.errors.AbortedError(None, None, "preempted"))],
        own=True,
        options={"checkpoint_dir": checkpoint_dir, "save_checkpoint_steps": 2, "log_step_count_steps": 2},
    )
    assert left.error is None
    assert calls(left).count("after_create_session") == 2


def test_chief_and_worker_of_a_server() -> None:
    def made(kit: Any) -> tuple[list[Any], list[Any]]:
        server = v1.train.Server.create_local_server()
        logs: list[Any] = []
        told: list[Any] = []
        bench = SimpleNamespace(record=lambda *call: told.append(call))

        def opened(name: str, **options: Any) -> Any:
            with tf.Graph().as_default():
                count = v1.assign_add(v1.train.get_or_create_global_step(), 1)
                hooks = [Calls(bench, name), kit.StopAtStepHook(last_step=7)]
                chief_only = [Calls(bench, f"{name} alone")]
                return count, kit.MonitoredTrainingSession(
                    server.target, hooks=hooks, chief_only_hooks=chief_only, **options
                )

        with _logs_recorded(logs, logging.INFO):
            count, chief = opened("chief")
            counts, worker = opened("worker", is_chief=False, max_wait_secs=30)
            while not worker.should_stop():
                told.append(("chief ran", int(chief.run(count))))
                told.append(("worker ran", int(worker.run(counts))))
            worker.close()
            chief.close()
        return told, logs

    theirs, ours = made(TENSORFLOW), made(nbhooks)
    assert ours == theirs
    assert ("worker ran", 8) in theirs[0]
    assert not [call for call in theirs[0] if call[0] == "worker alone"]


# Global steps that are none to TensorFlow, which a hook that needs none does not mind


def mistyped() -> Any:
    """Name a variable as one does who knows of no collection: to TensorFlow its handle is no integer."""
    v1.get_variable("global_step", initializer=np.int64(0), trainable=False, use_resource=True)
    return regression(global_step=False)


def doubled() -> Any:
    for number in range(2):
        step = v1.get_variable(f"step{number}", initializer=np.int64(0), trainable=False)
        v1.add_to_collection(v1.GraphKeys.GLOBAL_STEP, step)
    return regression(global_step=False)


def needs_none(kit: Any, bench: Bench) -> list[Any]:
    return [
        kit.LoggingTensorHook(["loss"], 3, at_end=True),
        kit.NanTensorHook("loss:0"),
        evals(kit, 6),
        fed(kit),
        kit.FinalOpsHook(bench.model.loss),
    ]


@pytest.mark.parametrize("model", [mistyped, doubled])
@pytest.mark.parametrize("build", [none, needs_none])
@pytest.mark.parametrize(
    "given", [{"own": True, "options": {"checkpoint_dir": None}}, {}], ids=["own", "theirs"]
)
def test_no_global_step_that_can_be_used(same: Same, model: Any, build: Any, given: dict[str, Any]) -> None:
    left = same(build, model=model, **given)
    assert left.error is None
    assert len(left.returned) == (8 if build is none else 6)


@pytest.mark.parametrize("model", [mistyped, doubled])
@pytest.mark.parametrize("name", NEED_A_GLOBAL_STEP)
def test_no_global_step_that_a_hook_can_use(same: Same, model: Any, name: str) -> None:
    left = same(lambda kit, bench: [NEED_A_GLOBAL_STEP[name][0](kit, bench)], model=model)
    assert left.error[0] == "attempt 0, open"


# With a sink


class Sink:
    """Keeps what it is told, and raises each time if it is broken."""

    def __init__(self, *, broken: bool) -> None:
        self.told: list[Any] = []
        self._broken = broken

    def write(self, record: Any, /) -> None:
        self.told.append(record)
        if self._broken:
            raise OSError("nobody is there")

    def kit(self) -> SimpleNamespace:
        """Return our classes, with this as their dashboard."""
        return SimpleNamespace(
            **{name: partial(getattr(nbhooks, name), dashboard=self) for name in (*HOOKS, *MORE_HOOKS)}
        )


@pytest.mark.parametrize("broken", [True, False])
def test_eleven_with_a_sink(same: Same, *, broken: bool) -> None:
    sink = Sink(broken=broken)
    left = same(eleven, ours=sink.kit(), pace=1, warnings="error" if broken else "always")
    assert left.stop_seen() == [7]
    kinds = {type(record).__name__ for record in sink.told}
    assert kinds >= {"Scalar", "Tensor", "Checkpoint", "Progress", "State", "File", "Feeds"}


# attach


def attached(same: Same, build: Any, **scenario: Any) -> tuple[Trace, bool]:
    """Compare hooks attached to a raw session with TensorFlow's; also return whether it is still open."""
    benches: list[Bench] = []

    def noted(kit: Any, bench: Bench) -> list[Any]:
        benches.append(bench)
        return build(kit, bench)

    described = {"own": True, "session": "SingularMonitoredSession", "scaffold": complete, "pace": 1}
    left = same(noted, **{**described, **scenario})
    with benches[-1].opened as session:
        return left, not session._closed


def eleven_attached(kit: Any, bench: Bench) -> list[Any]:
    *others, saver, stop = eleven(kit, bench)
    del saver
    saver = kit.CheckpointSaverHook(
        bench.path, save_steps=3, scaffold=bench.scaffold, listeners=[bench.listener()]
    )
    return [*others, saver, stop]


@pytest.mark.parametrize("build", [none, six, six_backwards, eleven_attached])
def test_attach(same: Same, build: Any) -> None:
    left, is_open = attached(same, build, steps=20)
    assert left.error is None
    assert left.stop_seen() == {eleven_attached: [7]}.get(build, [] if build is none else [20])
    assert calls(left)[-1] == "end"
    assert is_open


def test_attach_in_which_a_run_is_made_after_a_stop(same: Same) -> None:
    def drive(session: Any, fetches: Any, feed: Any) -> Any:
        values = session.run(fetches, feed)
        if session.should_stop():
            session.run(fetches, feed)
        return values

    left, is_open = attached(same, lambda kit, _: [kit.StopAtStepHook(last_step=3)], drive=drive)
    text = "Run called even after should_stop requested."
    assert left.error == ("attempt 0, run 3", "builtins.RuntimeError", text)
    assert "end" not in calls(left)
    assert is_open


def test_attach_with_data_that_ends(same: Same) -> None:
    left, is_open = attached(same, eleven_attached, model=partial(regression, examples=3))
    assert left.error is None
    assert len(left.returned) == 3
    assert calls(left)[-1] == "end"
    assert is_open


def test_attach_with_a_run_that_fails(same: Same) -> None:
    model = partial(regression, checked=True)
    left, is_open = attached(same, eleven_attached, model=model, disturbance={4: np.inf})
    assert left.error[0] == "attempt 0, run 4"
    assert "end" not in calls(left)
    assert is_open


@pytest.mark.parametrize("fail", [True, False])
def test_attach_with_a_loss_that_is_nan(same: Same, *, fail: bool) -> None:
    left, is_open = attached(
        same, lambda kit, _: [kit.NanTensorHook("loss:0", fail)], disturbance={3: np.nan}
    )
    assert (left.error is not None) == fail
    assert ("end" in calls(left)) != fail
    assert is_open


@pytest.mark.parametrize("call", ["after_create_session", "before_run", "after_run"])
@pytest.mark.parametrize(
    "error", [KeyboardInterrupt, StopIteration, ZeroDivisionError, tf.errors.AbortedError]
)
def test_attach_with_a_hook_that_raises(same: Same, call: str, error: type[BaseException]) -> None:
    arguments = (None, None, "preempted") if error is tf.errors.AbortedError else ()

    def build(kit: Any, bench: Bench) -> list[Any]:
        raises = RaiseOnce(call, 1 if call == "after_create_session" else 4, error(*arguments))
        hooks = eleven_attached(kit, bench)
        return [*hooks[:5], raises, *hooks[5:]]

    left, is_open = attached(same, build)
    quiet = error is StopIteration and call != "after_create_session"
    assert (left.error is None) == quiet
    assert ("end" in calls(left)) == quiet
    assert is_open


@pytest.mark.parametrize("where", ["begin", "end"])
def test_attach_with_a_hook_that_raises_at_its_ends(tmp_path: Path, where: str) -> None:
    def build(kit: Any, bench: Bench) -> list[Any]:
        bad = {
            "begin": lambda: kit.LoggingTensorHook(["nowhere"], 1),
            "end": lambda: kit.FinalOpsHook("nowhere:0"),
        }[where]()
        return [kit.StepCounterHook(2, output_dir=bench.path), bad, kit.StopAtStepHook(last_step=3)]

    scenario = Scenario(build=build, own=True, session="SingularMonitoredSession", scaffold=complete)
    theirs, ours = (
        trace(scenario, kit, tmp_path / str(number)) for number, kit in enumerate((TENSORFLOW, nbhooks))
    )
    assert theirs.error[0] == {"begin": "attempt 0, open", "end": "attempt 0, end"}[where]
    # The raw session is made before its hooks begin, TensorFlow's after: so much differs where they cannot.
    left_out = {"logs", "fetched"} if where == "begin" else set()
    found = [line for line in differences(theirs, ours) if line.split(":")[0] not in left_out]
    assert not found, "\n".join(found)


def test_attach_with_a_hook_that_raises_in_another_thread(same: Same) -> None:
    class Fails(v1.train.SessionRunHook):
        def after_create_session(self, session: Any, coord: Any) -> None:
            del session
            self._coord = coord

        def before_run(self, run_context: Any) -> None:
            del run_context
            thread = threading.Thread(target=self._fail)
            thread.start()
            thread.join()

        def _fail(self) -> None:
            with self._coord.stop_on_exception():
                raise OSError("no data")

    left, is_open = attached(same, lambda kit, bench: [*six(kit, bench), Fails()])
    assert left.error is not None
    assert is_open


@pytest.mark.parametrize("build", [six, eleven_attached])
def test_attach_with_step_functions(same: Same, build: Any) -> None:
    def drive(session: Any, fetches: Any, feed: Any) -> Any:
        def step(step_context: Any) -> Any:
            step_context.session.run(fetches["loss"])
            return step_context.run_with_hooks(fetches, feed_dict=feed)

        return session.run_step_fn(step)

    left, _ = attached(same, build, drive=drive)
    assert left.error is None
    assert len(left.returned) > 6


BAD_STEP_FUNCTIONS: dict[str, Any] = {
    "no function": 3,
    "no argument": lambda: 1,
    "another argument": lambda mine: mine,
    "asks for a stop": lambda step_context: step_context.request_stop(),
}


@pytest.mark.parametrize("case", BAD_STEP_FUNCTIONS)
def test_attach_with_a_step_function_that_fails(same: Same, case: str) -> None:
    left, _ = attached(
        same,
        lambda kit, _: [kit.StopAtStepHook(last_step=3)],
        drive=lambda session, *_: session.run_step_fn(BAD_STEP_FUNCTIONS[case]),
    )
    quiet = case == "asks for a stop"
    assert (left.error is None) == quiet
    assert calls(left)[-1] == ("end" if quiet else "after_create_session")


def test_attach_passes_run_options_on(same: Same) -> None:
    def drive(session: Any, fetches: Any, feed: Any) -> Any:
        options = v1.RunOptions(trace_level=v1.RunOptions.FULL_TRACE)
        return session.run(fetches, feed, options=options, run_metadata=v1.RunMetadata())

    left, _ = attached(same, lambda kit, _: [kit.LoggingTensorHook(["loss"], 3)], drive=drive, steps=3)
    seen = next(call for call in left.calls if call[:2] == ("last", "after_run"))
    assert seen[4:] == ("trace_level: FULL_TRACE\n", True)


def test_attach_twice_in_one_session(tmp_path: Path) -> None:
    with raw_session() as (session, model):
        for _ in range(2):
            hook = nbhooks.StepCounterHook(2, output_dir=str(tmp_path))
            with nbhooks.attach(session, [hook, nbhooks.StopAtStepHook(num_steps=4)]) as hooked:
                while not hooked.should_stop():
                    hooked.run(model.train)
            assert hooked.should_stop()
        assert session.run(v1.train.get_global_step()) == 8
        with pytest.raises(RuntimeError, match="outside the block"):
            hooked.run(model.train)


def test_attach_hooks_used_again(same: Same) -> None:
    left, is_open = attached(
        same,
        lambda kit, bench: [
            kit.GlobalStepWaiterHook(2),
            kit.SummarySaverHook(2, output_dir=bench.path, scaffold=bench.scaffold),
            fed(kit),
            evals(kit, 3),
        ],
        attempts=2,
        new_hooks=False,
        new_graph=False,
    )
    assert left.stop_seen() == [3, 6]
    assert is_open


@contextmanager
def raw_session(*, read_first: bool = True) -> Iterator[tuple[Any, Any]]:
    """Open a raw session of a graph of its own, initialised."""
    with tf.Graph().as_default():
        model = regression(read_first=read_first)
        with v1.Session() as session:
            session.run(v1.global_variables_initializer())
            yield session, model


def test_attach_to_a_final_graph(tmp_path: Path) -> None:
    with raw_session(read_first=False) as (session, model):
        session.graph.finalize()
        with (
            pytest.raises(RuntimeError, match="StepCounterHook must add to the graph, which is final"),
            nbhooks.attach(session, [nbhooks.StepCounterHook()]),
        ):
            pass
    with raw_session() as (session, model):
        saver = v1.train.Saver()
        hooks = [
            nbhooks.StepCounterHook(2),
            nbhooks.NanTensorHook(model.loss),
            nbhooks.LoggingTensorHook(["loss"], 2),
            nbhooks.CheckpointSaverHook(str(tmp_path), save_steps=3, saver=saver),
            nbhooks.StopAtStepHook(last_step=4),
        ]
        session.graph.finalize()
        with nbhooks.attach(session, hooks) as hooked:
            while not hooked.should_stop():
                hooked.run(model.train)
        assert session.run(v1.train.get_global_step()) == 4
        assert hooks[1].to_pandas().step.tolist() == [1, 2, 3, 4]


def test_attach_refuses_what_is_no_session_and_what_are_no_hooks() -> None:
    hook = nbhooks.StepCounterHook()
    with raw_session() as (session, _):
        with v1.train.MonitoredSession() as monitored, pytest.raises(TypeError, match="not MonitoredSession"):
            nbhooks.attach(monitored, [hook])
        for given, name in (
            (v1.Session, "not type"),
            (None, "not NoneType"),
            (nbhooks.attach(session, []), "attach"),
        ):
            with pytest.raises(TypeError, match=name):
                nbhooks.attach(given, [hook])
        for hooks, name in (
            (hook, "a list of hooks, not StepCounterHook"),
            ([nbhooks.StepCounterHook], "not type"),
            (["StepCounterHook"], "not str"),
            (None, "not NoneType"),
        ):
            with pytest.raises(TypeError, match=name):
                nbhooks.attach(session, hooks)


def test_attach_is_a_session_to_others(tmp_path: Path) -> None:
    with raw_session() as (session, model):
        ours = nbhooks.attach(session, [nbhooks.StopAtStepHook(last_step=2)])
        assert ours.should_stop()
        with ours as hooked:
            assert hooked is ours
            assert hooked.graph is session.graph
            assert hooked.sess_str == session.sess_str
            assert hooked.list_devices()[0].device_type == "CPU"
            with pytest.raises(AttributeError, match="nowhere"):
                hooked.nowhere  # noqa: B018
            path = v1.train.Saver().save(hooked, str(tmp_path / "model"))
            assert tf.train.list_variables(path)
            with pytest.raises(RuntimeError, match="attached already"), ours:
                pass
            hooked.run(model.train)
            assert not hooked.should_stop()
            hooked.run(model.train)
            assert hooked.should_stop()
        assert session.run(v1.train.get_global_step()) == 2
