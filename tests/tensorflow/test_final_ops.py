"""FinalOpsHook: TensorFlow's and ours evaluate the same at the end, and fail alike."""

from __future__ import annotations

from collections import UserDict
from functools import partial
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pytest
import tensorflow as tf
from hook_sets import either_session, elsewhere
from scenarios import Bench, regression

import nbhooks

if TYPE_CHECKING:
    from collections.abc import Callable

    from traces import Same

v1 = tf.compat.v1

pytestmark = pytest.mark.tensorflow


class Pair(NamedTuple):
    """Two results."""

    one: Any
    two: Any


FINAL: dict[str, Callable[[Bench], tuple[Any, ...]]] = {
    "tensor": lambda bench: (bench.model.values["vector"],),
    "name": lambda _: ("vector:0",),
    "list": lambda bench: (list(bench.model.values.values()),),
    "dict": lambda bench: (dict(bench.model.values),),
    "nested": lambda bench: ({"a": [bench.model.loss, ("vector:0", {"text": "text:0"})]},),
    "variable": lambda _: (v1.global_variables(),),
    "operation": lambda bench: ([bench.model.train, bench.model.loss],),
    "feed": lambda bench: (bench.model.loss, {bench.model.disturbance: 100.0}),
    "feed by name": lambda _: ({"loss": "loss:0"}, {"disturbance:0": 100.0}),
    "empty": lambda _: ([],),
    "none": lambda _: (None,),
    "sparse": lambda _: (tf.sparse.from_dense([[0, 3], [4, 0]]),),
    "ragged": lambda _: ({"r": tf.ragged.constant([[1], [2, 3]])},),
    "ragged twice": lambda _: (tf.ragged.constant([[[1], [2, 3]], [[4]]]),),
    "slices": lambda _: ([tf.IndexedSlices(tf.constant([1.0]), tf.constant([0]))],),
    "named tuple": lambda bench: (Pair(bench.model.loss, ["text:0"]),),
    "mapping": lambda bench: (UserDict({"a": bench.model.loss, 2: [bench.model.loss]}),),
    "not finite": lambda _: ([tf.constant([np.nan, np.inf]), tf.constant("\xff\n<b>")],),
    "odd types": lambda bench: (
        [tf.cast(bench.model.loss, kind) for kind in ("half", "bfloat16", "complex64")],
    ),
    "none at all": lambda _: (tf.zeros([0, 3]),),
}


@either_session
@pytest.mark.parametrize("case", FINAL)
def test_final_ops(same: Same, session: str, case: str) -> None:
    class Records(v1.train.SessionRunHook):
        def __init__(self, bench: Bench, hook: Any) -> None:
            self._bench = bench
            self._hook = hook

        def end(self, session: Any) -> None:
            del session
            self._bench.record("final", repr(self._hook.final_ops_values))

    def build(kit: Any, bench: Bench) -> list[Any]:
        hook = kit.FinalOpsHook(*FINAL[case](bench))
        return [Records(bench, hook), hook, Records(bench, hook)]

    left = same(build, session=session, steps=3)
    assert left.error is None
    before, after = [call[1] for call in left.calls if call[0] == "final"]
    assert before == "None"
    assert (after == "None") == (case == "none")


BAD_FINAL: dict[str, tuple[Callable[[], Any], str]] = {
    "unknown": (lambda: "nowhere:0", "The name 'nowhere:0' refers to a Tensor which does not exist"),
    "a number": (lambda: 3, "has invalid type"),
    "of another graph": (elsewhere, "is not an element of this graph"),
    "failing": (
        lambda: tf.debugging.assert_equal(1, tf.random.uniform([], 5, 9, tf.int32)),
        "assertion failed",
    ),
}


@pytest.mark.parametrize("case", BAD_FINAL)
def test_final_ops_that_fail(same: Same, case: str) -> None:
    make, text = BAD_FINAL[case]
    left = same(lambda kit, _: [kit.FinalOpsHook([make()])], steps=3)
    assert left.error[0] == "attempt 0, end"
    assert text in left.error[2]


@either_session
def test_final_ops_that_read_data_that_has_ended(same: Same, session: str) -> None:
    def build(kit: Any, _: Bench) -> list[Any]:
        return [kit.FinalOpsHook("IteratorGetNext:0")]

    left = same(build, session=session, model=partial(regression, examples=3))
    assert left.error[:2] == ("attempt 0, run 4", "tensorflow.python.framework.errors_impl.OutOfRangeError")
    assert left.texts("WARNING")[0].startswith("An OutOfRangeError or StopIteration exception is raised")


@pytest.mark.parametrize("case", FINAL)
def test_final_ops_as_a_table(case: str, recwarn: pytest.WarningsRecorder) -> None:
    with tf.Graph().as_default():
        model = regression()
        hook = nbhooks.FinalOpsHook(*FINAL[case](SimpleNamespace(model=model)))
        with v1.train.MonitoredSession(hooks=[hook]) as session:
            session.run(model.train)
            assert hook.to_pandas().empty
    assert hook.to_pandas().empty == (case in ("none", "empty"))
    assert [str(one.message) for one in recwarn if one.category is RuntimeWarning] == []


@pytest.mark.parametrize("case", ["sparse", "slices", "odd types", "not finite"])
def test_final_ops_can_be_logged_as_well(same: Same, case: str) -> None:
    def build(kit: Any, bench: Bench) -> list[Any]:
        (tensors,) = FINAL[case](bench)
        named = tensors if isinstance(tensors, dict | list) else [tensors]
        return [kit.LoggingTensorHook(named, every_n_iter=2, at_end=True)]

    left = same(build, steps=4)
    assert left.error is None
    assert len(left.texts("INFO")) == 6


def test_final_ops_made_over_by_a_subclass(same: Same) -> None:
    def build(kit: Any, bench: Bench) -> list[Any]:
        class Recorded(kit.FinalOpsHook):
            def end(self, session: Any) -> None:
                super().end(session)
                bench.record("final", sorted(self.final_ops_values))
                self._final_ops_values = "mine"

        return [Recorded({"b": "loss:0", "a": "text:0"})]

    left = same(build, steps=2)
    assert ("final", ["a", "b"]) in left.calls
    assert left.warned == []
