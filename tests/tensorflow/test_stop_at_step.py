"""StopAtStepHook: TensorFlow's and ours stop after the same run."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from hook_sets import either_session
from scenarios import Bench, regression

if TYPE_CHECKING:
    from traces import Same

pytestmark = pytest.mark.tensorflow


@either_session
@pytest.mark.parametrize(
    ("arguments", "last"),
    [
        ({"num_steps": 5}, 5),
        ({"num_steps": 1}, 1),
        ({"num_steps": 0}, 1),
        ({"last_step": 3}, 3),
        ({"last_step": 0}, 1),
        ({"last_step": -4}, 1),
        ({"last_step": 100}, None),
    ],
    ids=str,
)
def test_stop_at_step(same: Same, session: str, arguments: dict[str, int], last: int | None) -> None:
    left = same(lambda kit, _: [kit.StopAtStepHook(**arguments)], session=session)
    assert left.stop_seen() == ([last] if last else [])
    assert len(left.returned) == (last or 8)


@pytest.mark.parametrize(("last_step", "runs"), [(7, 7), (4, 5), (2, 5)])
def test_stop_at_a_last_step_already_passed(same: Same, last_step: int, runs: int) -> None:
    def build(kit: Any, bench: Bench) -> list[Any]:
        first = not list(bench.directory.iterdir())
        stop = kit.StopAtStepHook(num_steps=4) if first else kit.StopAtStepHook(last_step=last_step)
        return [kit.CheckpointSaverHook(bench.path, save_steps=100), stop]

    left = same(build, attempts=2)
    assert len(left.returned) == runs
    assert len(left.stop_seen()) == 2


def test_stop_when_the_step_stands_still(same: Same) -> None:
    left = same(lambda kit, _: [kit.StopAtStepHook(num_steps=3)], model=partial(regression, stride=0))
    assert left.stop_seen() == []


def test_stop_when_another_stops_first(same: Same) -> None:
    left = same(lambda kit, _: [kit.StopAtStepHook(3), kit.StopAtStepHook(last_step=5)])
    assert len(left.returned) == 3


def test_run_after_a_stop_is_refused(same: Same) -> None:
    def drive(session: Any, fetches: Any, feed: Any) -> Any:
        session.run(fetches, feed)
        return session.run(fetches, feed)

    left = same(lambda kit, _: [kit.StopAtStepHook(3)], drive=drive)
    assert left.error == (
        "attempt 0, run 2",
        "builtins.RuntimeError",
        "Run called even after should_stop requested.",
    )


def test_stop_after_a_number_of_steps_used_again(same: Same) -> None:
    left = same(
        lambda kit, bench: [
            kit.CheckpointSaverHook(bench.path, save_steps=100),
            kit.StopAtStepHook(num_steps=3),
        ],
        attempts=2,
        new_hooks=False,
    )
    assert len(left.returned) == 4  # it keeps the last step of its first session
