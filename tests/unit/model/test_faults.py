"""Holds whatever fails while something is reported to stay away from the training."""

from __future__ import annotations

import warnings
from typing import Any

import pytest
from stand_ins import fail, faults

from nbhooks.model.recording import Recording
from nbhooks.model.records import Scalar

SURROGATE = "loss \ud800"


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_store_that_fails_does_not_reach_who_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    session = Recording()
    name = session.join("tensors", "mine")
    monkeypatch.setattr(session.store, "write", fail)
    session.write(Scalar(name, "loss", 1, 1.0, 1.0))
    session.report_fault("a panel", ValueError("x"))
    session.record_stop(name, 1)
    session.wait("data")
    session.die(ValueError("x"))
    assert session.state == "died"


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_store_that_fails_is_reported_when_it_can_be(monkeypatch: pytest.MonkeyPatch) -> None:
    session = Recording()
    name = session.join("tensors", "mine")
    write, failures = session.store.write, [1]

    def once(record: Any) -> None:
        if failures:
            failures.pop()
            fail()
        write(record)

    monkeypatch.setattr(session.store, "write", once)
    session.write(Scalar(name, "loss", 1, 1.0, 1.0))
    assert faults(session) == [
        "the store failed with FailingError: the disk is full; training goes on without it"
    ]


def test_what_the_caller_got_wrong_is_raised() -> None:
    with pytest.raises(TypeError, match="takes records"):
        Recording().write("no record")  # type: ignore[arg-type]
    with pytest.raises(KeyError, match="stranger"):
        Recording().write(Scalar("stranger", "loss", 1, 1.0, 1.0))


class UnprintableError(Exception):
    def __str__(self) -> str:
        raise ValueError("no words")


@pytest.mark.parametrize("action", ["error", "default"])
def test_reporting_a_fault_never_raises(action: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    session = Recording()
    with warnings.catch_warnings():
        warnings.simplefilter(action)
        monkeypatch.setattr(warnings, "showwarning", fail)
        session.report_fault("the first", ValueError("x"))
        session.report_fault("the second", UnprintableError())
    assert ["Unprintable" in fault for fault in faults(session)] == [False, True]


def test_a_fault_with_a_lone_surrogate_can_be_sent() -> None:
    session = Recording()
    with pytest.warns(RuntimeWarning, match="ud800"):
        session.report_fault("a panel", ValueError(SURROGATE))
    faults(session)[0].encode("utf-8")
