"""NanTensorHook: TensorFlow's and ours find the same NaN, and stop or fail alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import tensorflow as tf
from hook_sets import either_session, elsewhere
from traces import Same, saves

if TYPE_CHECKING:
    from collections.abc import Callable

    from scenarios import Bench

v1 = tf.compat.v1

pytestmark = pytest.mark.tensorflow


@either_session
@pytest.mark.parametrize("fail", [True, False])
def test_nan(same: Same, session: str, *, fail: bool) -> None:
    left = same(
        lambda kit, bench: [
            kit.CheckpointSaverHook(bench.path, save_steps=3, listeners=[bench.listener()]),
            kit.NanTensorHook(bench.model.loss, fail),
        ],
        session=session,
        disturbance={5: np.nan},
    )
    if fail:
        kind = "tensorflow.python.training.basic_session_run_hooks.NanLossDuringTrainingError"
        assert left.error == ("attempt 0, run 5", kind, "NaN loss during training.")
        assert left.texts("ERROR") == ["Model diverged with loss = NaN."]
        assert saves(left) == [0, 3]
    else:
        assert left.stop_seen() == [5]
        assert left.texts("WARNING") == ["Model diverged with loss = NaN."]
        assert saves(left) == [0, 3, 5]


def test_nan_error_can_be_caught_as_theirs(same: Same) -> None:
    caught = []

    def drive(session: Any, fetches: Any, feed: Any) -> Any:
        try:
            return session.run(fetches, feed)
        except v1.train.NanLossDuringTrainingError as error:
            caught.append(repr(error))
            return None

    left = same(lambda kit, _: [kit.NanTensorHook("loss:0")], drive=drive, disturbance={2: np.nan}, steps=4)
    assert caught == ["NanLossDuringTrainingError()"] * 2
    assert len(left.returned) == 4


@pytest.mark.parametrize("value", [np.inf, -np.inf, 1e30], ids=str)
def test_inf_is_no_nan(same: Same, value: float) -> None:
    left = same(lambda kit, bench: [kit.NanTensorHook(bench.model.loss)], disturbance={3: value})
    assert left.error is None
    assert len(left.returned) == 8
    assert left.stop_seen() == []


LOSSES: dict[str, tuple[Callable[[Bench], Any], str]] = {
    "vector": (lambda bench: bench.model.values["vector"], "ValueError"),
    "vector of one": (lambda bench: tf.reshape(bench.model.loss, [1]), "NanLossDuringTrainingError"),
    "name": (lambda _: "loss:0", "NanLossDuringTrainingError"),
    "list": (lambda bench: [bench.model.loss], "NanLossDuringTrainingError"),
    "dict": (lambda bench: {"loss": bench.model.loss}, "TypeError"),
    "string": (lambda bench: bench.model.values["text"], "TypeError"),
    "integer": (lambda bench: bench.model.values["positive"], ""),
    "bool": (lambda bench: bench.model.values["large"], ""),
    "half": (lambda bench: tf.cast(bench.model.loss, tf.float16), "NanLossDuringTrainingError"),
    "bfloat16": (lambda bench: tf.cast(bench.model.loss, tf.bfloat16), "NanLossDuringTrainingError"),
    "double": (lambda bench: tf.cast(bench.model.loss, tf.float64), "NanLossDuringTrainingError"),
    "complex": (lambda bench: tf.complex(1.0, bench.model.loss), "NanLossDuringTrainingError"),
    "operation": (lambda bench: bench.model.loss.op, "TypeError"),
    "nothing": (lambda _: None, "TypeError"),
    "number": (lambda _: 3.5, "TypeError"),
    "tensor of another graph": (lambda _: elsewhere(), "ValueError"),
}


@pytest.mark.parametrize("case", LOSSES)
def test_what_a_loss_may_be(same: Same, case: str) -> None:
    make, error = LOSSES[case]
    left = same(lambda kit, bench: [kit.NanTensorHook(make(bench))], disturbance={3: np.nan}, steps=4)
    if error:
        assert left.error is not None
        assert left.error[1].endswith(f".{error}")
    else:
        assert left.error is None
