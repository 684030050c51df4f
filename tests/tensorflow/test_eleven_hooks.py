"""All eleven hooks together, and the six that are not for training alone, in each session and each order."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import tensorflow as tf
from hook_sets import (
    Sink,
    each_session,
    either_session,
    eleven,
    eleven_backwards,
    evals,
    fed,
    six,
    six_backwards,
)
from scenarios import Bench, RaiseOnce, regression
from traces import Same, calls, events

import nbhooks

if TYPE_CHECKING:
    from pathlib import Path

v1 = tf.compat.v1

pytestmark = pytest.mark.tensorflow

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


@pytest.mark.parametrize("backwards", [True, False])
def test_steps_are_reported_where_no_hook_fetches_the_step(*, backwards: bool) -> None:
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
def test_steps_are_reported_after_a_recovery(
    tmp_path: Path, place: int, *, backwards: bool, saved: bool
) -> None:
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


@pytest.mark.parametrize("broken", [True, False])
def test_eleven_with_a_sink(same: Same, *, broken: bool) -> None:
    sink = Sink(broken=broken)
    left = same(eleven, ours=sink.kit(), pace=1, warnings="error" if broken else "always")
    assert left.stop_seen() == [7]
    kinds = {type(record).__name__ for record in sink.records}
    assert kinds >= {"Scalar", "Tensor", "Checkpoint", "Progress", "State", "File", "Feeds"}
