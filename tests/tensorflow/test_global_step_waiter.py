"""GlobalStepWaiterHook: TensorFlow's and ours wait for the same step, and say so alike."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
import tensorflow as tf
from hook_sets import either_session
from scenarios import Bench, RaiseOnce
from traces import Same, calls, events, info

import nbhooks

v1 = tf.compat.v1

pytestmark = pytest.mark.tensorflow


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
