"""Holds a recording to those who take part: its hooks and their attempts, its sinks and its observers."""

import gc
import warnings
from types import SimpleNamespace

import pytest
from stand_ins import RUN, Coordinator, ListSink, end, reported, running

from nbhooks.model.recording import Recording
from nbhooks.model.records import Attempt, Scalar, Source

# Hooks and attempts


def test_names_are_made_unique() -> None:
    session = Recording()
    assert [session.join("steps", "A") for _ in range(3)] == ["A", "A 2", "A 3"]
    session.write(Source("B", "steps"))
    session.write(Source("B 2", "steps"))
    assert session.join("nan", "B", tags=("loss",)) == "B 3"
    assert session.store.snapshot().sources[-1].detail == {"tags": ("loss",)}


def test_who_is_in_a_recording() -> None:
    session, coordinator = Recording(), Coordinator()
    one, other = session.join("steps", "A"), session.join("steps", "B")
    assert not session.present(one)
    for source in (one, other):
        session.begin_attempt(coordinator, source, lambda: 0)
    assert session.present(one)
    assert not session.present("C")
    session.leave(one)
    assert (session.present(one), session.present(other)) == (False, True)
    coordinator.joined = True
    assert not session.present(other)


@pytest.mark.parametrize("how", ["finished", "died", "gone"])
def test_nobody_is_in_a_recording_that_is_over(how: str) -> None:
    session, coordinator = running()
    assert session.present("MyHook")
    if how == "gone":
        del coordinator
        gc.collect()
    else:
        end(session, how)
    assert not session.present("MyHook")


def test_the_first_hook_begins_the_attempt() -> None:
    session, coordinator, reads = Recording(), Coordinator(), []

    def read() -> int:
        reads.append(1)
        return 5

    for hook in "ABC":
        session.begin_attempt(coordinator, hook, read)
        assert session.leader == ("" if hook == "A" else "A")
        session.leader = session.leader or hook
    assert len(reads) == 1
    assert session.store.snapshot().attempts == 1


def test_a_recording_without_a_global_step() -> None:
    sink, session, coordinator = ListSink(), Recording(), Coordinator()
    session.add_sink(sink)
    session.begin_attempt(coordinator, session.join("steps", "MyHook"), lambda: None)
    assert session.step is None
    assert [attempt.step for attempt in sink.of(Attempt)] == [None]


def test_a_recovery_is_another_attempt() -> None:
    session, coordinator = running("A", "B", step=10)
    session.record_stop("A", 12)
    coordinator.joined = True
    assert session.lost
    another = Coordinator()
    session.leader = "A"
    session.begin_attempt(another, "A", lambda: 7)
    assert session.leader == ""
    session.begin_attempt(another, "B", lambda: 99)
    assert not session.lost
    assert session.step == 7
    assert session.state == "running"
    snapshot = session.store.snapshot()
    assert (snapshot.attempts, snapshot.restarts) == (2, (7,))
    session.leave("A")
    assert session.state == "running"
    session.leave("B")
    assert session.state == "finished"  # the stop was of the attempt before


def test_a_recovery_after_the_recording_was_taken_for_dead() -> None:
    session, coordinator = running()
    coordinator.joined = True
    session.die()
    another = Coordinator()
    session.begin_attempt(another, "MyHook", lambda: 3)
    assert session.state == "waiting"
    assert not session.joinable
    session.begin_run(RUN, lambda: 0)
    session.leave("MyHook")
    assert reported(session) == ["waiting", "running", "died", "waiting", "running", "finished"]


# Sinks and observers


class Observer:
    """An observer that keeps what it was called with."""

    def __init__(self) -> None:
        self.calls: list[str] = []

    def joined(self, source: Source) -> None:
        self.calls.append(source.source)

    def ended(self) -> None:
        self.calls.append("ended")


def test_a_sink_that_raises_is_reported_once_and_the_others_are_fed() -> None:
    class Broken:
        def write(self, _: object) -> None:
            raise OSError("disk full")

    session, sink = Recording(), ListSink()
    session.add_sink(Broken())
    session.add_sink(sink)
    with pytest.warns(RuntimeWarning, match=r"sink Broken failed with OSError: disk full.*goes on") as warned:
        session.join("steps", "MyHook")
    assert len(warned) == 1
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        session.write(Scalar("MyHook", "loss", 1, 0.0, 2.0))
    assert [type(record).__name__ for record in sink.records] == ["Source", "Scalar"]
    assert reported(session).count("fault") == 1
    assert session.store.snapshot().sources[0].series["loss"].count == 1


def test_observers_are_called_for_sources_and_at_the_end() -> None:
    session, observer = Recording(), Observer()
    session.join("steps", "before")
    session.add_observer(observer)
    session.join("steps", "MyHook")
    session.die(ValueError())
    session.die(ValueError())
    assert observer.calls == ["MyHook", "ended"]


def test_an_observer_that_raises_does_not_keep_the_others_from_being_called() -> None:
    session, observer = Recording(), Observer()
    session.add_observer(SimpleNamespace())  # it has none of the methods
    session.add_observer(observer)
    with pytest.warns(RuntimeWarning, match="the dashboard failed with AttributeError"):
        session.join("steps", "MyHook")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        session.die()
    assert observer.calls == ["MyHook", "ended"]
