"""Holds whatever fails while something is shown or reported to stay away from the training and the cell."""

from __future__ import annotations

import warnings
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from nbhooks.model.lifecycle import Phase
from nbhooks.model.recording import Recording
from nbhooks.model.records import Attempt, Line, Scalar, Source, State, Tensor
from nbhooks.view.dashboard import Dashboard
from nbhooks.view.renderer import InlineRenderer

if TYPE_CHECKING:
    from collections.abc import Iterator

SURROGATE = "loss \ud800"


class FailingRenderer(InlineRenderer):
    """A renderer whose thread cannot be started."""

    def request(self) -> None:
        raise RuntimeError("can't start new thread")


class UnprintableError(Exception):
    def __str__(self) -> str:
        raise ValueError("no words")


class FailingError(OSError):
    pass


@pytest.fixture
def board() -> Iterator[Dashboard]:
    made = Dashboard(renderer=InlineRenderer)
    yield made
    made.close()


def faults(session: Recording) -> list[str]:
    return [
        event.detail for _, event in session.store.columns().events if getattr(event, "kind", "") == "fault"
    ]


def fail(*_: object, **__: object) -> Any:
    raise FailingError("the disk is full")


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


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_renderer_that_cannot_be_asked_does_not_reach_who_writes() -> None:
    board, session = Dashboard(renderer=FailingRenderer), Recording()
    board.show(session)
    session.write(Source("mine", "tensors"))
    session.write(Scalar("mine", "loss", 1, 1.0, 1.0))
    session.write(State(Phase.RUNNING, 1, 1.0))
    board.refresh()
    assert [fault for fault in faults(session) if "can't start new thread" in fault]
    assert len(faults(session)) == 1
    board.close()


@pytest.mark.parametrize("action", ["error", "default"])
def test_reporting_a_fault_never_raises(action: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    session = Recording()
    with warnings.catch_warnings():
        warnings.simplefilter(action)
        monkeypatch.setattr(warnings, "showwarning", fail)
        session.report_fault("the first", ValueError("x"))
        session.report_fault("the second", UnprintableError())
    assert ["Unprintable" in fault for fault in faults(session)] == [False, True]


def test_a_section_that_fails_leaves_the_others_drawn(
    board: Dashboard, monkeypatch: pytest.MonkeyPatch
) -> None:
    sessions = [Recording(), Recording()]
    for session in sessions:
        board.show(session)
        session.join("steps", "StepCounterHook")
    monkeypatch.setattr(board._sections[0]._status, "draw", fail)
    with pytest.warns(RuntimeWarning, match="the disk is full"):
        board.refresh()
    assert len(faults(sessions[0])) == 1
    assert board._sections[1].panels[0].plots()


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("what", ["flush", "close", "renew_picture", "cell_ended"])
def test_a_cell_ends_well_whatever_fails(
    board: Dashboard, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, left = Recording(), []
    board.show(session)
    session.write(State(Phase.FINISHED, 1, 1.0))
    monkeypatch.setattr(board.place, "leave", lambda: left.append(True))
    with monkeypatch.context() as during:
        if what in ("flush", "close"):
            during.setattr(board._renderer, what, fail)
        elif what == "renew_picture":
            during.setattr(board, what, fail)
        else:
            during.setattr(session, what, fail)
        board.place._cell_ends(SimpleNamespace(error_in_exec=None))
    assert left


def test_a_board_leaves_its_cell_though_the_pump_does_not_close(
    board: Dashboard, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = []
    monkeypatch.setattr(board.place, "leave", lambda: left.append(True))
    monkeypatch.setattr(board.place, "_pump", SimpleNamespace(close=fail))
    with pytest.raises(FailingError):
        board.place._cell_ends(SimpleNamespace(error_in_exec=None))
    assert left


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_leaving_the_block_of_a_board_that_cannot_draw_does_not_raise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    board = Dashboard(renderer=InlineRenderer)
    with monkeypatch.context() as during:
        with board:
            board.show(Recording())
            during.setattr(board._renderer, "flush", fail)
        board.close()
    assert board._closed


def test_a_lone_surrogate_is_shown_as_what_it_is(board: Dashboard) -> None:
    session = Recording(SURROGATE)
    board.show(session)
    for kind in ("steps", "tensors", "summaries", "nan", "results", "feeds"):
        session.write(Source(kind + SURROGATE, kind, {"tags": (SURROGATE,), "others": (SURROGATE,)}))
    session.write(Attempt(1.0, 0))
    for kind in ("steps", "tensors", "summaries", "nan", "results"):
        session.write(Scalar(kind + SURROGATE, SURROGATE, 1, 1.0, float("nan")))
        words = Tensor(
            kind + SURROGATE, f"words {SURROGATE}", 1, 1.0, "string", (1,), np.array([SURROGATE], object)
        )
        session.write(words)
    session.write(Line("tensors" + SURROGATE, 1, 1.0, SURROGATE))
    session.write(State(Phase.DIED, 1, 1.0, SURROGATE))
    board.refresh()
    board._sections[0].panels[0].fail(ValueError(SURROGATE))
    assert not faults(session)
    sent = [str(one) for widget in every(board._widget) for one in widget.get_state().values()]
    for one in (
        *sent,
        board._static(),
        *(panel.chart.title for panel in board._sections[0].panels if panel.chart),
    ):
        one.encode("utf-8")
    assert "\\ud800" in board._static()


def every(widget: Any) -> list[Any]:
    return [widget, *(one for child in getattr(widget, "children", ()) for one in every(child))]


def test_a_fault_with_a_lone_surrogate_can_be_sent() -> None:
    session = Recording()
    with pytest.warns(RuntimeWarning, match="ud800"):
        session.report_fault("a panel", ValueError(SURROGATE))
    faults(session)[0].encode("utf-8")
