"""FeedFnHook: TensorFlow's and ours feed the same, whatever the function returns."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from hook_sets import each_session, either_session, fed
from traces import Same, calls

if TYPE_CHECKING:
    from collections.abc import Callable

    from scenarios import Bench

v1 = tf.compat.v1

pytestmark = pytest.mark.tensorflow

FEEDS: dict[str, Callable[[Any], Any]] = {
    "by tensor": lambda tensor: {tensor: np.ones([4, 3])},
    "lists": lambda tensor: {tensor: [[1, 2, 3]] * 4},
    "empty": lambda _: {},
    "nothing": lambda _: None,
}

FED: dict[str, tuple[Callable[[], Any], Any]] = {
    "strings": (lambda: v1.placeholder(tf.string), ["a", "b"]),
    "strings of NumPy": (lambda: v1.placeholder(tf.string), np.array(["a", "b"])),
    "objects": (lambda: v1.placeholder(tf.string), np.array([b"a", "b"], dtype=object)),
    "categories": (lambda: v1.placeholder(tf.string), pd.Series(["a", "b"], dtype="category")),
    "column": (lambda: v1.placeholder(tf.float32), pd.Series([1.0, 2.0])),
    "table": (lambda: v1.placeholder(tf.float32), pd.DataFrame({"a": [1.0, 2.0], "b": [1.0, 2.0]})),
    "nullable": (lambda: v1.placeholder(tf.int64), pd.Series([1, 2], dtype="Int64")),
    "number": (lambda: v1.placeholder(tf.int32, []), 3),
    "truth": (lambda: v1.placeholder(tf.bool, []), True),
    "half": (lambda: v1.placeholder(tf.bfloat16), np.ones(3, tf.bfloat16.as_numpy_dtype)),
    "range": (lambda: v1.placeholder(tf.int32), range(3)),
    "arrays in a list": (lambda: v1.placeholder(tf.int32), [np.arange(3), np.arange(3)]),
    "empty": (lambda: v1.placeholder(tf.float32), []),
    "sparse": (
        lambda: v1.sparse_placeholder(tf.float32),
        v1.SparseTensorValue(np.zeros([1, 2], np.int64), np.ones([1], np.float32), np.array([2, 2])),
    ),
    "sparse in a tuple": (
        lambda: v1.sparse_placeholder(tf.float32),
        (np.zeros([1, 2], np.int64), np.ones([1], np.float32), np.array([2, 2])),
    ),
    "ragged": (
        lambda: v1.ragged.placeholder(tf.int32, 1, []),
        tf.compat.v1.ragged.constant_value([[1], [2, 3]], dtype=np.int32),
    ),
}


@pytest.mark.parametrize("case", FED)
def test_what_can_be_fed(same: Same, case: str) -> None:
    make, value = FED[case]

    def build(kit: Any, _: Bench) -> list[Any]:
        tensor = make()
        return [kit.FeedFnHook(lambda: {tensor: value})]

    left = same(build, steps=2, verbosity=logging.WARNING)
    assert left.error is None
    assert len(left.returned) == 2


@either_session
@pytest.mark.parametrize("case", FEEDS)
def test_feeds(same: Same, session: str, case: str) -> None:
    def build(kit: Any, bench: Bench) -> list[Any]:
        tensor = bench.graph.get_tensor_by_name("features:0")
        return [kit.FeedFnHook(lambda: FEEDS[case](tensor))]

    left = same(build, session=session, steps=4)
    assert left.error is None
    assert sum("features:0" in names for _, names in left.fetched) == (
        4 if case in ("by tensor", "lists") else 0
    )


@each_session
def test_feeds_that_change(same: Same, session: str) -> None:
    left = same(lambda kit, _: [fed(kit)], session=session)
    assert len({str(one["loss"]) for one in left.returned}) == 8


BAD_FEEDS: dict[str, tuple[Callable[[Bench], Any], str]] = {
    "the user's": (lambda bench: {bench.model.disturbance: 1.0}, "Same tensor is fed by"),
    "of another shape": (lambda _: {"features:0": [1.0]}, "Cannot feed value of shape"),
    "a tensor": (lambda _: {"features:0": v1.global_variables()[1]}, ""),
    "unknown": (lambda _: {"nowhere:0": 1}, "nowhere"),
    "a list": (lambda _: [("features:0", 1)], ""),
    "a number": (lambda _: 7, ""),
    "raises": (lambda _: {}["missing"], "missing"),
    "data that ends": (lambda _: next(iter(())), ""),
}


@either_session
@pytest.mark.parametrize("case", BAD_FEEDS)
def test_feeds_that_fail(same: Same, session: str, case: str) -> None:
    make, text = BAD_FEEDS[case]
    left = same(lambda kit, bench: [kit.FeedFnHook(lambda: make(bench))], session=session)
    if case == "data that ends":
        assert left.error is None
        assert calls(left)[-1] == "end"
    else:
        assert left.error[0] == "attempt 0, run 1"
        assert text in left.error[2]
    assert left.returned == []


def test_feeds_of_two_hooks(same: Same) -> None:
    left = same(lambda kit, _: [fed(kit), fed(kit)])
    assert left.error[:2] == ("attempt 0, run 1", "builtins.RuntimeError")
    assert "Same tensor is fed by two hooks" in left.error[2]


def test_feeds_made_over_by_a_subclass(same: Same) -> None:
    def build(kit: Any, bench: Bench) -> list[Any]:
        class More(kit.FeedFnHook):
            def before_run(self, run_context: Any) -> Any:
                request = super().before_run(run_context)
                return request._replace(fetches="text:0")

            def after_run(self, run_context: Any, run_values: Any) -> None:
                del run_context
                bench.record("text", run_values.results, callable(self.feed_fn))

        return [More(lambda: {"features:0": np.ones([4, 3])})]

    left = same(build, steps=3)
    assert len([call for call in left.calls if call[0] == "text"]) == 3
