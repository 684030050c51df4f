"""ProfilerHook: TensorFlow's and ours write timelines at the same steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hook_sets import either_session
from traces import Same, events, info

if TYPE_CHECKING:
    from scenarios import Bench

pytestmark = pytest.mark.tensorflow


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
