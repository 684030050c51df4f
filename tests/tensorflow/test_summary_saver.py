"""SummarySaverHook: TensorFlow's and ours write the same summaries at the same steps."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import tensorflow as tf
from hook_sets import either_session
from scenarios import Bench, regression
from traces import Same, events

if TYPE_CHECKING:
    from collections.abc import Callable

v1 = tf.compat.v1

pytestmark = pytest.mark.tensorflow

SUMMARIES: dict[str, Callable[[Bench], dict[str, Any]]] = {
    "scaffold": lambda bench: {"save_steps": 3, "scaffold": bench.scaffold},
    "tensor": lambda _: {"save_steps": 3, "summary_op": v1.summary.merge_all()},
    "list": lambda bench: {
        "save_steps": 3,
        "summary_op": [
            v1.summary.scalar("one", bench.model.loss),
            v1.summary.histogram("two", bench.model.values["vector"]),
            v1.summary.text("three", bench.model.values["text"]),
        ],
    },
    "image": lambda _: {
        "save_steps": 3,
        "summary_op": v1.summary.image("image", tf.random.uniform([1, 4, 4, 3], seed=3)),
    },
    "audio": lambda _: {
        "save_steps": 3,
        "summary_op": v1.summary.audio("audio", tf.zeros([1, 8, 1]), 8000.0),
    },
    "tensors": lambda bench: {
        "save_steps": 3,
        "summary_op": v1.summary.merge(
            [
                v1.summary.tensor_summary("tensor", bench.model.values["vector"]),
                v1.summary.tensor_summary("sparse", tf.constant(np.zeros([0, 2]))),
            ]
        ),
    },
    "empty list": lambda _: {"save_steps": 3, "summary_op": []},
    "name": lambda _: {"save_steps": 3, "summary_op": "error:0"},
    "every step": lambda bench: {"save_steps": 1, "scaffold": bench.scaffold},
    "seconds": lambda bench: {"save_secs": 3, "scaffold": bench.scaffold},
}


@either_session
@pytest.mark.parametrize("case", SUMMARIES)
def test_summaries(same: Same, session: str, case: str) -> None:
    left = same(
        lambda kit, bench: [kit.SummarySaverHook(output_dir=bench.path, **SUMMARIES[case](bench))],
        session=session,
    )
    assert left.error is None
    expected = {"list": 9, "every step": 8, "empty list": 0}.get(case, 3)
    assert events(left, "summary {") == expected
    assert events(left, "status: START") == 1


def test_summaries_with_nowhere_to_go(same: Same) -> None:
    left = same(lambda kit, bench: [kit.SummarySaverHook(2, scaffold=bench.scaffold)])
    assert len(left.returned) == 8
    assert left.files == []


def test_summaries_of_a_scaffold_that_has_none(same: Same) -> None:
    def build(kit: Any, bench: Bench) -> list[Any]:
        bench.graph.clear_collection(v1.GraphKeys.SUMMARIES)
        return [kit.SummarySaverHook(2, output_dir=bench.path, scaffold=bench.scaffold)]

    left = same(build)
    assert events(left, "status: START") == 1
    assert events(left, "summary {") == 0


def test_summaries_go_to_the_writer_given(same: Same) -> None:
    def build(kit: Any, bench: Bench) -> list[Any]:
        where = (str(bench.directory / "unused"), bench.writer("own"))
        return [kit.SummarySaverHook(2, None, *where, bench.scaffold)]

    left = same(build)
    assert [name for name, _ in left.files] == ["own/events.out.tfevents"]
    assert events(left, "summary {", "own/events.out.tfevents") == 4


def test_summaries_of_a_writer_of_another_kind(same: Same) -> None:
    class Writes:
        def __init__(self, bench: Bench) -> None:
            self._bench = bench

        def add_session_log(self, log: Any, step: int) -> None:
            self._bench.record("log", str(log), int(step))

        def add_summary(self, summary: bytes, step: int) -> None:
            self._bench.record("summary", summary, int(step))

        def flush(self) -> None:
            self._bench.record("flush")

    left = same(
        lambda kit, bench: [kit.SummarySaverHook(2, summary_writer=Writes(bench), scaffold=bench.scaffold)]
    )
    assert [call[2] for call in left.calls if call[0] == "summary"] == [1, 3, 5, 7]
    assert ("flush",) in left.calls


BAD_SUMMARIES: dict[str, Callable[[Bench], Any]] = {
    "not a summary": lambda bench: bench.model.values["text"],
    "no string": lambda bench: bench.model.loss,
    "nested list": lambda _: [[v1.summary.merge_all()]],
    "tuple": lambda _: (v1.summary.merge_all(),),
    "unknown name": lambda _: "nowhere:0",
}


@pytest.mark.parametrize("case", BAD_SUMMARIES)
def test_summaries_that_are_none(same: Same, case: str) -> None:
    left = same(
        lambda kit, bench: [
            kit.SummarySaverHook(2, output_dir=bench.path, summary_op=BAD_SUMMARIES[case](bench))
        ]
    )
    assert left.error[0] == "attempt 0, run 1"


@pytest.mark.parametrize(("stride", "saved"), [(0, 1), (3, 3)])
def test_summaries_of_a_step_that_strides(same: Same, stride: int, saved: int) -> None:
    left = same(
        lambda kit, bench: [kit.SummarySaverHook(3, output_dir=bench.path, scaffold=bench.scaffold)],
        model=partial(regression, stride=stride),
    )
    assert events(left, "summary {") == saved


def test_summaries_made_over_by_a_subclass(same: Same) -> None:
    def build(kit: Any, bench: Bench) -> list[Any]:
        class Other(kit.SummarySaverHook):
            def _get_summary_op(self) -> Any:
                return [v1.get_default_graph().get_tensor_by_name("mine:0")]

            def after_run(self, run_context: Any, run_values: Any) -> None:
                super().after_run(run_context, run_values)
                bench.record("saved", sorted(run_values.results), int(self._next_step))

        v1.summary.scalar("mine", bench.model.loss)
        return [Other(4, output_dir=bench.path, scaffold=bench.scaffold)]

    left = same(build)
    assert ("saved", ["global_step", "summary"], 2) in left.calls
    assert events(left, 'tag: "mine"') == 2
