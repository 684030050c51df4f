"""LoggingTensorHook: TensorFlow's and ours log the same lines, and leave NumPy's printing alike."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import tensorflow as tf
from hook_sets import either_session
from traces import Same, loss_lines, rates

if TYPE_CHECKING:
    from collections.abc import Callable

    from scenarios import Bench

v1 = tf.compat.v1

pytestmark = pytest.mark.tensorflow

LOGGED: dict[str, Callable[[Bench], dict[str, Any]]] = {
    "dict of tensors": lambda bench: {
        "tensors": {"loss": bench.model.loss, "a": bench.model.values["vector"]}
    },
    "dict of names": lambda _: {"tensors": {"z": "loss:0", "a": "loss"}},
    "list of names": lambda _: {"tensors": ["vector", "loss:0", "large"]},
    "list of tensors": lambda bench: {"tensors": [bench.model.values["vector"], bench.model.loss]},
    "tuple of both": lambda bench: {"tensors": ("vector", bench.model.loss)},
    "generator": lambda _: {"tensors": (name for name in ("vector", "loss"))},
    "number tags": lambda bench: {"tensors": {2: bench.model.loss, 10: "vector"}},
    "hostile tags": lambda bench: {
        "tensors": {"<b>%s</b>{}": bench.model.loss, "": "vector", "a\nb": "large"}
    },
    "nothing": lambda _: {"tensors": []},
    "every kind of value": lambda bench: {"tensors": bench.model.values},
    "formatter": lambda bench: {
        "tensors": {"loss": bench.model.loss},
        "formatter": lambda values: f"100% {sorted(values)} {values['loss']:.3f}",
    },
    "formatter that is false": lambda bench: {"tensors": {"loss": bench.model.loss}, "formatter": ""},
    "formatter that returns nothing": lambda bench: {
        "tensors": [bench.model.loss],
        "formatter": lambda _: None,
    },
    "formatter that empties what it gets": lambda bench: {
        "tensors": {"loss": bench.model.loss},
        "formatter": lambda values: f"{values.pop('loss')}",
    },
}


@pytest.mark.parametrize("case", LOGGED)
def test_logging_tensor(same: Same, case: str) -> None:
    left = same(
        lambda kit, bench: [kit.LoggingTensorHook(every_n_iter=3, at_end=True, **LOGGED[case](bench))]
    )
    assert len(left.returned) == 8
    assert len(loss_lines(left)) == 4


@either_session
@pytest.mark.parametrize(
    ("arguments", "lines"),
    [
        ({"every_n_iter": 1}, 8),
        ({"every_n_iter": 5}, 2),
        ({"every_n_iter": 5, "at_end": True}, 3),
        ({"every_n_secs": 2}, 4),
        ({"every_n_secs": 2.5, "at_end": True}, 4),
        ({"at_end": True}, 1),
    ],
    ids=str,
)
def test_logging_tensor_now_and_then(same: Same, session: str, arguments: dict[str, Any], lines: int) -> None:
    left = same(lambda kit, _: [kit.LoggingTensorHook({"loss": "loss"}, **arguments)], session=session)
    assert len([text for text in left.texts("INFO") if text.startswith("loss = ")]) == lines


def test_logging_tensor_by_the_real_clock(same: Same) -> None:
    left = same(
        lambda kit, _: [kit.LoggingTensorHook(["text"], every_n_secs=1e-9, at_end=True)], real_time=True
    )
    assert [text.endswith(" (# sec)") for text in loss_lines(left)] == [False, *[True] * 8]


def constants(values: dict[str, Any]) -> dict[str, Any]:
    return {tag: tf.constant(value, **options) for tag, (value, options) in values.items()}


def test_logging_tensor_of_many_types(same: Same) -> None:
    def build(kit: Any, _: Bench) -> list[Any]:
        tensors = constants(
            {
                "bfloat16": ([1.5, 2.5], {"dtype": tf.bfloat16}),
                "bools": ([[True], [False]], {}),
                "complex": (1 + 2j, {}),
                "empty": ([], {}),
                "half": (0.1, {"dtype": tf.float16}),
                "large": (np.arange(5000.0), {}),
                "small": ([1e-12, 1.0], {}),
                "not finite": ([np.nan, np.inf, -np.inf], {}),
                "strings": ([[b"<script>", b"\xff\xfe"]], {}),
                "unsigned": (255, {"dtype": tf.uint8}),
            }
        )
        tensors["operation"] = v1.no_op(name="nothing")
        tensors["sparse"] = tf.sparse.from_dense([[0, 3], [4, 0]])
        return [kit.LoggingTensorHook(tensors, every_n_iter=2, at_end=True)]

    left = same(build, steps=4)
    assert len(left.returned) == 4
    assert "strings = [[b'<script>' b'\\xff\\xfe']]" in loss_lines(left)[0]


def test_logging_tensor_of_a_variable_at_the_end(same: Same) -> None:
    left = same(
        lambda kit, _: [kit.LoggingTensorHook({"weights": v1.global_variables()[1]}, at_end=True)], steps=4
    )
    assert loss_lines(left)[-1].startswith("weights = [")


def test_logging_tensor_leaves_printing_as_it_was(same: Same) -> None:
    def build(kit: Any, _: Bench) -> list[Any]:
        return [
            kit.LoggingTensorHook(
                {"x": tf.constant([1e-12, 1.0])}, 1, formatter=lambda values: str(values["x"])
            )
        ]

    left = same(build, steps=2)
    assert left.printing == np.get_printoptions()
    assert "e-" not in loss_lines(left)[0]


@pytest.mark.parametrize("at_end", [True, False])
def test_logging_tensor_with_a_formatter_that_fails(same: Same, *, at_end: bool) -> None:
    def fails(values: dict[str, Any]) -> str:
        return values["missing"]

    left = same(
        lambda kit, _: [
            kit.LoggingTensorHook(["loss"], None if at_end else 2, formatter=fails, at_end=at_end),
        ]
    )
    place = "end" if at_end else "run 1"
    assert left.error == (f"attempt 0, {place}", "builtins.KeyError", "'missing'")
    assert left.printing["suppress"] is True  # not put back when the formatter fails


def test_logging_tensor_when_nobody_listens(same: Same) -> None:
    left = same(
        lambda kit, bench: [
            kit.LoggingTensorHook(["loss"], 2),
            kit.StepCounterHook(2, output_dir=bench.path),
        ],
        verbosity=logging.WARNING,
    )
    assert left.logs == []
    assert rates(left) == 3


def test_logging_tensor_made_over_by_a_subclass(same: Same) -> None:
    def build(kit: Any, bench: Bench) -> list[Any]:
        class Recorded(kit.LoggingTensorHook):
            def _log_tensors(self, tensor_values: dict[str, Any]) -> None:
                bench.record("values", sorted(tensor_values), self._iter_count)

        return [Recorded({"b": "loss", "a": "large"}, every_n_iter=3)]

    left = same(build)
    # Nothing has updated the timer, so it goes off in each run.
    assert [call for call in left.calls if call[0] == "values"] == [
        ("values", ["a", "b"], n) for n in range(8)
    ]


def test_tensors_used_again_in_another_graph(same: Same) -> None:
    left = same(
        lambda kit, bench: [kit.LoggingTensorHook([bench.model.loss], 2)],
        attempts=2,
        new_hooks=False,
        steps=2,
    )
    assert left.error[:2] == ("attempt 1, open", "builtins.ValueError")
