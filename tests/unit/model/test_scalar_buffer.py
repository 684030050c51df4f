"""Holds what a buffer gives of scalars whose steps come with them, or one run later."""

from __future__ import annotations

import threading

import pytest
from stand_ins import Coordinator

from nbhooks.model.recording import Recording
from nbhooks.model.records import Scalar, Source
from nbhooks.model.scalar_buffer import ScalarBuffer
from nbhooks.model.store import Store


@pytest.fixture
def buffer() -> ScalarBuffer:
    return ScalarBuffer()


def add(buffer: ScalarBuffer, value: float, wall_time: float, latest: int, *, known: bool) -> None:
    """Add a point as NanTensorHook does, where the latest step known is its own or that of the one before."""
    if buffer.lacks_step:
        assert not known
        buffer.steps.append(latest)
    buffer.values.append(value)
    buffer.wall_times.append(wall_time)
    if known:
        buffer.steps.append(latest)
    buffer.lacks_step = not known


def taken(buffer: ScalarBuffer) -> list[tuple[int, float, float]]:
    """The points that can be taken: step, wall time and value of each."""
    return list(zip(*buffer.take(), strict=True))


def test_an_empty_buffer_gives_nothing(buffer: ScalarBuffer) -> None:
    buffer.finish(5)
    assert (buffer.ready, taken(buffer)) == (0, [])


def test_points_with_their_own_step_are_there_at_once(buffer: ScalarBuffer) -> None:
    add(buffer, 0.5, 10.0, 1, known=True)
    add(buffer, 0.4, 11.0, 2, known=True)
    assert buffer.ready == 2
    assert taken(buffer) == [(1, 10.0, 0.5), (2, 11.0, 0.4)]
    assert (buffer.ready, taken(buffer)) == (0, [])


def test_a_step_that_comes_one_run_later_is_that_of_the_point_before(buffer: ScalarBuffer) -> None:
    add(buffer, 0.5, 10.0, 0, known=False)
    assert (buffer.ready, taken(buffer)) == (0, [])
    add(buffer, 0.4, 11.0, 1, known=False)
    assert buffer.ready == 1
    assert taken(buffer) == [(1, 10.0, 0.5)]
    add(buffer, 0.3, 12.0, 2, known=False)
    add(buffer, 0.2, 13.0, 3, known=False)
    assert taken(buffer) == [(2, 11.0, 0.4), (3, 12.0, 0.3)]
    assert (buffer.values, buffer.wall_times, buffer.steps) == ([0.2], [13.0], [])


def test_the_last_point_gets_its_step_in_the_end(buffer: ScalarBuffer) -> None:
    add(buffer, 0.5, 10.0, 0, known=False)
    add(buffer, 0.4, 11.0, 7, known=False)
    buffer.finish(8)
    buffer.finish(9)  # it has one already
    assert taken(buffer) == [(7, 10.0, 0.5), (8, 11.0, 0.4)]


def test_a_point_with_its_own_step_keeps_it_in_the_end(buffer: ScalarBuffer) -> None:
    add(buffer, 0.5, 10.0, 3, known=True)
    buffer.finish(9)
    assert taken(buffer) == [(3, 10.0, 0.5)]


def test_a_step_that_is_not_known_in_the_end_is_0(buffer: ScalarBuffer) -> None:
    add(buffer, 0.5, 10.0, 4, known=False)
    buffer.finish(None)
    assert taken(buffer) == [(0, 10.0, 0.5)]


@pytest.mark.parametrize("known", [True, False])
def test_nothing_is_lost_where_another_thread_takes(buffer: ScalarBuffer, *, known: bool) -> None:
    found: list[tuple[int, float, float]] = []
    stop = threading.Event()

    def take() -> None:
        while not stop.is_set():
            found.extend(taken(buffer))

    thread = threading.Thread(target=take)
    thread.start()
    for step in range(1, 20_001):
        add(buffer, float(step), 0.0, step if known else step - 1, known=known)
        if step % 1000 == 0:
            buffer.finish(step)
    stop.set()
    thread.join()
    found += taken(buffer)
    assert found == [(step, 0.0, float(step)) for step in range(1, 20_001)]


def test_a_store_counts_and_keeps_what_has_its_step(buffer: ScalarBuffer) -> None:
    store = Store()
    store.write(Source("mine", "nan"))
    store.attach_buffer("mine", "loss", buffer)
    before = store.version
    add(buffer, 0.5, 10.0, 0, known=False)
    add(buffer, 0.4, 11.0, 1, known=False)
    assert store.version == before + 1
    assert store.snapshot().version == before + 1
    assert store.latest_finite("mine", "loss") == (1, 0.5)


def recording_with_buffer() -> tuple[Recording, Coordinator]:
    """A recording whose first attempt has made five steps, and the value of the fifth lacks its step."""
    recording, coordinator = Recording(), Coordinator()
    source = recording.join("nan", "mine")
    recording.begin_attempt(coordinator, source, lambda: 0)
    recording.step_is_fetched = True
    buffer = recording.buffer(source, "loss")
    assert buffer is not None
    add(buffer, 0.5, 10.0, 4, known=False)
    recording.global_step.begin(5)
    return recording, coordinator


def test_the_end_of_a_recording_gives_the_last_point_its_step() -> None:
    recording, _coordinator = recording_with_buffer()
    recording.die()
    assert recording.store.latest_finite("mine", "loss") == (5, 0.5)


def test_the_next_attempt_leaves_the_last_point_the_step_of_its_own() -> None:
    recording, _coordinator = recording_with_buffer()
    again = Coordinator()
    recording.begin_attempt(again, "mine", lambda: 3)
    assert recording.step == 3
    assert recording.store.latest_finite("mine", "loss") == (5, 0.5)
    [(_, steps, _, _, attempts)] = recording.store.columns("mine").points(Scalar)
    assert (steps.tolist(), attempts.tolist()) == ([5], [0])
