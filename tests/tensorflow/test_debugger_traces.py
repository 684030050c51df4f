"""With a debugger that nobody uses a session leaves the trace that TensorFlow's own leaves."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
import tensorflow as tf

import nbhooks

if TYPE_CHECKING:
    from scenarios import Bench
    from traces import Same

pytestmark = pytest.mark.tensorflow

v1 = tf.compat.v1


def hooks(kit: Any, bench: Bench) -> list[Any]:
    return [
        kit.StopAtStepHook(last_step=7),
        kit.NanTensorHook(bench.model.loss, fail_on_nan_loss=False),
        kit.LoggingTensorHook({"loss": bench.model.loss}, every_n_iter=2),
        kit.CheckpointSaverHook(bench.path, save_steps=3),
        kit.StepCounterHook(every_n_steps=2, summary_writer=bench.writer("rates")),
        kit.FeedFnHook(dict),
    ]


def beside(kit: Any, bench: Bench) -> list[Any]:
    """Return the hooks, and a debugger before them or behind them where the kit has one."""
    listed = hooks(kit, bench)
    debugger = getattr(kit, "NotebookDebugHook", None)
    return listed if debugger is None else [debugger(), *listed]


def alone(kit: Any, bench: Bench) -> list[Any]:
    del bench
    debugger = getattr(kit, "NotebookDebugHook", None)
    return [] if debugger is None else [debugger()]


@pytest.mark.parametrize(
    "session", ["MonitoredTrainingSession", "SingularMonitoredSession", "MonitoredSession"]
)
@pytest.mark.parametrize("build", [beside, alone])
def test_an_idle_debugger_leaves_the_trace_as_it_is(same: Same, session: str, build: Any) -> None:
    same(build, session=session)


@pytest.mark.parametrize("build", [beside, alone])
def test_where_the_run_fails_too(same: Same, build: Any) -> None:
    left = same(build, disturbance={4: float("nan")}, model=failing)
    assert left.error is not None


def failing() -> Any:
    from scenarios import regression

    return regression(checked=True)


@pytest.mark.parametrize("build", [beside, alone])
def test_where_the_data_ends(same: Same, build: Any) -> None:
    from scenarios import regression

    same(build, model=lambda: regression(examples=4))


@pytest.mark.parametrize("build", [beside, alone])
def test_without_a_global_step(same: Same, build: Any) -> None:
    from scenarios import regression

    if build is alone:
        same(build, model=lambda: regression(global_step=False), session="MonitoredSession")


def test_by_one_word(same: Same) -> None:
    def debugged(**arguments: Any) -> Any:
        return nbhooks.MonitoredTrainingSession(**arguments, debug=True)

    ours = SimpleNamespace(**{name: getattr(nbhooks, name) for name in nbhooks.HOOKS})
    ours.MonitoredTrainingSession = debugged
    same(hooks, ours=ours, own=True, options={"save_checkpoint_steps": 4, "save_summaries_steps": 2})
