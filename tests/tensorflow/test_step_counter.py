"""StepCounterHook: TensorFlow's and ours log and write the same rates."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from hook_sets import each_session, either_session
from scenarios import Bench, regression
from traces import Same, rates

pytestmark = pytest.mark.tensorflow


@either_session
@pytest.mark.parametrize(
    "arguments",
    [{"every_n_steps": 3}, {"every_n_steps": 1}, {"every_n_steps": None, "every_n_secs": 2}, {}],
    ids=str,
)
def test_step_counter(same: Same, session: str, arguments: dict[str, Any]) -> None:
    left = same(
        lambda kit, bench: [kit.StepCounterHook(**arguments, output_dir=bench.path)],
        session=session,
        tick=0.5,
    )
    expected = {3: 2, 1: 7, None: 1, 100: 0}[arguments.get("every_n_steps", 100)]
    assert left.texts("INFO").count("global_step/sec: 2") == expected
    assert rates(left) == expected


def test_step_counter_without_a_place_to_write(same: Same) -> None:
    left = same(lambda kit, _: [kit.StepCounterHook(2)])
    assert left.texts("INFO").count("global_step/sec: 1") == 3
    assert left.files == []


def test_step_counter_writes_to_the_writer_it_is_given(same: Same) -> None:
    def build(kit: Any, bench: Bench) -> list[Any]:
        return [kit.StepCounterHook(2, None, str(bench.directory / "unused"), bench.writer("own"))]

    left = same(build)
    assert [name for name, _ in left.files] == ["own/events.out.tfevents"]
    assert rates(left, "own/events.out.tfevents") == 3


def test_step_counter_by_the_real_clock(same: Same) -> None:
    left = same(lambda kit, bench: [kit.StepCounterHook(2, output_dir=bench.path)], real_time=True)
    assert left.texts("INFO").count("global_step/sec: #") == 3
    assert rates(left) == 3


@each_session
def test_step_counter_warns_of_a_step_that_stands_still(same: Same, session: str) -> None:
    left = same(lambda kit, _: [kit.StepCounterHook(2)], session=session, model=partial(regression, stride=0))
    assert len(left.texts("WARNING")) == 5
    assert "It seems that global step" in left.texts("WARNING")[0]


def test_step_counter_when_no_time_passes(same: Same) -> None:
    left = same(lambda kit, _: [kit.StepCounterHook(2)], tick=0.0)
    assert left.texts("INFO").count("global_step/sec: inf") == 3
    assert "RuntimeWarning" in [kind for kind, _ in left.warned]


def test_step_counter_when_the_clock_is_put_back(same: Same) -> None:
    left = same(lambda kit, _: [kit.StepCounterHook(2)], tick=-1.0)
    assert left.texts("INFO").count("global_step/sec: -1") == 3


def test_step_counter_of_runs_with_several_steps(same: Same) -> None:
    def build(kit: Any, bench: Bench) -> list[Any]:
        counter = kit.StepCounterHook(4, output_dir=bench.path)
        counter._set_steps_per_run(5)
        return [counter]

    assert rates(same(build)) == 1


def test_two_step_counters(same: Same) -> None:
    left = same(lambda kit, bench: [kit.StepCounterHook(n, output_dir=bench.path) for n in (2, 3)])
    assert rates(left) == 5


def test_step_counter_made_over_by_a_subclass(same: Same) -> None:
    def build(kit: Any, bench: Bench) -> list[Any]:
        class Recorded(kit.StepCounterHook):
            def _log_and_record(self, elapsed_steps: int, elapsed_time: float, global_step: int) -> None:
                bench.record("rate", int(elapsed_steps), elapsed_time, int(global_step))

        return [Recorded(3)]

    left = same(build)
    assert [call[1:] for call in left.calls if call[0] == "rate"] == [(3, 3.0, 4), (3, 3.0, 7)]
    assert "global_step/sec: 1" not in left.texts("INFO")
