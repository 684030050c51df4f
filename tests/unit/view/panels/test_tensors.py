"""Holds the panel of logged tensors to its table, its chart and the values on request."""

import math

import numpy as np
import pytest
from drawn_panels import content, drawn, looked_at, panel_of, sent
from markup import Markup

from nbhooks.model.records import Scalar
from nbhooks.model.store import Store
from nbhooks.model.values import Tensor
from nbhooks.view.blocks import Choice
from nbhooks.view.panels import tensors as tensors_room
from nbhooks.view.panels.panel import Panel


def rows(read: Markup) -> list[str | None]:
    return read.values("data-tag")


def test_a_table_has_every_tag_once_in_the_order_given() -> None:
    kept, panel = panel_of("tensors", tags=("c", "a"), others=())
    assert rows(drawn(kept, panel)) == ["c", "a"]
    for tag in ("b", "a"):
        kept.write(Scalar("mine", tag, 1234, 0.0, 1.5))
    kept.write(Scalar("mine", "a", 1235, 0.0, math.nan))
    kept.write(Scalar("mine", "a", 1236, 0.0, -2.0))
    read = drawn(kept, panel)
    assert rows(read) == ["c", "a", "b"]
    assert read.text.endswith("c–––" + "–" + "a-2-21.5 1 non-finite1,236" + "b1.51.51.51,234")
    (plot,) = panel.plots()
    assert list(plot.series) == ["b", "a"]
    assert [(mark.step, mark.kind) for mark in plot.marks] == [(1235, "nonfinite")]


def test_a_long_table_is_cut_and_says_so() -> None:
    tags = tuple(f"tag {number}" for number in range(tensors_room.ROWS + 1234))
    kept, panel = panel_of("tensors", tags=tags)
    read = drawn(kept, panel)
    assert len(rows(read)) == tensors_room.ROWS
    assert "and 1,234 more tags" in read.text


@pytest.mark.parametrize(
    ("dtype", "value", "words"),
    [
        ("float32", np.array([[1, 2, 3], [4, 5, 6]], np.float32), "wfloat32 2×3, mean 3.5163"),
        ("int64", np.array([-7, 7]), "wint64 2, mean 0-773"),
        ("bool", np.array([True, False]), "wbool 2, mean 0.5013"),
        ("float32", np.array([1, math.nan, math.inf], np.float32), "wfloat32 3, mean 1, 2 non-finite113"),
        ("float32", np.array([math.nan], np.float32), "wfloat32 1, mean NaN, 1 non-finiteNaNNaN3"),
        ("float32", np.zeros((0, 4), np.float32), "wfloat32 0×4, mean NaNNaNNaN3"),
        ("string", np.array([b"caf\xc3\xa9", b"\xff"], object), "wcafé, \ufffd (string 2)––3"),
        ("string", np.array([b"1", b"2", b"3", b"4"], object), "w1, 2, 3, … (string 4)––3"),
        ("complex64", np.array(1 + 2j, np.complex64), "w(1+2j) (complex64 scalar)––3"),
    ],
)
def test_what_is_no_single_number_is_summed_up(dtype: str, value: np.ndarray, words: str) -> None:
    kept, panel = panel_of("tensors", tags=("w",), others=("w",))
    kept.write(Tensor("mine", "w", 3, 0.0, dtype, value.shape, value))
    read = drawn(kept, panel)
    assert words in read.text


def test_bfloat16_is_a_number() -> None:
    ml_dtypes = pytest.importorskip("ml_dtypes")
    kept, panel = panel_of("tensors", tags=("w",), others=("w",))
    kept.write(Tensor("mine", "w", 3, 0.0, "bfloat16", (2,), np.array([1, 2], ml_dtypes.bfloat16)))
    assert "wbfloat16 2, mean 1.5123" in drawn(kept, panel).text


def test_a_sample_is_called_one() -> None:
    kept, panel = panel_of("tensors", tags=("w",), others=("w",))
    kept.write(Tensor("mine", "w", 3, 0.0, "float32", (4000, 1000), np.ones(1000, np.float32), sampled=True))
    assert "float32 4000×1000, mean 1, from a sample of 1,000" in drawn(kept, panel).text


def choice(kept: Store, panel: Panel) -> Choice:
    """Where a tensor is chosen whose values are shown."""
    [found] = [block for block in content(kept, panel) if isinstance(block, Choice)]
    return found


def test_values_are_shown_on_demand() -> None:
    kept, panel = panel_of("tensors", tags=("w", "s"), others=("w", "big"))
    assert [value for value, _ in choice(kept, panel).options] == ["", "w", "big"]
    assert "pre" not in drawn(kept, panel).tags
    assert panel.choose("values", "w")
    assert not panel.choose("values", "w")
    assert choice(kept, panel).value == "w"
    assert "nothing was logged yet" in drawn(kept, panel).text
    kept.write(Tensor("mine", "w", 1200, 0.0, "int64", (3,), np.array([10, 20, 30])))
    assert "step 1,200\n[10 20 30]" in drawn(kept, panel).text
    assert {"type": "code", "text": "step 1,200\n[10 20 30]"} in sent(kept, panel)
    kept.write(Tensor("mine", "w", 1200, 0.0, "int64", (9, 9), np.zeros(9), sampled=True))
    assert "9×9 is too large to keep" in drawn(kept, panel).text
    assert panel.choose("values", "")
    assert "pre" not in drawn(kept, panel).tags


@pytest.mark.parametrize(("name", "value"), [("values", "unheard of"), ("other", "w"), ("", "")])
def test_a_senseless_choice_changes_nothing(name: str, value: str) -> None:
    kept, panel = panel_of("tensors", tags=("w",), others=("w",))
    assert not panel.choose(name, value)
    assert choice(kept, panel).value == ""


def test_what_comes_later_can_be_chosen_too() -> None:
    kept, panel = panel_of("tensors", tags=("w",), others=("w",))
    kept.write(Tensor("mine", "late", 1, 0.0, "int64", (2,), np.array([5, 6])))
    assert [value for value, _ in choice(kept, panel).options] == ["", "w", "late"]
    assert panel.choose("values", "late")
    assert "[5 6]" in drawn(kept, panel).text


def test_the_values_of_a_large_tensor_are_cut() -> None:
    kept, panel = panel_of("tensors", tags=("w",), others=("w",))
    strings = np.array([b"x" * 10_000] * 3, object)
    kept.write(Tensor("mine", "w", 1, 0.0, "string", (3,), strings))
    drawn(kept, panel)
    assert panel.choose("values", "w")
    assert len(drawn(kept, panel).text) < tensors_room.VALUES + 1_000


def test_there_is_no_choice_where_every_tag_is_a_number() -> None:
    kept, panel = panel_of("tensors", tags=("a", "b"))
    assert not any(isinstance(block, Choice) for block in content(kept, panel))


def test_there_is_no_chart_until_there_is_a_scalar() -> None:
    kept, panel = panel_of("tensors", tags=("w",), others=("w",))
    kept.write(Tensor("mine", "w", 1, 0.0, "float32", (1,), np.zeros(1, np.float32)))
    panel.see(*looked_at(kept))
    assert panel.plots() == []
    kept.write(Scalar("mine", "w", 2, 0.0, 1.0))
    panel.see(*looked_at(kept))
    assert len(panel.plots()) == 1
