"""Holds a session to its life: who joins it, how it ends, and who hears of it."""

import gc
import threading
import warnings
import weakref
from collections.abc import Callable
from types import SimpleNamespace

import pytest

from nbhooks.model import registry
from nbhooks.model.control import Control
from nbhooks.model.recording import Recording
from nbhooks.model.records import Attempt, Event, Scalar, Source, State
from nbhooks.model.registry import Host

RUN = SimpleNamespace(stop_requested=False, original_args=SimpleNamespace(fetches="train_op"))


class Graph:
    """Something that can be held weakly."""


class Coordinator:
    def __init__(self) -> None:
        self.joined = False
        self.stopping = False

    def should_stop(self) -> bool:
        return self.stopping


class Ear:
    """A sink that keeps what it is given."""

    def __init__(self) -> None:
        self.records = []

    def write(self, record: object) -> None:
        self.records.append(record)


class Board(Ear):
    """A sink that wants whole sessions."""

    def __init__(self) -> None:
        super().__init__()
        self.shown = []

    def show(self, session: Recording) -> None:
        self.shown.append(session)


class Watcher:
    def __init__(self) -> None:
        self.heard = []

    def joined(self, source: Source) -> None:
        self.heard.append(source.source)

    def ended(self) -> None:
        self.heard.append("ended")


@pytest.fixture(autouse=True)
def openers(monkeypatch: pytest.MonkeyPatch) -> list[Callable[[Recording], object]]:
    """Give each test a list of openers of its own: the package's would show sessions on a dashboard."""
    mine = []
    monkeypatch.setattr(registry, "_openers", mine)
    return mine


def running(*hooks: str, step: int = 0) -> tuple[Recording, Coordinator]:
    session, coordinator = Recording(), Coordinator()
    for hook in hooks or ("MyHook",):
        session.begin_attempt(coordinator, session.join("steps", hook), lambda: step)
    session.begin_run(RUN, lambda: 0)
    return session, coordinator


def told(session: Recording) -> list[str]:
    """Every state and event, in order."""
    records = [record for _, record in session.store.columns().events]
    return [record.phase.value if isinstance(record, State) else record.kind for record in records]


# Finding each other


def test_hooks_of_one_graph_share_a_session_until_it_is_created() -> None:
    graph, coordinator = Graph(), Coordinator()
    first = registry.join(graph)
    assert registry.join(graph) is first
    assert registry.join(Graph()) is not first
    first.begin_attempt(coordinator, "MyHook", lambda: 0)
    later = registry.join(graph)
    assert later is not first
    assert registry.join(graph) is later


def test_a_session_that_ended_before_it_was_created_is_not_joined() -> None:
    graph = Graph()
    first = registry.join(graph)
    first.cell_ended(RuntimeError())
    assert first.state == "died"
    assert registry.join(graph) is not first


def test_a_session_lives_as_long_as_a_hook_or_board_holds_it() -> None:
    graph = Graph()
    held = registry.join(graph)
    session = weakref.ref(held)
    gc.collect()
    assert registry.current(graph) is session() is not None
    del held
    gc.collect()
    assert session() is None
    assert registry.current(graph) is None


def test_a_session_that_refers_to_its_graph_does_not_keep_it_alive() -> None:
    graph, coordinator = Graph(), Coordinator()
    session = registry.join(graph)
    session.begin_attempt(coordinator, "MyHook", lambda: 0)
    session.run_context = graph  # as a run context does, by its session
    gone = weakref.ref(graph)
    del graph, session
    gc.collect()
    assert gone() is None


def test_a_session_holds_neither_graph_nor_coordinator() -> None:
    graph, coordinator = Graph(), Coordinator()
    session = registry.join(graph)
    session.begin_attempt(coordinator, "MyHook", lambda: 0)
    gone = weakref.ref(graph), weakref.ref(coordinator)
    del graph, coordinator
    gc.collect()
    assert [reference() for reference in gone] == [None, None]
    assert session.lost


def test_threads_that_ask_at_once_find_one_session() -> None:
    graph, found, start = Graph(), [], threading.Barrier(8)

    def ask() -> None:
        start.wait()
        found.append(registry.join(graph))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(map(id, found))) == 1


