"""Each hook is TensorFlow's class with one argument more, and refuses what TensorFlow's refuses."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

import pytest
import tensorflow as tf
from hook_sets import elsewhere
from scenarios import HOOKS, MORE_HOOKS, TENSORFLOW, Bench
from traces import Same, calls

import nbhooks

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

v1 = tf.compat.v1

pytestmark = pytest.mark.tensorflow


@pytest.mark.parametrize("name", [*HOOKS, *MORE_HOOKS])
def test_ours_is_a_subclass(name: str) -> None:
    assert issubclass(getattr(nbhooks, name), getattr(TENSORFLOW, name))
    assert getattr(nbhooks, name).__name__ == name


@pytest.mark.parametrize("name", [*HOOKS, *MORE_HOOKS])
def test_the_signature_is_theirs_and_dashboard(name: str) -> None:
    theirs, ours = (
        inspect.signature(getattr(kit, name).__init__).parameters for kit in (TENSORFLOW, nbhooks)
    )
    shape = [[(p.name, p.kind, p.default) for p in parameters.values()] for parameters in (theirs, ours)]
    assert shape[1] == [*shape[0], ("dashboard", inspect.Parameter.KEYWORD_ONLY, None)]


def test_ours_is_an_instance(tmp_path: Path) -> None:
    with tf.Graph().as_default():
        loss = tf.constant(1.0)
        for name, arguments in {
            "StepCounterHook": (),
            "LoggingTensorHook": ([loss], 1),
            "NanTensorHook": (loss,),
            "CheckpointSaverHook": (str(tmp_path), 1),
            "StopAtStepHook": (1,),
        }.items():
            assert isinstance(getattr(nbhooks, name)(*arguments), getattr(v1.train, name))


BAD_ARGUMENTS: dict[str, tuple[Callable[[Any, Bench], Any], str, str]] = {
    "steps: both timers": (
        lambda kit, _: kit.StepCounterHook(every_n_steps=5, every_n_secs=5),
        "ValueError",
        "exactly one of every_n_steps and every_n_secs",
    ),
    "steps: seconds beside the default": (
        lambda kit, _: kit.StepCounterHook(every_n_secs=5),
        "ValueError",
        "exactly one of every_n_steps and every_n_secs",
    ),
    "steps: no timer": (
        lambda kit, _: kit.StepCounterHook(None),
        "ValueError",
        "exactly one of every_n_steps",
    ),
    "tensors: no argument": (lambda kit, _: kit.LoggingTensorHook(), "TypeError", "tensors"),
    "tensors: no timer": (
        lambda kit, bench: kit.LoggingTensorHook([bench.model.loss]),
        "ValueError",
        "either at_end and/or exactly one",
    ),
    "tensors: both timers": (
        lambda kit, bench: kit.LoggingTensorHook([bench.model.loss], 1, 1),
        "ValueError",
        "either at_end and/or exactly one",
    ),
    "tensors: both timers and at the end": (
        lambda kit, bench: kit.LoggingTensorHook([bench.model.loss], 1, 1, at_end=True),
        "ValueError",
        "either at_end and/or exactly one",
    ),
    "tensors: every 0": (
        lambda kit, _: kit.LoggingTensorHook(["loss"], 0),
        "ValueError",
        "invalid every_n_iter=0.",
    ),
    "tensors: every -2": (
        lambda kit, _: kit.LoggingTensorHook(["loss"], every_n_iter=-2, at_end=True),
        "ValueError",
        "invalid every_n_iter=-2.",
    ),
    "tensors: none": (lambda kit, _: kit.LoggingTensorHook(None, 1), "TypeError", "not iterable"),
    "tensors: tags that cannot be sorted": (
        lambda kit, bench: kit.LoggingTensorHook({"a": bench.model.loss, 1: bench.model.loss}, 1),
        "TypeError",
        "not supported between",
    ),
    "nan: no argument": (lambda kit, _: kit.NanTensorHook(), "TypeError", "loss_tensor"),
    "nan: too many": (lambda kit, _: kit.NanTensorHook("loss", 1, None), "TypeError", "positional arguments"),
    "saver: no timer": (
        lambda kit, bench: kit.CheckpointSaverHook(bench.path),
        "ValueError",
        "Either every_secs or every_steps should be provided.",
    ),
    "saver: both timers": (
        lambda kit, bench: kit.CheckpointSaverHook(bench.path, 5, 5),
        "ValueError",
        "Can not provide both every_secs and every_steps.",
    ),
    "saver: saver and scaffold": (
        lambda kit, bench: kit.CheckpointSaverHook(
            bench.path, save_steps=2, saver=v1.train.Saver(), scaffold=bench.scaffold
        ),
        "ValueError",
        "You cannot provide both saver and scaffold.",
    ),
    "saver: no directory": (
        lambda kit, _: kit.CheckpointSaverHook(None, save_steps=2),
        "TypeError",
        "NoneType",
    ),
    "stop: neither": (
        lambda kit, _: kit.StopAtStepHook(),
        "ValueError",
        "One of num_steps or last_step must be",
    ),
    "stop: both": (
        lambda kit, _: kit.StopAtStepHook(3, 3),
        "ValueError",
        "Only one of num_steps or last_step",
    ),
    "waiter: none": (lambda kit, _: kit.GlobalStepWaiterHook(), "TypeError", "wait_until_step"),
    "final: none": (lambda kit, _: kit.FinalOpsHook(), "TypeError", "final_ops"),
    "evals: a word": (lambda kit, _: kit.StopAfterNEvalsHook("ten"), "TypeError", "not supported between"),
    "feeds: none": (lambda kit, _: kit.FeedFnHook(), "TypeError", "feed_fn"),
    "summaries: nothing to save": (
        lambda kit, bench: kit.SummarySaverHook(2, output_dir=bench.path),
        "ValueError",
        "Exactly one of scaffold or summary_op must be provided.",
    ),
    "summaries: two to save": (
        lambda kit, bench: kit.SummarySaverHook(
            2, scaffold=bench.scaffold, summary_op=v1.summary.merge_all()
        ),
        "ValueError",
        "Exactly one of scaffold or summary_op must be provided.",
    ),
    "summaries: no timer": (
        lambda kit, bench: kit.SummarySaverHook(scaffold=bench.scaffold),
        "ValueError",
        "Either every_secs or every_steps should be provided.",
    ),
    "summaries: both timers": (
        lambda kit, bench: kit.SummarySaverHook(2, 2, scaffold=bench.scaffold),
        "ValueError",
        "Can not provide both every_secs and every_steps.",
    ),
    "profiler: no timer": (
        lambda kit, bench: kit.ProfilerHook(output_dir=bench.path),
        "ValueError",
        "Either every_secs or every_steps should be provided.",
    ),
    "profiler: both timers": (
        lambda kit, bench: kit.ProfilerHook(2, 2, bench.path),
        "ValueError",
        "Can not provide both every_secs and every_steps.",
    ),
    "profiler: no directory": (lambda kit, _: kit.ProfilerHook(2, output_dir=None), "TypeError", "NoneType"),
}


@pytest.mark.parametrize("case", BAD_ARGUMENTS)
def test_constructors_refuse_the_same(same: Same, case: str) -> None:
    make, kind, text = BAD_ARGUMENTS[case]
    place, found, said = same(lambda kit, bench: [make(kit, bench)]).error
    assert (place, found) == ("attempt 0, build", f"builtins.{kind}")
    assert text in said


def pair(kit: Any, _: Bench) -> Any:
    tf.unique([1, 1], name="pair")
    return kit.LoggingTensorHook(["pair"], 1)


def file_in_the_way(kit: Any, bench: Bench) -> Any:
    (bench.directory / "taken").write_text("a file")
    return kit.CheckpointSaverHook(str(bench.directory / "taken"), save_steps=2)


BAD_BEGINNINGS: dict[str, tuple[Callable[[Any, Bench], Any], str, str]] = {
    "unknown tensor": (lambda kit, _: kit.LoggingTensorHook(["nowhere"], 1), "KeyError", "'nowhere:0'"),
    "unknown output": (lambda kit, _: kit.LoggingTensorHook({"x": "loss:7"}, 1), "KeyError", "'loss:7'"),
    "ambiguous": (pair, "ValueError", "Name pair is ambiguous"),
    "no tensor at all": (
        lambda kit, _: kit.LoggingTensorHook([3.5], 1),
        "ValueError",
        "Passed 3.5 should have graph",
    ),
    "tensor of another graph": (
        lambda kit, _: kit.LoggingTensorHook([elsewhere()], 1),
        "ValueError",
        "should have graph attribute that is equal",
    ),
    "directory is a file": (file_in_the_way, "tensorflow.python.framework.errors_impl", "taken"),
}


@pytest.mark.parametrize("case", BAD_BEGINNINGS)
def test_begin_refuses_the_same(same: Same, case: str) -> None:
    make, kind, text = BAD_BEGINNINGS[case]
    left = same(lambda kit, bench: [make(kit, bench)])
    place, found, said = left.error
    assert place == "attempt 0, open"
    assert kind in found
    assert text in said
    assert calls(left) == []
