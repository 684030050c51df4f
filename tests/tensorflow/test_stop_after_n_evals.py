"""StopAfterNEvalsHook: TensorFlow's and ours stop after the same number of evaluations."""

from __future__ import annotations

import logging
import re
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
import tensorflow as tf
from harness import logs_recorded
from hook_sets import either_session, evals
from scenarios import TENSORFLOW, Bench, regression
from tensorflow.python.training import evaluation
from traces import Same, calls, info

import nbhooks

if TYPE_CHECKING:
    from pathlib import Path

v1 = tf.compat.v1

pytestmark = pytest.mark.tensorflow


@either_session
@pytest.mark.parametrize(
    ("arguments", "runs", "lines"),
    [
        ((3,), 3, 3),
        ((1, True), 1, 1),
        ((5, False), 5, 0),
        ((None,), 30, 30),
        ((None, False), 30, 0),
        ((20,), 20, 10),
        ((25,), 25, 13),
        ((0,), 1, 1),
        ((2.5,), 3, 3),
    ],
)
def test_evals(same: Same, session: str, arguments: Any, runs: int, lines: int) -> None:
    left = same(lambda kit, _: [evals(kit, *arguments)], session=session, steps=30)
    assert len(left.returned) == runs
    assert len(info(left, "Evaluation [")) == lines


def test_evals_of_data_that_ends(same: Same) -> None:
    left = same(
        lambda kit, bench: [evals(kit, None), kit.FinalOpsHook(bench.model.loss)],
        model=partial(regression, examples=4),
    )
    assert info(left, "Evaluation")[-1] == "Evaluation [4]"
    assert calls(left)[-1] == "end"


@either_session
def test_evals_without_a_counter(same: Same, session: str) -> None:
    left = same(lambda kit, _: [kit.StopAfterNEvalsHook(3)], session=session)
    assert left.error[:2] == ("attempt 0, run 1", "builtins.TypeError")


def test_evals_made_over_by_a_subclass(same: Same) -> None:
    def build(kit: Any, bench: Bench) -> list[Any]:
        class Late(kit.StopAfterNEvalsHook):
            def after_run(self, run_context: Any, run_values: Any) -> None:
                bench.record("evals", int(run_values.results["evals_completed"]))
                if run_values.results["evals_completed"] > 4:
                    super().after_run(run_context, run_values)

        hook = Late(2)
        hook._set_evals_completed_tensor(v1.assign_add(evaluation._get_or_create_eval_step(), 1))
        return [hook]

    left = same(build)
    assert [call[1] for call in left.calls if call[0] == "evals"] == [1, 2, 3, 4, 5]
    assert left.stop_seen() == [5]


def test_evaluate_once(tmp_path: Path) -> None:
    with tf.Graph().as_default():
        regression()
        with v1.Session() as session:
            session.run(v1.global_variables_initializer())
            path = v1.train.Saver().save(session, str(tmp_path / "model"))

    def evaluated(hook: Any, hooks: list[Any]) -> tuple[Any, list[Any]]:
        logs: list[Any] = []
        with tf.Graph().as_default(), logs_recorded(logs, logging.INFO):
            model = regression()
            total = v1.get_local_variable("total", initializer=0.0)
            values = evaluation._evaluate_once(
                path,
                eval_ops=[v1.assign_add(total, model.loss)],
                final_ops={"total": total, "vector": model.values["vector"]},
                hooks=[hook, *hooks],
                config=v1.ConfigProto(intra_op_parallelism_threads=1, inter_op_parallelism_threads=1),
            )
        mask = re.compile(r"\d{4}-\d\d-\d\d[-T:\d]+|\d+\.\d+s")
        return {name: value.tolist() for name, value in values.items()}, [
            (*entry[:2], mask.sub("#", entry[2])) for entry in logs
        ]

    loud = nbhooks.StopAfterNEvalsHook(5)
    theirs, ours = evaluated(TENSORFLOW.StopAfterNEvalsHook(5), []), evaluated(loud, [])
    assert ours == theirs
    assert theirs[0]["total"] > 0
    assert [text for *_, text in theirs[1] if "Evaluation [" in text][-1] == "Evaluation [5/5]"
    assert loud.to_pandas().value.iloc[-1] == 5
