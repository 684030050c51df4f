"""Holds a recording to its states: how it waits and ends, why, and what is done then."""

import gc
from types import SimpleNamespace

import pytest
from stand_ins import RUN, Coordinator, end, reported, running

from nbhooks.model.events import Event, State
from nbhooks.model.recording import Recording
from nbhooks.model.records import File

# The end, and its reason


def test_a_recording_that_nobody_stopped_finishes_with_its_last_hook() -> None:
    session, _ = running("A", "B")
    session.leave("A")
    assert session.state == "running"
    session.leave("A")
    assert session.state == "running"
    session.leave("B")
    assert session.state == "finished"
    assert reported(session) == ["waiting", "running", "finished"]


def test_the_first_to_ask_for_a_stop_is_named() -> None:
    session, coordinator = running("A", "B")
    session.record_stop("A", 200)
    session.record_stop("B", 201)
    coordinator.stopping = True
    session.leave("A")
    session.leave("B")
    state = session.store.snapshot().state
    assert (session.state, state.reason) == ("stopped", "A")
    events = [record for _, record in session.store.columns().rows(Event) if isinstance(record, Event)]
    assert [(event.kind, event.step, event.detail) for event in events] == [("stop requested", 200, "A")]


@pytest.mark.parametrize("known_from", ["the hook", "the coordinator"])
def test_a_stop_by_somebody_unknown_is_said_as_such(known_from: str) -> None:
    session, coordinator = running()
    coordinator.stopping = known_from == "the coordinator"
    session.begin_run(SimpleNamespace(stop_requested=known_from == "the hook"), lambda: 0)
    session.leave("MyHook")
    assert (session.state, session.store.snapshot().state.reason) == ("stopped", "")
    assert reported(session) == ["waiting", "running", "stop requested", "stopped"]


@pytest.mark.parametrize(
    ("error", "state", "detail"),
    [
        (KeyboardInterrupt(), "interrupted", ""),
        (ZeroDivisionError("x"), "died", "ZeroDivisionError"),
        (SystemExit(), "died", "SystemExit"),
        (None, "died", ""),
    ],
)
def test_a_recording_that_raised_is_dead_or_interrupted(
    error: BaseException | None, state: str, detail: str
) -> None:
    session, _ = running()
    session.die(error)
    assert (session.state, session.store.snapshot().state.reason) == (state, detail)
    session.die(ValueError())
    session.leave("MyHook")
    assert session.state == state


@pytest.mark.parametrize("gone", ["joined", "collected"])
@pytest.mark.parametrize(
    ("error", "state"), [(KeyboardInterrupt(), "interrupted"), (ValueError(), "died"), (None, "died")]
)
def test_a_lost_recording_takes_its_end_from_the_cell(
    gone: str, error: BaseException | None, state: str
) -> None:
    session, coordinator = running()
    assert not session.lost
    if gone == "joined":
        coordinator.joined = True
    else:
        del coordinator
        gc.collect()
    assert session.lost
    session.cell_ended(error)
    assert session.state == state
    assert not session.lost


@pytest.mark.parametrize("runs", [False, True], ids=["created", "running"])
def test_a_recording_that_outlives_its_cell_is_open_and_goes_on(*, runs: bool) -> None:
    session, coordinator = Recording(), Coordinator()
    session.begin_attempt(coordinator, session.join("steps", "MyHook"), lambda: 0)
    if runs:
        session.begin_run(RUN, lambda: 0)
    session.cell_ended(ValueError() if runs else None)
    assert session.state == "open"
    assert not session.joinable
    session.cell_ended(None)
    session.begin_run(RUN, lambda: 0)
    session.begin_run(RUN, lambda: 0)
    assert reported(session)[-2:] == ["open", "running"]
    session.leave("MyHook")
    assert session.state == "finished"


def test_hooks_that_were_only_made_wait_for_a_later_cell() -> None:
    session = Recording()
    session.cell_ended(None)
    assert session.state == "waiting"
    assert session.joinable
    session.cell_ended(ValueError("made wrongly"))
    assert session.state == "died"
    assert not session.joinable


def test_an_ended_recording_stays_as_it_is() -> None:
    session, _ = running()
    session.leave("MyHook")
    session.cell_ended(ValueError())
    session.die(ValueError())
    session.leave("MyHook")
    assert session.state == "finished"


@pytest.mark.parametrize("runs", [0, 1])
def test_a_failure_after_which_no_run_begins_is_the_end(runs: int) -> None:
    session, _coordinator = running()
    session.fail(OSError("the disk is full"))
    for _ in range(runs):
        session.begin_run(SimpleNamespace(stop_requested=False, original_args=RUN.original_args), lambda: 0)
    session.leave("MyHook")
    state = session.store.snapshot().state
    assert (state.phase, state.reason) == (("finished", "") if runs else ("died", "OSError"))


# Waiting


def test_a_wait_and_its_end_are_reported() -> None:
    session, _coordinator = running()
    session.wait("global step 500")
    state = session.store.snapshot().state
    assert (session.state, state.phase, state.reason) == ("waiting", "waiting", "global step 500")
    assert not session.joinable
    session.go_on()
    state = session.store.snapshot().state
    assert (session.state, state.reason) == ("running", "")
    session.leave("MyHook")
    session.wait("nothing any more")
    session.go_on()
    assert session.state == "finished"


def test_a_wait_ends_with_the_recording() -> None:
    session, _coordinator = running()
    session.wait("global step 500")
    session.die(KeyboardInterrupt())
    assert session.state == "interrupted"


# What is done at the end


@pytest.mark.parametrize("how", ["finished", "interrupted", "died"])
def test_finishers_are_called_once_whatever_the_end(how: str) -> None:
    session, _coordinator = running()
    calls = []
    session.at_end(lambda: calls.append((1, session.state, session.step)))
    session.at_end(lambda: calls.append((2, session.state, session.step)))
    assert calls == []
    end(session, how)
    end(session, "died")
    session.cell_ended(ValueError())
    assert calls == [(1, "running", 0), (2, "running", 0)]
    assert session.state == how
    again = Coordinator()  # a slow recovery
    session.begin_attempt(again, "MyHook", lambda: 0)
    session.leave("MyHook")
    assert session.state == "finished"
    assert len(calls) == 2


@pytest.mark.parametrize("how", ["finished", "died"])
def test_a_finisher_that_raises_is_warned_of_and_the_others_run(how: str) -> None:
    session, _coordinator = running()
    calls = []

    def broken() -> None:
        raise ZeroDivisionError("no end")

    for finish in (lambda: calls.append(1), broken, lambda: calls.append(2)):
        session.at_end(finish)
    with pytest.warns(RuntimeWarning, match="ZeroDivisionError: no end"):
        end(session, how)
    assert calls == [1, 2]
    assert session.state == how
    faults = [
        event.detail for _, event in session.store.columns().rows(Event) if not isinstance(event, State)
    ]
    assert len(faults) == 1
    assert "no end" in faults[0]


def test_what_a_finisher_writes_is_before_the_last_state() -> None:
    session, _coordinator = running()
    session.at_end(lambda: session.write(File("MyHook", "/logs/a", 1, 0.0, 5)))
    versions = []
    session.at_end(lambda: versions.append(session.store.version))
    session.leave("MyHook")
    assert session.store.version == versions[0] + 1
    assert session.store.snapshot().sources[0].every(File)[0].size == 5
