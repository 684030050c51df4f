"""A hook held by another hook, or changed by a subclass, does what TensorFlow's does."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from scenarios import HOOKS, Bench
from traces import Same, loss_lines

v1 = tf.compat.v1

pytestmark = pytest.mark.tensorflow

MIXED = {
    "StepCounterHook": lambda kit, bench: kit.StepCounterHook(2, output_dir=bench.path),
    "LoggingTensorHook": lambda kit, _: kit.LoggingTensorHook(["loss", "text"], every_n_iter=2, at_end=True),
    "NanTensorHook": lambda kit, _: kit.NanTensorHook("loss:0", fail_on_nan_loss=False),
    "CheckpointSaverHook": lambda kit, bench: kit.CheckpointSaverHook(bench.path, save_steps=3),
    "StopAtStepHook": lambda kit, _: kit.StopAtStepHook(last_step=6),
}


class Wrapped(v1.train.SessionRunHook):
    """Passes on some of a hook's calls, as hooks that hold a hook do."""

    def __init__(self, hook: Any, calls: frozenset[str]) -> None:
        for call in ("begin", "after_create_session", "before_run", "after_run", "end"):
            if call in calls:
                setattr(self, call, getattr(hook, call))


ALL_CALLS = frozenset({"begin", "after_create_session", "before_run", "after_run", "end"})


@pytest.mark.parametrize("left_out", ["nothing", "after_create_session", "end"])
@pytest.mark.parametrize("name", HOOKS)
def test_hook_in_a_hook(same: Same, name: str, left_out: str) -> None:
    left = same(
        lambda kit, bench: [Wrapped(MIXED[name](kit, bench), ALL_CALLS - {left_out})], disturbance={6: np.nan}
    )
    assert left.error is None
    assert left.stop_seen() == ([6] if name in {"NanTensorHook", "StopAtStepHook"} else [])


@pytest.mark.parametrize("name", HOOKS)
def test_hook_whose_begin_goes_past_ours(same: Same, name: str) -> None:
    def build(kit: Any, bench: Bench) -> list[Any]:
        hook = MIXED[name](kit, bench)
        hook.begin = lambda: getattr(v1.train, name).begin(hook)
        return [hook]

    left = same(build, disturbance={6: np.nan})
    assert left.stop_seen() == ([6] if name in {"NanTensorHook", "StopAtStepHook"} else [])


@pytest.mark.parametrize("name", ["LoggingTensorHook", "NanTensorHook", "StepCounterHook", "StopAtStepHook"])
def test_hook_whose_runs_are_made_over_by_a_subclass(same: Same, name: str) -> None:
    def build(kit: Any, bench: Bench) -> list[Any]:
        class Watched(getattr(kit, name)):
            """Wraps what the hook fetches, and unwraps it again."""

            def before_run(self, run_context: Any) -> Any:
                request = super().before_run(run_context)
                return request and v1.train.SessionRunArgs(
                    {"inner": request.fetches, "more": bench.model.loss}
                )

            def after_run(self, run_context: Any, run_values: Any) -> None:
                if run_values.results is not None:
                    bench.record("more", float(run_values.results["more"]))
                    run_values = run_values._replace(results=run_values.results["inner"])
                super().after_run(run_context, run_values)

        hook = MIXED[name](kit, bench)
        hook.__class__ = Watched
        return [hook]

    left = same(build)
    assert len([call for call in left.calls if call[0] == "more"]) == {
        "LoggingTensorHook": 4,
        "StopAtStepHook": 6,
    }.get(name, 8)


@pytest.mark.parametrize("name", ["LoggingTensorHook", "NanTensorHook"])
def test_fetches_chosen_by_a_subclass(same: Same, name: str) -> None:
    def build(kit: Any, bench: Bench) -> list[Any]:
        fetches = {
            "LoggingTensorHook": {"loss": bench.model.disturbance},
            "NanTensorHook": bench.model.disturbance,
        }

        class Chosen(getattr(kit, name)):
            def before_run(self, run_context: Any) -> Any:
                del run_context
                self._should_trigger = True
                return v1.train.SessionRunArgs(fetches[name])

        arguments = {"LoggingTensorHook": (["loss"], 3), "NanTensorHook": (bench.model.loss, False)}
        return [Chosen(*arguments[name])]

    left = same(build, disturbance={4: np.nan})
    if name == "NanTensorHook":
        assert left.stop_seen() == [4]
    else:
        assert loss_lines(left)[3] == "loss = nan (1.000 sec)"
