"""Conditions are frozen, say in words what holds, and are read from text without evaluating any of it."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np
import pytest

import nbhooks
from nbhooks.model.armed_conditions import LAST, ArmedConditions
from nbhooks.model.conditions import Condition, parse

NAN = np.float32(math.nan)


def holds(condition: Condition, step: int | None = 7, before: int | None = 6, **values: Any) -> str:
    return condition.check(step, {name: np.asarray(value) for name, value in values.items()}, before)


@pytest.mark.parametrize(
    ("op", "met"), [(">", [4]), (">=", [3, 4]), ("<", [2]), ("<=", [2, 3]), ("==", [3]), ("!=", [2, 4])]
)
def test_a_tensor_is_compared(op: str, met: list[int]) -> None:
    condition = nbhooks.break_when("loss", op, 3)
    assert [value for value in (2, 3, 4) if holds(condition, loss=np.float32(value))] == met


def test_a_hit_names_the_condition_and_the_value() -> None:
    assert holds(nbhooks.break_when("loss:0", ">", 3), loss=3.21) == "loss:0 > 3: 3.21"
    assert holds(nbhooks.break_when("norms", ">", 3), norms=[1.0, 4.0, 5.0]) == "norms > 3: 4"


def test_a_value_that_was_not_computed_holds_nothing() -> None:
    assert holds(nbhooks.break_when("loss", ">", 3)) == ""
    assert holds(nbhooks.break_on_nonfinite("loss")) == ""


def test_a_step_is_reached_once() -> None:
    condition = nbhooks.break_at(7)
    assert holds(condition) == "step 7: 7"
    assert holds(condition, step=9, before=5) == "step 7: 9"  # a run may add more than one
    assert holds(condition, step=8, before=7) == ""
    assert holds(condition, step=None) == ""


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, [1.0, math.nan], complex(0, math.nan)])
def test_what_is_not_finite_is_named(value: Any) -> None:
    assert holds(nbhooks.break_on_nonfinite(), a=1.0, b=value).startswith("b is not finite: ")
    assert holds(nbhooks.break_on_nonfinite("a"), a=1.0, b=value) == ""
    assert holds(nbhooks.break_on_nonfinite("b:0"), a=1.0, b=value) != ""


def test_words_and_whole_numbers_are_finite() -> None:
    assert holds(nbhooks.break_on_nonfinite(), a=3, b=True, c=b"nan") == ""


def test_a_function_is_given_the_step_and_the_values() -> None:
    seen = []
    condition = nbhooks.break_if(lambda step, values: seen.append((step, values)) or len(seen) > 1)
    assert holds(condition, a=1.0) == ""
    assert "lambda" in holds(condition, a=1.0)
    assert seen[0] == (7, {"a": np.asarray(1.0)})


def test_an_error_holds_after_no_run() -> None:
    assert holds(nbhooks.break_on_error(), loss=NAN) == ""


def test_conditions_are_frozen_and_compare() -> None:
    first, second = nbhooks.break_when("loss", ">", 3), nbhooks.break_when("loss", ">", 3.0)
    assert first == second
    with pytest.raises(dataclasses.FrozenInstanceError):
        first.number = 4  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("make", "error", "match"),
    [
        (lambda: nbhooks.break_when("loss", "=>", 3), ValueError, "by one of > >= < <= == !=, not by '=>'"),
        (lambda: nbhooks.break_when("loss", ">", "3"), TypeError, "with a number, not with '3'"),
        (lambda: nbhooks.break_when(3, ">", 3), TypeError, "a tensor or its name, not 3"),
        (lambda: nbhooks.break_at(0), ValueError, "at least 1, not 0"),
        (lambda: nbhooks.break_at(1.5), TypeError, "such as 300, not 1.5"),
        (lambda: nbhooks.break_if(3), TypeError, r"a function f\(step, values\), not 3"),
        (lambda: nbhooks.break_on_nonfinite(3), TypeError, "a tensor or its name, not 3"),
    ],
)
def test_bad_input_is_refused(make: Any, error: type[Exception], match: str) -> None:
    with pytest.raises(error, match=match):
        make()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("loss > 3", ("loss", ">", 3.0)),
        ("  scope/loss:1>=-0.5 ", ("scope/loss:1", ">=", -0.5)),
        ("loss<1e-3", ("loss", "<", 0.001)),
        ("loss != nan", ("loss", "!=", math.nan)),
        ("a == inf", ("a", "==", math.inf)),
    ],
)
def test_a_condition_is_read_from_text(text: str, expected: tuple[str, str, float]) -> None:
    read: Any = parse(text)
    assert (read.name, read.op) == expected[:2]
    assert read.number == expected[2] or (math.isnan(read.number) and math.isnan(expected[2]))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "loss",
        "loss >",
        "> 3",
        "loss > 3 or 1",
        "loss > __import__('os')",
        "loss => 3",
        "a b > 3",
        "loss > 3 > 2",
    ],
)
def test_any_other_text_is_refused_and_not_evaluated(text: str) -> None:
    with pytest.raises(ValueError, match="as in 'loss > 3'; given was"):
        parse(text)


def test_a_long_text_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="given was"):
        parse("a" * 100_000 + ">" * 100_000)


# Armed


def check(armed: ArmedConditions, step: int, **values: Any) -> str:
    return armed.check(step, {name: np.asarray(value) for name, value in values.items()})


def test_the_last_values_of_what_held_are_kept() -> None:
    armed = ArmedConditions([nbhooks.break_when("loss", ">", 100)])
    for step in range(1, 31):
        assert check(armed, step, loss=step) == ""
    assert check(armed, 31, loss=101) == "loss > 100: 101"
    assert armed.last == (*((step, float(step)) for step in range(12, 31)), (31, 101.0))
    assert len(armed.last) == LAST
    assert armed.view()[0].note == "loss > 100: 101 at step 31"


def test_a_condition_that_raises_is_switched_off_and_the_others_go_on() -> None:
    armed = ArmedConditions(
        [nbhooks.break_if(lambda _, values: values["missing"]), nbhooks.break_when("loss", ">", 3)]
    )
    assert check(armed, 1, loss=4) == "loss > 3: 4"
    assert [view.on for view in armed.view()] == [False, True]
    assert armed.view()[0].note == "switched off: KeyError: 'missing'"
    assert [type(error) for error in armed.faults.values()] == [KeyError]
    assert check(armed, 2, loss=4) == "loss > 3: 4"


def test_two_that_hold_at_once_are_both_named() -> None:
    armed = ArmedConditions([nbhooks.break_when("a", ">", 0), nbhooks.break_at(3)])
    armed.begin(2)
    assert check(armed, 3, a=1) == "a > 0: 1; step 3: 3"


def test_a_step_that_has_passed_is_not_waited_for() -> None:
    armed = ArmedConditions()
    armed.begin(10)
    armed.add(nbhooks.break_at(5))
    armed.add(nbhooks.break_at(11))
    assert check(armed, 11) == "step 11: 11"


def test_conditions_are_removed_by_themselves_and_by_text() -> None:
    armed = ArmedConditions([nbhooks.break_when("a", ">", 1), nbhooks.break_at(3)])
    assert armed.remove("a > 1")
    assert not armed.remove("a > 1")
    assert armed.remove(nbhooks.break_at(3))
    assert list(armed) == []


def test_what_is_needed_is_known() -> None:
    armed = ArmedConditions([nbhooks.break_on_error()])
    assert (armed.every_run, armed.on_error, armed.names) == (False, True, ())
    armed.add(nbhooks.break_when("a:0", ">", 1))
    armed.add(nbhooks.break_on_nonfinite("a", "b:1"))
    assert (armed.every_run, armed.names) == (True, ("a", "b:1"))