def test_names_are_made_unique() -> None:
    session = Recording()
    assert [session.join("steps", "A") for _ in range(3)] == ["A", "A 2", "A 3"]
    session.write(Source("B", "steps"))
    session.write(Source("B 2", "steps"))
    assert session.join("nan", "B", tags=("loss",)) == "B 3"
    assert session.store.snapshot().sources[-1].detail == {"tags": ("loss",)}


# Who is told


def test_openers_are_told_once_of_each_session(openers: list[Callable[[Recording], object]]) -> None:
    opened = []
    registry.on_open(opened.append)
    registry.on_open(opened.append)
    graph = Graph()
    session = registry.join(graph)
    registry.join(graph)
    assert opened == [session]
    assert len(openers) == 1


def test_a_host_shows_the_session_itself_and_no_opener_does() -> None:
    opened, board = [], Board()
    registry.on_open(opened.append)
    graph = Graph()
    session = registry.join(graph, board)
    assert registry.join(graph) is session  # another hook, which has no board: it is shown already
    assert (board.shown, opened) == ([session], [])
    session.write(Source("mine", "steps"))
    assert board.records == []  # it looks at the session's store
    assert isinstance(board, Host)
    assert not isinstance(Ear(), Host)


def test_a_plain_sink_is_fed_every_record_once_and_the_session_is_opened_all_the_same() -> None:
    opened, ear = [], Ear()
    registry.on_open(opened.append)
    graph = Graph()
    session = registry.join(graph, ear)
    registry.join(graph, ear)
    session.join("steps", "MyHook")
    session.write(Scalar("MyHook", "loss", 1, 0.0, 2.0))
    assert opened == [session]
    assert [type(record).__name__ for record in ear.records] == ["Source", "Scalar"]


def test_an_opener_that_raises_is_reported_and_the_others_are_called() -> None:
    opened = []

    def broken(_: Recording) -> None:
        raise ValueError("no room")

    registry.on_open(broken)
    registry.on_open(opened.append)
    with pytest.warns(RuntimeWarning, match="the dashboard failed with ValueError: no room") as warned:
        session = registry.join(Graph())
    assert len(warned) == 1
    assert opened == [session]
    assert told(session) == ["waiting", "fault"]


def test_a_sink_that_raises_is_reported_once_and_the_others_are_fed() -> None:
    class Broken:
        def write(self, _: object) -> None:
            raise OSError("disk full")

    session, ear = Recording(), Ear()
    session.add_sink(Broken())
    session.add_sink(ear)
    with pytest.warns(RuntimeWarning, match=r"sink Broken failed with OSError: disk full.*goes on") as warned:
        session.join("steps", "MyHook")
    assert len(warned) == 1
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        session.write(Scalar("MyHook", "loss", 1, 0.0, 2.0))
    assert [type(record).__name__ for record in ear.records] == ["Source", "Scalar"]
    assert told(session).count("fault") == 1
    assert session.store.snapshot().sources[0].series["loss"].count == 1


def test_watchers_hear_of_sources_and_of_the_end() -> None:
    session, watcher = Recording(), Watcher()
    session.join("steps", "before")
    session.add_observer(watcher)
    session.join("steps", "MyHook")
    session.die(ValueError())
    session.die(ValueError())
    assert watcher.heard == ["MyHook", "ended"]


def test_a_watcher_that_raises_does_not_keep_the_others_from_hearing() -> None:
    session, watcher = Recording(), Watcher()
    session.add_observer(SimpleNamespace())  # it has none of the methods
    session.add_observer(watcher)
    with pytest.warns(RuntimeWarning, match="the dashboard failed with AttributeError"):
        session.join("steps", "MyHook")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        session.die()
    assert watcher.heard == ["MyHook", "ended"]


# States


def test_a_session_that_nobody_stopped_finishes_with_its_last_hook() -> None:
    session, _ = running("A", "B")
    session.leave("A")
    assert session.state == "running"
    session.leave("A")
    assert session.state == "running"
    session.leave("B")
    assert session.state == "finished"
    assert told(session) == ["waiting", "running", "finished"]


def test_the_first_to_ask_for_a_stop_is_named() -> None:
    session, coordinator = running("A", "B")
    session.record_stop("A", 200)
    session.record_stop("B", 201)
    coordinator.stopping = True
    session.leave("A")
    session.leave("B")
    state = session.store.snapshot().state
    assert (session.state, state.detail) == ("stopped", "A")
    events = [record for _, record in session.store.columns().events if isinstance(record, Event)]
    assert [(event.kind, event.step, event.detail) for event in events] == [("stop requested", 200, "A")]


