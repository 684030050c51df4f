"""MonitoredTrainingSession: TensorFlow's and ours make the same hooks of the same arguments."""

from __future__ import annotations

import inspect
import itertools
import logging
from functools import partial
from types import SimpleNamespace
from typing import Any
from unittest import mock

import pytest
import tensorflow as tf
from harness import logs_recorded
from hook_sets import Calls, eleven, evals, none, six
from scenarios import TENSORFLOW, Bench, RaiseOnce, regression
from tensorflow.python.training import evaluation, monitored_session
from traces import Same, Trace, calls

import nbhooks

v1 = tf.compat.v1

pytestmark = pytest.mark.tensorflow


def test_the_signature_of_the_session_is_theirs() -> None:
    theirs, ours = (
        inspect.signature(kit.MonitoredTrainingSession).parameters for kit in (TENSORFLOW, nbhooks)
    )
    shape = [[(p.name, p.kind, p.default) for p in parameters.values()] for parameters in (theirs, ours)]
    assert shape[1] == [*shape[0], ("debug", inspect.Parameter.KEYWORD_ONLY, False)]


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
            joined = hooks[0]._recording
            assert joined.state == "running"
    assert [type(hook).__name__ for hook in hooks] == ["StateHook"]
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
        noted: list[Any] = []
        bench = SimpleNamespace(record=lambda *call: noted.append(call))

        def opened(name: str, **options: Any) -> Any:
            with tf.Graph().as_default():
                count = v1.assign_add(v1.train.get_or_create_global_step(), 1)
                hooks = [Calls(bench, name), kit.StopAtStepHook(last_step=7)]
                chief_only = [Calls(bench, f"{name} alone")]
                return count, kit.MonitoredTrainingSession(
                    server.target, hooks=hooks, chief_only_hooks=chief_only, **options
                )

        with logs_recorded(logs, logging.INFO):
            count, chief = opened("chief")
            counts, worker = opened("worker", is_chief=False, max_wait_secs=30)
            while not worker.should_stop():
                noted.append(("chief ran", int(chief.run(count))))
                noted.append(("worker ran", int(worker.run(counts))))
            worker.close()
            chief.close()
        return noted, logs

    theirs, ours = made(TENSORFLOW), made(nbhooks)
    assert ours == theirs
    assert ("worker ran", 8) in theirs[0]
    assert not [call for call in theirs[0] if call[0] == "worker alone"]
