"""Odd tags, types and numbers in what is logged: the training and its record both come out well."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import tensorflow as tf
from drawn_boards import panel_text
from training import HOSTILE, KITS, faults, raised, states, train

import nbhooks
from nbhooks.model.values import Tensor

if TYPE_CHECKING:
    from collections.abc import Callable

v1 = tf.compat.v1

pytestmark = [pytest.mark.tensorflow, pytest.mark.usefixtures("loss")]


def test_a_hostile_tag(loss: tf.Tensor, board: nbhooks.Dashboard) -> None:
    hook = nbhooks.LoggingTensorHook(
        {HOSTILE: loss, f"{HOSTILE} 2": tf.constant([HOSTILE])},
        1,
        formatter=lambda values: f"<b>{len(values)}</b>",
        dashboard=board,
    )
    train([hook])
    assert hook.to_pandas()["tag"].unique().tolist() == [HOSTILE]
    page = panel_text(board, "LoggingTensorHook")
    assert "<img" not in page
    assert "<b>" not in page
    assert page.count("&lt;img src=x onerror=alert(1)&gt;") >= 3
    assert faults(board) == []


def test_a_hundred_million_elements(loss: tf.Tensor, board: nbhooks.Dashboard) -> None:
    large = tf.fill(
        tf.stack([10**4, tf.constant(10**4) + tf.cast(0 * loss, tf.int32)]), tf.constant(7, tf.uint8)
    )
    hook = nbhooks.LoggingTensorHook({"large": large, "loss": loss}, every_n_iter=3, dashboard=board)
    train([hook, nbhooks.StopAtStepHook(last_step=5)])
    assert board.state == "stopped"
    assert hook.to_pandas()["step"].tolist() == [1, 4]
    frame = board.tensors
    assert frame["step"].tolist() == [1, 4]
    assert frame["shape"].tolist() == [(10**4, 10**4)] * 2
    assert frame["value"].tolist() == [None, None]
    (columns,) = hook._columns()
    for _, record in columns.rows(Tensor):
        assert record.sampled
        assert record.value.base is None  # else the whole tensor would be held
        assert 0 < record.value.nbytes <= 1_000_000
        assert (record.value == 7).all()
    assert "uint8 10000×10000, mean 7, from a sample of 1,000,000" in panel_text(board, "LoggingTensorHook")


INTEGERS = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]


FLOATS = ["float16", "bfloat16", "float32", "float64"]


@pytest.mark.parametrize("dtype", [*INTEGERS, *FLOATS, "bool"])
def test_one_number_of_each_dtype(board: nbhooks.Dashboard, dtype: str) -> None:
    tensors = {"one": tf.cast(tf.constant(1), dtype), "two": tf.cast(tf.constant([[1, 0]]), dtype)}
    hook = nbhooks.LoggingTensorHook(tensors, 1, dashboard=board)
    train([hook], 2)
    assert hook.to_pandas()[["tag", "step", "value"]].to_numpy().tolist() == [
        ["one", 1, 1.0],
        ["one", 2, 1.0],
    ]
    kept = board.tensors
    assert kept["dtype"].tolist() == [dtype] * 2
    assert kept["shape"].tolist() == [(1, 2)] * 2
    assert kept["value"][0].tolist() == [[1, 0]]
    assert f"{dtype} 1×2, mean 0.5" in panel_text(board, "LoggingTensorHook")
    assert faults(board) == []


@pytest.mark.parametrize(
    ("tensor", "dtype", "value"),
    [
        (lambda: tf.constant("caf\u00e9"), "string", "caf\u00e9".encode()),
        (lambda: tf.constant([b"\xff", b""]), "string", [b"\xff", b""]),
        (lambda: tf.constant(1 + 2j, tf.complex64), "complex64", 1 + 2j),
        (lambda: tf.constant([1j], tf.complex128), "complex128", [1j]),
        (lambda: tf.zeros([0, 3]), "float32", []),
        (lambda: tf.SparseTensor([[0, 1]], [5.0], [2, 2]), "float32", [5.0]),
    ],
)
def test_what_is_no_number(
    board: nbhooks.Dashboard, tensor: Callable[[], Any], dtype: str, value: Any
) -> None:
    hooks = [
        kit.LoggingTensorHook({"it": tensor()}, 1, **({"dashboard": board} if kit is nbhooks else {}))
        for kit in KITS.values()
    ]
    train(hooks, 2)
    kept = board.tensors
    assert kept["dtype"].tolist() == [dtype] * 2
    assert kept["value"][0].tolist() == value
    assert len(hooks[1].to_pandas()) == 0
    assert "it" in panel_text(board, "LoggingTensorHook")
    assert faults(board) == []


def test_a_ragged_tensor_is_refused_as_theirs(board: nbhooks.Dashboard) -> None:
    errors, ragged = [], tf.ragged.constant([[1.0], [2.0, 3.0]])
    for kit in KITS.values():
        hook = kit.LoggingTensorHook({"it": ragged}, 1)
        hook._dashboard = board
        errors.append(raised([hook]))
    assert type(errors[1]) is type(errors[0])
    assert str(errors[1]) == str(errors[0])
    with pytest.raises(RuntimeError, match="not been in any session"):
        hook.to_pandas()


def odd(loss: tf.Tensor, value: float) -> tf.Tensor:
    """A loss that is odd in the third run alone."""
    return tf.where(tf.equal(loss, 2.0), tf.constant(value), loss)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_values_that_are_not_finite(loss: tf.Tensor, board: nbhooks.Dashboard, value: float) -> None:
    hooks = [
        nbhooks.LoggingTensorHook({"loss": odd(loss, value)}, 1, dashboard=board),
        nbhooks.NanTensorHook(odd(loss, value), fail_on_nan_loss=False, dashboard=board),
    ]
    train(hooks)
    last = 3 if math.isnan(value) else 5  # an infinite loss does not end a training
    for hook in hooks:
        frame = hook.to_pandas()
        assert frame["step"].tolist() == list(range(1, last + 1))
        np.testing.assert_array_equal(frame["value"], [0.0, 1.0, value, 3.0, 4.0][:last])
    alarms = board.events[board.events["kind"].isin(["nan", "inf"])]
    assert alarms["step"].tolist() == [3]
    assert "it was 1 at step 2" in alarms["detail"].iloc[0]
    assert board.state == ("stopped" if math.isnan(value) else "finished")


def test_a_nan_that_ends_the_training(loss: tf.Tensor, board: nbhooks.Dashboard) -> None:
    error = raised([nbhooks.NanTensorHook(odd(loss, math.nan))], board=board)
    assert type(error) is v1.train.NanLossDuringTrainingError
    assert states(board)[-1] == "died: NanLossDuringTrainingError"
    np.testing.assert_array_equal(board.scalars["value"], [0.0, 1.0, math.nan])


def test_two_hundred_tags(loss: tf.Tensor, board: nbhooks.Dashboard) -> None:
    hook = nbhooks.LoggingTensorHook({f"tag {n:03}": loss + n for n in range(201)}, 1, dashboard=board)
    train([hook], 3)
    frame = hook.to_pandas()
    assert len(frame) == 3 * 201
    assert frame[frame["tag"] == "tag 200"]["value"].tolist() == [200.0, 201.0, 202.0]
    assert "and 1 more tags" in panel_text(board, "LoggingTensorHook")


def test_long_tags(loss: tf.Tensor, board: nbhooks.Dashboard) -> None:
    tags = ["a" * 500, "b" * 500]
    hook = nbhooks.LoggingTensorHook(dict.fromkeys(tags, loss), 1, dashboard=board)
    train([hook], 2)
    assert hook.to_pandas()["tag"].tolist() == [tags[0]] * 2 + [tags[1]] * 2
    assert f'data-tag="{tags[0]}"' in panel_text(board, "LoggingTensorHook")
