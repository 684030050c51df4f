"""A graph with no global step, with two, or with one of a wrong type: an error where a hook needs one."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import tensorflow as tf
from hook_sets import each_session, evals, fed, none
from scenarios import Bench, regression

if TYPE_CHECKING:
    from collections.abc import Callable

    from traces import Same

v1 = tf.compat.v1

pytestmark = pytest.mark.tensorflow

NEED_A_GLOBAL_STEP: dict[str, Callable[[Any, Bench], Any]] = {
    "StepCounterHook": lambda kit, _: kit.StepCounterHook(),
    "CheckpointSaverHook": lambda kit, bench: kit.CheckpointSaverHook(bench.path, save_steps=2),
    "StopAtStepHook": lambda kit, _: kit.StopAtStepHook(last_step=3),
    "SummarySaverHook": lambda kit, bench: kit.SummarySaverHook(
        2, output_dir=bench.path, scaffold=bench.scaffold
    ),
    "GlobalStepWaiterHook": lambda kit, _: kit.GlobalStepWaiterHook(3),
    "ProfilerHook": lambda kit, bench: kit.ProfilerHook(2, output_dir=bench.path),
}
FIRST_THREE, LAST_THREE = list(NEED_A_GLOBAL_STEP)[:3], list(NEED_A_GLOBAL_STEP)[3:]


@pytest.mark.parametrize("name", NEED_A_GLOBAL_STEP)
def test_no_global_step(same: Same, name: str) -> None:
    left = same(
        lambda kit, bench: [NEED_A_GLOBAL_STEP[name](kit, bench)],
        model=partial(regression, global_step=False),
    )
    # TensorFlow's waiter names itself with an underscore.
    named = "_GlobalStepWaiterHook" if name == "GlobalStepWaiterHook" else name
    text = f"Global step should be created to use {named}."
    assert left.error == ("attempt 0, open", "builtins.RuntimeError", text)


@pytest.mark.parametrize("name", FIRST_THREE)
def test_two_global_steps(same: Same, name: str) -> None:
    def build(kit: Any, bench: Bench) -> list[Any]:
        for number in range(2):
            step = v1.get_variable(f"step{number}", initializer=np.int64(0), trainable=False)
            v1.add_to_collection(v1.GraphKeys.GLOBAL_STEP, step)
        return [NEED_A_GLOBAL_STEP[name](kit, bench)]

    left = same(build, model=partial(regression, global_step=False))
    assert left.error[0] == "attempt 0, open"
    assert left.texts("ERROR") == ["Multiple tensors in global_step collection."]


@each_session
def test_hooks_that_need_no_global_step(same: Same, session: str) -> None:
    left = same(
        lambda kit, bench: [
            kit.LoggingTensorHook({"loss": bench.model.loss}, every_n_iter=3, at_end=True),
            kit.NanTensorHook(bench.model.loss, fail_on_nan_loss=False),
        ],
        model=partial(regression, global_step=False),
        session=session,
        disturbance={5: np.nan},
    )
    assert left.stop_seen() == [5]
    assert len([text for text in left.texts("INFO") if text.startswith("loss = ")]) == 3


@each_session
def test_evaluations_that_need_no_global_step(same: Same, session: str) -> None:
    left = same(
        lambda kit, bench: [evals(kit, 3), fed(kit), kit.FinalOpsHook(bench.model.values)],
        model=partial(regression, global_step=False),
        session=session,
    )
    assert left.stop_seen() == [3]
    assert len(left.returned) == 3


@pytest.mark.parametrize("read_first", [True, False])
@pytest.mark.parametrize("name", ["LoggingTensorHook", "NanTensorHook"])
def test_the_graph_is_left_as_they_leave_it(same: Same, name: str, *, read_first: bool) -> None:
    arguments = {"LoggingTensorHook": (["loss"], 2), "NanTensorHook": ("loss:0",)}[name]
    left = same(
        lambda kit, _: [getattr(kit, name)(*arguments)],
        model=partial(regression, read_first=read_first),
        steps=3,
    )
    assert len(left.returned) == 3
    assert ("global_step/add AddV2" in left.graph) == read_first


@pytest.mark.parametrize("name", LAST_THREE)
def test_the_read_of_the_global_step_is_made_once(same: Same, name: str) -> None:
    make = NEED_A_GLOBAL_STEP[name]
    left = same(lambda kit, bench: [make(kit, bench)], model=partial(regression, read_first=False), steps=0)
    assert left.graph.count("global_step/add AddV2") == 1


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
@pytest.mark.parametrize("name", LAST_THREE)
def test_no_global_step_that_a_hook_can_use(same: Same, model: Any, name: str) -> None:
    left = same(lambda kit, bench: [NEED_A_GLOBAL_STEP[name](kit, bench)], model=model)
    assert left.error[0] == "attempt 0, open"
