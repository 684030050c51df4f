"""Holds the registry to its promise: hooks of one graph find one recording, and it is shown once."""

import gc
import threading
import weakref
from collections.abc import Callable

import pytest
from stand_ins import Coordinator, Graph, ListSink, reported

from nbhooks.model import registry
from nbhooks.model.recording import Recording
from nbhooks.model.records import Scalar, Source
from nbhooks.model.registry import Host

# Finding each other


def test_hooks_of_one_graph_share_a_recording_until_it_is_created() -> None:
    graph, coordinator = Graph(), Coordinator()
    first = registry.join(graph)
    assert registry.join(graph) is first
    assert registry.join(Graph()) is not first
    first.begin_attempt(coordinator, "MyHook", lambda: 0)
    later = registry.join(graph)
    assert later is not first
    assert registry.join(graph) is later


def test_a_recording_that_ended_before_it_was_created_is_not_joined() -> None:
    graph = Graph()
    first = registry.join(graph)
    first.cell_ended(RuntimeError())
    assert first.state == "died"
    assert registry.join(graph) is not first


def test_the_recording_of_a_graph_is_found_until_it_ends() -> None:
    graph = Graph()
    assert registry.current(graph) is None
    session = registry.join(graph)
    assert registry.current(graph) is session
    assert registry.current(Graph()) is None
    session.begin_attempt(coordinator := Coordinator(), session.join("steps", "MyHook"), lambda: 0)
    assert registry.current(graph) is session
    session.leave("MyHook")
    assert registry.current(graph) is None
    assert not coordinator.joined


def test_a_recording_lives_as_long_as_a_hook_or_board_holds_it() -> None:
    graph = Graph()
    held = registry.join(graph)
    session = weakref.ref(held)
    gc.collect()
    assert registry.current(graph) is session() is not None
    del held
    gc.collect()
    assert session() is None
    assert registry.current(graph) is None


def test_a_recording_that_refers_to_its_graph_does_not_keep_it_alive() -> None:
    graph, coordinator = Graph(), Coordinator()
    session = registry.join(graph)
    session.begin_attempt(coordinator, "MyHook", lambda: 0)
    session.run_context = graph  # as a run context does, by its session
    gone = weakref.ref(graph)
    del graph, session
    gc.collect()
    assert gone() is None


def test_a_recording_holds_neither_graph_nor_coordinator() -> None:
    graph, coordinator = Graph(), Coordinator()
    session = registry.join(graph)
    session.begin_attempt(coordinator, "MyHook", lambda: 0)
    gone = weakref.ref(graph), weakref.ref(coordinator)
    del graph, coordinator
    gc.collect()
    assert [reference() for reference in gone] == [None, None]
    assert session.lost


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


def test_threads_that_ask_at_once_find_one_recording() -> None:
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


# Where it is shown


class ListHost(ListSink):
    """A sink that is given whole recordings, and keeps them, too."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: list[Recording] = []

    def show(self, recording: Recording) -> None:
        self.shown.append(recording)


def test_openers_are_called_once_for_each_recording(openers: list[Callable[[Recording], object]]) -> None:
    opened = []
    registry.on_open(opened.append)
    registry.on_open(opened.append)
    graph = Graph()
    session = registry.join(graph)
    registry.join(graph)
    assert opened == [session]
    assert len(openers) == 1


def test_a_host_shows_the_recording_itself_and_no_opener_does() -> None:
    opened, board = [], ListHost()
    registry.on_open(opened.append)
    graph = Graph()
    session = registry.join(graph, board)
    assert registry.join(graph) is session  # another hook, which has no board: it is shown already
    assert (board.shown, opened) == ([session], [])
    session.write(Source("mine", "steps"))
    assert board.records == []  # it looks at the session's store
    assert isinstance(board, Host)
    assert not isinstance(ListSink(), Host)


def test_a_plain_sink_takes_every_record_once_and_the_recording_is_opened_all_the_same() -> None:
    opened, sink = [], ListSink()
    registry.on_open(opened.append)
    graph = Graph()
    session = registry.join(graph, sink)
    registry.join(graph, sink)
    session.join("steps", "MyHook")
    session.write(Scalar("MyHook", "loss", 1, 0.0, 2.0))
    assert opened == [session]
    assert [type(record).__name__ for record in sink.records] == ["Source", "Scalar"]


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
    assert reported(session) == ["waiting", "fault"]