@pytest.mark.parametrize("known_from", ["the hook", "the coordinator"])
def test_a_stop_by_somebody_unknown_is_said_as_such(known_from: str) -> None:
    session, coordinator = running()
    coordinator.stopping = known_from == "the coordinator"
    session.begin_run(SimpleNamespace(stop_requested=known_from == "the hook"), lambda: 0)
    session.leave("MyHook")
    assert (session.state, session.store.snapshot().state.detail) == ("stopped", "")
    assert told(session) == ["waiting", "running", "stop requested", "stopped"]


@pytest.mark.parametrize(
    ("error", "state", "detail"),
    [
        (KeyboardInterrupt(), "interrupted", ""),
        (ZeroDivisionError("x"), "died", "ZeroDivisionError"),
        (SystemExit(), "died", "SystemExit"),
        (None, "died", ""),
    ],
)
def test_a_session_that_raised_is_dead_or_interrupted(
    error: BaseException | None, state: str, detail: str
) -> None:
    session, _ = running()
    session.die(error)
    assert (session.state, session.store.snapshot().state.detail) == (state, detail)
    session.die(ValueError())
    session.leave("MyHook")
    assert session.state == state


@pytest.mark.parametrize("gone", ["joined", "collected"])
@pytest.mark.parametrize(
    ("error", "state"), [(KeyboardInterrupt(), "interrupted"), (ValueError(), "died"), (None, "died")]
)
def test_a_lost_session_takes_its_end_from_the_cell(
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
def test_a_session_that_outlives_its_cell_is_open_and_goes_on(*, runs: bool) -> None:
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
    assert told(session)[-2:] == ["open", "running"]
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


def test_an_ended_session_stays_as_it_is() -> None:
    session, _ = running()
    session.leave("MyHook")
    session.cell_ended(ValueError())
    session.die(ValueError())
    session.leave("MyHook")
    assert session.state == "finished"


def test_the_end_lets_go_of_the_front_end_and_of_the_graph() -> None:
    graph, coordinator = Graph(), Coordinator()
    session = registry.join(graph)
    served = []
    session.control.poll = lambda: served.append(1)
    session.begin_attempt(coordinator, "MyHook", lambda: 0)
    session.control.between_steps()
    session.die()
    session.control.between_steps()
    assert served == [1]
    assert registry.current(graph) is None


def test_a_control_serves_nobody_at_first() -> None:
    control = Control()
    control.between_steps()
    with pytest.raises(AttributeError):
        control.wish = None


def test_a_recovery_is_another_attempt() -> None:
    session, coordinator = running("A", "B", step=10)
    session.record_stop("A", 12)
    coordinator.joined = True
    assert session.lost
    another = Coordinator()
    assert session.begin_attempt(another, "A", lambda: 7) is True
    assert session.begin_attempt(another, "B", lambda: 99) is False
    assert not session.lost
    assert session.step == 7
    assert session.state == "running"
    snapshot = session.store.snapshot()
    assert (snapshot.attempts, snapshot.restarts) == (2, (7,))
    session.leave("A")
    assert session.state == "running"
    session.leave("B")
    assert session.state == "finished"  # the stop was of the attempt before


def test_a_recovery_after_the_session_was_taken_for_dead() -> None:
    session, coordinator = running()
    coordinator.joined = True
    session.die()
    another = Coordinator()
    session.begin_attempt(another, "MyHook", lambda: 3)
    assert session.state == "waiting"
    assert not session.joinable
    session.begin_run(RUN, lambda: 0)
    session.leave("MyHook")
    assert told(session) == ["waiting", "running", "died", "waiting", "running", "finished"]


def test_the_first_of_the_hooks_leads() -> None:
    session, coordinator, reads = Recording(), Coordinator(), []

    def read() -> int:
        reads.append(1)
        return 5

    led = [session.begin_attempt(coordinator, hook, read) for hook in "ABC"]
    assert led == [True, False, False]
    assert len(reads) == 1
    assert session.store.snapshot().attempts == 1


def test_a_session_without_a_global_step() -> None:
    ear, session, coordinator = Ear(), Recording(), Coordinator()
    session.add_sink(ear)
    session.begin_attempt(coordinator, session.join("steps", "MyHook"), lambda: None)
    assert session.step is None
    assert next(record for record in ear.records if isinstance(record, Attempt)).step is None
