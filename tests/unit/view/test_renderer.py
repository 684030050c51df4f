"""Holds the renderer to its promises: never too often, never twice at once, never a thread left behind."""

import itertools
import threading
from collections.abc import Callable

import pytest
from stand_ins import Clock

from nbhooks.view import renderer as room
from nbhooks.view.renderer import Drawing, InlineRenderer, Renderer

SOON = 10
"""Seconds after which a thread that should have come is not coming."""


class Flag:
    """Stands in for an Event: it never blocks, notes how long it should have, and lets things happen then."""

    def __init__(self, *, during: Callable[[], object] = lambda: None) -> None:
        self.waits, self.set_now, self.during = [], False, during

    def is_set(self) -> bool:
        return self.set_now

    def set(self) -> None:
        self.set_now = True

    def clear(self) -> None:
        self.set_now = False

    def wait(self, seconds: float) -> bool:
        self.waits.append(seconds)
        self.during()
        return self.set_now


def worked(
    cost: float,
    rounds: int,
    *,
    between: Callable[[Renderer], object] = lambda _: None,
    draw: Callable[[], object] = lambda: None,
) -> tuple[Flag, Flag, list]:
    """Let a renderer work on this thread, by a clock on which a drawing takes `cost` seconds."""
    clock, drawn = Clock(), []

    def drawing() -> None:
        draw()
        clock.now += cost
        drawn.append(clock.now)

    renderer = Renderer(drawing, clock)
    renderer._thread = threading.current_thread()  # so that no other is started

    def pause() -> None:
        clock.now += closed.waits[-1]
        between(renderer)
        if len(closed.waits) == rounds:
            closed.set()

    closed, renderer._requested = Flag(during=pause), Flag()
    renderer._work(closed)
    return closed, renderer._requested, drawn


def test_a_cheap_drawing_is_made_ten_times_a_second_at_most() -> None:
    closed, _, drawn = worked(0.0001, 5, between=lambda renderer: renderer.request())
    assert closed.waits == pytest.approx([room.INTERVAL - 0.0001] * 5)
    assert len(drawn) == 5
    assert all(later - earlier >= room.INTERVAL - 1e-9 for earlier, later in itertools.pairwise(drawn))
    assert room.INTERVAL == 0.1


def test_a_dear_drawing_takes_no_more_than_its_share() -> None:
    closed, _, _ = worked(0.5, 3, between=lambda renderer: renderer.request())
    assert all(0.5 / (0.5 + wait) <= room.SHARE for wait in closed.waits)
    assert closed.waits == pytest.approx([0.5 / room.SHARE] * 3)


def test_it_draws_without_a_request_at_its_longest_interval() -> None:
    _, requested, drawn = worked(0.0, 3)
    assert requested.waits == [room.HEARTBEAT] * 3
    assert len(drawn) == 3


def test_requests_coalesce_into_one_drawing() -> None:
    _, _, drawn = worked(0.0, 4, between=lambda renderer: [renderer.request() for _ in range(100)])
    assert len(drawn) == 4


def test_a_request_during_a_drawing_is_not_lost() -> None:
    left = []

    def between(renderer: Renderer) -> None:
        left.append(renderer._requested.is_set())

    holder = []

    def draw() -> None:
        if len(left) == 0:
            holder[0].request()

    clock = Clock()
    renderer = Renderer(draw, clock)
    holder.append(renderer)
    renderer._thread = threading.current_thread()

    def pause() -> None:
        between(renderer)
        if len(left) == 2:
            closed.set()

    closed, renderer._requested = Flag(during=pause), Flag()
    renderer._work(closed)
    assert left == [True, False]


def test_a_renderer_that_is_closed_while_it_waits_draws_no_more() -> None:
    drawn = []
    renderer = Renderer(lambda: drawn.append(1))
    closed = Flag()
    renderer._requested = Flag(during=closed.set)
    renderer._work(closed)
    assert drawn == []


