"""What the comparison sees: TensorFlow's hooks against the same with one thing changed."""

from __future__ import annotations

import logging
import sys
import warnings
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import tensorflow as tf
from harness import trace
from hook_sets import five
from scenarios import TENSORFLOW, Scenario, changed
from traces import Trace, differences

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import SimpleNamespace

v1 = tf.compat.v1

pytestmark = pytest.mark.tensorflow


def counter(**methods: Any) -> SimpleNamespace:
    return changed(StepCounterHook=type("StepCounterHook", (TENSORFLOW.StepCounterHook,), methods))


def after_run(extra: Callable[[Any, Any, Any], Any]) -> SimpleNamespace:
    """Return a kit whose StepCounterHook does something more after each run."""

    def method(self: Any, run_context: Any, run_values: Any) -> None:
        TENSORFLOW.StepCounterHook.after_run(self, run_context, run_values)
        extra(self, run_context, run_values)

    return counter(after_run=method)


class SavesOnceMore(TENSORFLOW.CheckpointSaverHook):
    def end(self, session: Any) -> None:
        super().end(session)
        self._save(session, 7)


class SavesHalf(TENSORFLOW.CheckpointSaverHook):
    def _get_saver(self) -> Any:
        return self._half

    def begin(self) -> None:
        super().begin()
        self._half = v1.train.Saver(v1.global_variables()[:1])


class StopsLater(TENSORFLOW.StopAtStepHook):
    def __init__(self, num_steps: Any = None, last_step: Any = None) -> None:
        super().__init__(num_steps, last_step + 1)


class ForgetsTheEnd(TENSORFLOW.LoggingTensorHook):
    def end(self, session: Any) -> None:
        pass


class Louder(TENSORFLOW.NanTensorHook):
    def before_run(self, run_context: Any) -> Any:
        options = v1.RunOptions(trace_level=v1.RunOptions.SOFTWARE_TRACE)
        return super().before_run(run_context)._replace(options=options)


class AsksForMore(TENSORFLOW.NanTensorHook):
    def before_run(self, run_context: Any) -> Any:
        del run_context
        return v1.train.SessionRunArgs("loss:0", {"features:0": np.zeros([4, 3])})


class Spoils(TENSORFLOW.LoggingTensorHook):
    """Writes to what it was given, which is the caller's too."""

    def after_run(self, run_context: Any, run_values: Any) -> None:
        super().after_run(run_context, run_values)
        if run_values.results:
            run_values.results["vector"][...] = 0


class AddsToTheGraph(TENSORFLOW.StopAtStepHook):
    def begin(self) -> None:
        super().begin()
        tf.constant(1, name="mine")


def fails(self: Any, run_context: Any, run_values: Any) -> None:
    del self, run_values
    if run_context.session.run("global_step/add:0") == 4:
        raise RuntimeError("mine")


CHANGED: dict[str, tuple[Any, set[str]]] = {
    "one save more": (changed(CheckpointSaverHook=SavesOnceMore), {"calls", "fetched", "logs", "files"}),
    "a variable less in the checkpoints": (
        changed(CheckpointSaverHook=SavesHalf),
        {"calls", "fetched", "graph", "files"},
    ),
    "stops one step later": (
        changed(StopAtStepHook=StopsLater),
        {"returned", "calls", "fetched", "logs", "files"},
    ),
    "stops without a word": (
        after_run(lambda _, context, values: values.results == 2 and context.request_stop()),
        {"returned", "calls", "fetched", "logs", "files"},
    ),
    "forgets the end": (changed(LoggingTensorHook=ForgetsTheEnd), {"fetched", "logs"}),
    "one line more": (after_run(lambda *_: v1.logging.info("mine")), {"logs"}),
    "a line of another logger": (after_run(lambda *_: logging.getLogger("nbhooks").info("mine")), {"logs"}),
    "one event more": (
        after_run(lambda hook, *_: hook._summary_writer.add_summary(v1.Summary(), 1)),
        {"files"},
    ),
    "a rate that is a little off": (
        counter(
            _log_and_record=lambda self, steps, seconds, step: TENSORFLOW.StepCounterHook._log_and_record(
                self, steps, seconds * (1 + 1e-6), step
            )
        ),
        {"files", "logs"},
    ),
    "a warning": (after_run(lambda *_: warnings.warn("mine", stacklevel=1)), {"warned"}),
    "a word on the screen": (after_run(lambda *_: sys.stdout.write("mine")), {"printed"}),
    "another error": (after_run(fails), {"error", "returned", "calls", "fetched", "logs", "files"}),
    "a traced run": (changed(NanTensorHook=Louder), {"calls"}),
    "a feed of its own": (
        changed(NanTensorHook=AsksForMore),
        {"returned", "calls", "fetched", "logs", "files"},
    ),
    "a value spoilt": (changed(LoggingTensorHook=Spoils), {"returned"}),
    "an operation more": (changed(StopAtStepHook=AddsToTheGraph), {"calls", "graph", "files"}),
}


@pytest.fixture(scope="module")
def unchanged(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Trace]:
    """Run TensorFlow's five; once for each scenario, since nothing else differs between the cases."""
    return cache(
        lambda **scenario: trace(
            Scenario(build=five, **scenario), TENSORFLOW, tmp_path_factory.mktemp("five")
        )
    )


def test_nothing_is_seen_where_nothing_changed(unchanged: Callable[..., Trace], tmp_path: Path) -> None:
    assert differences(unchanged(), trace(Scenario(build=five), changed(), tmp_path)) == []


@pytest.mark.parametrize("case", CHANGED)
def test_a_change_is_seen(unchanged: Callable[..., Trace], tmp_path: Path, case: str) -> None:
    kit, where = CHANGED[case]
    found = differences(unchanged(), trace(Scenario(build=five), kit, tmp_path))
    assert {line.split(":")[0] for line in found} == where


@pytest.mark.parametrize(
    "method",
    [
        lambda self, steps, seconds, step: TENSORFLOW.StepCounterHook._log_and_record(
            self, steps, -seconds, step
        ),
        lambda self, steps, seconds, step: TENSORFLOW.StepCounterHook._log_and_record(
            self, steps, seconds, step + 1
        ),
    ],
    ids=["a rate below nought", "another step"],
)
def test_a_change_is_seen_by_the_real_clock(
    unchanged: Callable[..., Trace], tmp_path: Path, method: Any
) -> None:
    kit = counter(_log_and_record=method)
    found = differences(unchanged(real_time=True), trace(Scenario(build=five, real_time=True), kit, tmp_path))
    assert "files" in {line.split(":")[0] for line in found}
