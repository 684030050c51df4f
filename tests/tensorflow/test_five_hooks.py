"""The five hooks of a training together, in each session and each order, and whatever ends it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import tensorflow as tf
from hook_sets import Sink, each_session, either_session, five, five_backwards, step_function
from scenarios import Bench, RaiseOnce, regression
from traces import Same, calls, rates, saves

if TYPE_CHECKING:
    from collections.abc import Callable

v1 = tf.compat.v1

pytestmark = pytest.mark.tensorflow

each_order = pytest.mark.parametrize("build", [five, five_backwards])


@each_session
@each_order
def test_five(same: Same, session: str, build: Any) -> None:
    left = same(build, session=session)
    assert left.error is None
    assert left.stop_seen() == [7]
    assert saves(left) == [0, 3, 6, 7]
    assert rates(left) == 3
    assert calls(left)[-1] == "end"


def test_five_by_the_real_clock(same: Same) -> None:
    assert same(five, real_time=True).stop_seen() == [7]


@each_order
def test_five_where_a_hook_must_make_the_read_of_the_global_step(same: Same, build: Any) -> None:
    left = same(build, model=partial(regression, read_first=False), steps=0)
    assert left.error is None
    assert left.named("graph.pbtxt")[0].count('name: "global_step/add"') == 1


def test_five_beside_the_hooks_of_a_monitored_training_session(same: Same) -> None:
    left = same(
        five, options={"save_checkpoint_steps": 4, "save_summaries_steps": 2, "log_step_count_steps": 3}
    )
    assert left.stop_seen() == [7]
    assert rates(left) == 5


def test_five_as_chief_only_hooks(same: Same) -> None:
    def build(kit: Any, bench: Bench) -> list[Any]:
        chief_only[:] = five(kit, bench)
        return []

    chief_only: list[Any] = []
    assert same(build, options={"chief_only_hooks": chief_only}).stop_seen() == [7]


@each_session
@each_order
def test_data_that_ends(same: Same, session: str, build: Any) -> None:
    left = same(build, session=session, model=partial(regression, examples=5))
    assert left.error is None
    assert len(left.returned) == 5
    assert calls(left)[-2:] == ["before_run", "end"]
    assert saves(left) == [0, 3, 5]


@each_session
@each_order
def test_run_that_fails(same: Same, session: str, build: Any) -> None:
    left = same(build, session=session, model=partial(regression, checked=True), disturbance={5: np.inf})
    assert left.error[:2] == (
        "attempt 0, run 5",
        "tensorflow.python.framework.errors_impl.InvalidArgumentError",
    )
    assert "the disturbance" in left.error[2]
    assert "end" not in calls(left)
    assert saves(left) == [0, 3]


@pytest.mark.parametrize("call", ["after_create_session", "before_run", "after_run"])
@pytest.mark.parametrize("error", [KeyboardInterrupt, StopIteration, ZeroDivisionError])
def test_hook_that_raises(same: Same, call: str, error: type[BaseException]) -> None:
    def build(kit: Any, bench: Bench) -> list[Any]:
        hooks = five(kit, bench)
        return [*hooks[:2], RaiseOnce(call, 1 if call == "after_create_session" else 4, error()), *hooks[2:]]

    left = same(build)
    quiet = error is StopIteration and call != "after_create_session"
    assert (left.error is None) == quiet
    assert ("end" in calls(left)) == quiet


def test_session_that_cannot_be_made(same: Same) -> None:
    def fails(scaffold: Any, session: Any) -> None:
        del scaffold, session
        raise OSError("no data")

    left = same(five, scaffold=lambda: v1.train.Scaffold(init_fn=fails))
    assert left.error == ("attempt 0, open", "builtins.OSError", "no data")
    assert calls(left) == ["begin"]


@pytest.mark.parametrize("session", ["MonitoredTrainingSession", "MonitoredSession"])
@pytest.mark.parametrize("place", [0, 5])
@pytest.mark.parametrize("call", ["after_create_session", "before_run", "after_run"])
def test_session_that_recovers(same: Same, session: str, call: str, place: int) -> None:
    def build(kit: Any, bench: Bench) -> list[Any]:
        hooks = five(kit, bench)
        error = tf.errors.AbortedError(None, None, "preempted")
        hooks.insert(place, RaiseOnce(call, 1 if call == "after_create_session" else 5, error))
        return hooks

    left = same(build, session=session)
    assert left.error is None
    created = 2 if call != "after_create_session" else 1
    assert calls(left).count("after_create_session") == created
    assert left.texts("INFO").count("Graph was finalized.") == 2


def test_session_that_does_not_recover(same: Same) -> None:
    def build(kit: Any, bench: Bench) -> list[Any]:
        error = tf.errors.UnavailableError(None, None, "gone")
        return [*five(kit, bench), RaiseOnce("before_run", 3, error)]

    left = same(build, session="SingularMonitoredSession")
    assert left.error[:2] == ("attempt 0, run 3", "tensorflow.python.framework.errors_impl.UnavailableError")


@either_session
@pytest.mark.parametrize("new_graph", [True, False])
def test_hooks_used_again(same: Same, session: str, *, new_graph: bool) -> None:
    left = same(five, session=session, attempts=2, new_graph=new_graph, new_hooks=False, steps=4)
    assert left.error is None
    assert calls(left).count("end") == 2
    assert len(left.returned) == 7


class Evaluates(v1.train.SessionRunHook):
    """Opens a session of its own between two runs of another."""

    def __init__(self, bench: Bench, hooks: Callable[[], list[Any]], graph: Any) -> None:
        self._bench = bench
        self._hooks = hooks
        self._graph = graph
        self._runs = 0

    def after_run(self, run_context: Any, run_values: Any) -> None:
        del run_context, run_values
        self._runs += 1
        if self._runs != 3:
            return
        with self._graph.as_default():
            hooks = self._hooks()
            with v1.train.SingularMonitoredSession(hooks, scaffold=v1.train.Scaffold()) as session:
                while not session.should_stop():
                    self._bench.record("evaluated", str(session.run("loss:0")))
                    session.run(self._graph.get_operation_by_name("count"))


@pytest.mark.parametrize("same_graph", [True, False])
def test_session_within_a_session(same: Same, *, same_graph: bool) -> None:
    def build(kit: Any, bench: Bench) -> list[Any]:
        graph = bench.graph if same_graph else tf.Graph()
        with graph.as_default():
            if not same_graph:
                regression()
            tf.group(v1.assign_add(v1.train.get_global_step(), 1), name="count")

        def inner() -> list[Any]:
            return [
                kit.LoggingTensorHook(["loss"], 1),
                kit.NanTensorHook("loss:0"),
                kit.StopAtStepHook(num_steps=2),
            ]

        hooks = five(kit, bench)
        return [*hooks[:3], Evaluates(bench, inner, graph), *hooks[3:]]

    left = same(build)
    assert left.error is None
    assert len([call for call in left.calls if call[0] == "evaluated"]) == 2
    assert left.stop_seen() == [7]


@each_order
@pytest.mark.parametrize("legacy", [True, False])
@pytest.mark.parametrize("stride", [0, 1, 3])
def test_steps_of_all_kinds(same: Same, build: Any, stride: int, *, legacy: bool) -> None:
    left = same(build, model=partial(regression, stride=stride, legacy=legacy), steps=5)
    assert left.error is None
    assert saves(left) == {0: [0], 1: [0, 3, 5], 3: [0, 3, 6, 9]}[stride]
    tag = "outer/global_step/sec" if legacy else "global_step/sec"
    assert [text for text in left.texts("INFO") if text.startswith(tag)] == {
        0: [],
        1: [f"{tag}: 1"] * 2,
        3: [f"{tag}: 3"],
    }[stride]


def test_step_functions(same: Same) -> None:
    left = same(five, drive=step_function)
    assert left.stop_seen() == [7]
    assert len(left.returned) == 7


def test_run_options_are_passed_on(same: Same) -> None:
    def drive(session: Any, fetches: Any, feed: Any) -> Any:
        options = v1.RunOptions(trace_level=v1.RunOptions.FULL_TRACE)
        return session.run(fetches, feed, options=options, run_metadata=v1.RunMetadata())

    left = same(five, drive=drive)
    seen = next(call for call in left.calls if call[:2] == ("last", "after_run"))
    assert seen[4:] == ("trace_level: FULL_TRACE\n", True)


def test_five_with_a_sink(same: Same) -> None:
    sink = Sink(broken=False)
    same(five, ours=sink.kit())
    assert {type(record).__name__ for record in sink.records} >= {
        "Scalar",
        "Tensor",
        "Checkpoint",
        "Progress",
        "State",
    }


def test_five_with_a_broken_sink_where_a_warning_is_an_error(same: Same) -> None:
    sink = Sink(broken=True)
    same(five, ours=sink.kit(), warnings="error")
    assert len(sink.records) > 10