# With real threads


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let only requests cause drawings, and those at once."""
    monkeypatch.setattr(room, "INTERVAL", 0.0)
    monkeypatch.setattr(room, "SHARE", 1e9)
    monkeypatch.setattr(room, "HEARTBEAT", 1e6)


def own_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "nbhooks renderer"]


@pytest.mark.usefixtures("quick")
def test_it_draws_on_a_thread_of_its_own_which_ends_with_close() -> None:
    drawn, threads = threading.Event(), []

    def draw() -> None:
        threads.append(threading.current_thread())
        drawn.set()

    renderer = Renderer(draw)
    assert own_threads() == []
    renderer.request()
    assert drawn.wait(SOON)
    assert threads == own_threads()
    assert threads[0].daemon
    assert threads[0] is not threading.current_thread()
    renderer.close()
    assert own_threads() == []
    renderer.close()


@pytest.mark.usefixtures("quick")
def test_a_renderer_never_asked_has_no_thread_and_can_be_closed() -> None:
    renderer = Renderer(lambda: None)
    renderer.close()
    renderer.flush()
    assert own_threads() == []


@pytest.mark.usefixtures("quick")
def test_close_waits_for_the_drawing_at_hand() -> None:
    entered, gate, finished = threading.Event(), threading.Event(), []

    def draw() -> None:
        entered.set()
        assert gate.wait(SOON)
        finished.append(1)

    renderer = Renderer(draw)
    renderer.request()
    assert entered.wait(SOON)
    thread = renderer._thread
    join = thread.join

    def opening_join() -> None:
        gate.set()  # not before a thread waits for it
        join()

    thread.join = opening_join
    try:
        renderer.close()
        assert not thread.is_alive()
        assert finished == [1]
    finally:
        gate.set()


@pytest.mark.usefixtures("quick")
def test_a_request_after_close_begins_anew() -> None:
    drawn, threads = threading.Semaphore(0), []

    def draw() -> None:
        threads.append(threading.current_thread())
        drawn.release()

    renderer = Renderer(draw)
    for _ in range(3):
        renderer.request()
        assert drawn.acquire(timeout=SOON)
        renderer.close()
    assert len(set(threads)) == 3
    assert own_threads() == []


@pytest.mark.usefixtures("quick")
def test_a_drawing_may_close_the_renderer_it_is_made_by() -> None:
    closed, holder = threading.Event(), []

    def draw() -> None:
        holder[0].close()
        closed.set()

    holder.append(Renderer(draw))
    holder[0].request()
    assert closed.wait(SOON)
    for thread in own_threads():
        thread.join(SOON)
    assert own_threads() == []


@pytest.mark.usefixtures("quick")
def test_requests_from_many_threads_begin_one_thread() -> None:
    gate, start = threading.Event(), threading.Barrier(8)
    renderer = Renderer(gate.wait)

    def ask() -> None:
        start.wait()
        for _ in range(50):
            renderer.request()

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(own_threads()) == 1
    gate.set()
    renderer.close()
    assert own_threads() == []


@pytest.mark.usefixtures("quick")
def test_it_never_draws_twice_at_once() -> None:
    inside, together, overlapped = threading.Lock(), threading.Event(), []
    first_is_in = threading.Event()

    def draw() -> None:
        alone = inside.acquire(blocking=False)
        if not alone:
            overlapped.append(1)
            together.set()
            return
        if not first_is_in.is_set():
            first_is_in.set()
            together.wait(0.3)  # room for the other thread to come in; it must not
        inside.release()

    renderer = Renderer(draw)
    renderer.request()
    assert first_is_in.wait(SOON)
    for _ in range(20):
        renderer.request()
        renderer.flush()
    renderer.close()
    assert overlapped == []


def test_flush_draws_on_the_calling_thread() -> None:
    threads = []
    renderer = Renderer(lambda: threads.append(threading.current_thread()))
    renderer.flush()
    assert threads == [threading.current_thread()]
    assert own_threads() == []


def test_a_fault_of_a_flushed_drawing_is_not_hidden_and_does_not_stick() -> None:
    faults = [ValueError("no ink")]

    def draw() -> None:
        if faults:
            raise faults.pop()

    renderer = Renderer(draw)
    with pytest.raises(ValueError, match="no ink"):
        renderer.flush()
    renderer.flush()


def test_the_inline_renderer_draws_on_flush() -> None:
    drawn = []
    renderer: Drawing = InlineRenderer(lambda: drawn.append(1))
    renderer.request()
    renderer.request()
    assert (renderer.requests, drawn) == (2, [])
    renderer.flush()
    assert (renderer.requests, drawn) == (0, [1])
    renderer.close()
