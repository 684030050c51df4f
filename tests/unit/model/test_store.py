"""Holds the store to what it keeps, what it lets go, and that no thread sees half a record."""

import dataclasses
import sys
import threading
import tracemalloc

import numpy as np
import pytest
from sample_records import announced

from nbhooks.model import series, store
from nbhooks.model.events import Event, State
from nbhooks.model.lifecycle import Phase
from nbhooks.model.records import Attempt, Checkpoint, Line, Progress, Scalar, Source
from nbhooks.model.series import SeriesView
from nbhooks.model.sink import Sink
from nbhooks.model.store import Store
from nbhooks.model.values import Tensor


def tensor(step: int, value: np.ndarray, tag: str = "w") -> Tensor:
    return Tensor("mine", tag, step, float(step), str(value.dtype), value.shape, value)


def test_a_store_is_a_sink() -> None:
    assert isinstance(Store(), Sink)


@pytest.mark.parametrize("foreign", [None, 1.0, "loss", {"tag": "loss"}, object(), Scalar])
def test_what_is_no_record_is_refused_by_name(foreign: object) -> None:
    kept = announced()
    with pytest.raises(TypeError, match=rf"takes records .*Scalar.*, not {type(foreign).__name__}$"):
        kept.write(foreign)
    assert kept.version == 1


@pytest.mark.parametrize(
    "record",
    [
        Scalar("stranger", "loss", 1, 0.0, 1.0),
        Tensor("stranger", "w", 1, 0.0, "float32", (1,), np.zeros(1, np.float32)),
        Line("stranger", 1, 0.0, "text"),
        Progress("stranger", 1, 0.0, 0, 10),
        Checkpoint("stranger", "/tmp/model.ckpt-1", 1, 0.0, "kept"),  # noqa: S108 - a name, not a file
    ],
    ids=lambda record: type(record).__name__,
)
def test_a_source_that_was_not_announced_is_refused(record: object) -> None:
    kept = announced()
    with pytest.raises(KeyError, match="stranger"):
        kept.write(record)
    assert kept.version == 1
    assert kept.snapshot().step is None


def test_every_record_counts_and_calls_every_listener() -> None:
    kept, versions = Store(), []
    listener = versions.append
    kept.add_listener(lambda: listener(kept.version))
    kept.write(Source("mine", "steps"))
    kept.write(Scalar("mine", "loss", 1, 0.0, 1.0))
    kept.write(Event("fault", None, 0.0))
    assert versions == [1, 2, 3]


def test_a_listener_that_was_deafened_is_called_no_more() -> None:
    kept, versions = Store(), []

    class Listener:
        def call(self) -> None:
            versions.append(kept.version)

    one, other = Listener(), Listener()
    kept.add_listener(one.call)
    kept.add_listener(other.call)
    kept.write(Source("mine", "steps"))
    kept.remove_listener(one.call)  # another bound method object, and yet the same listener
    kept.write(Source("yours", "steps"))
    assert versions == [1, 1, 2]
    kept.remove_listener(one.call)


def test_a_listener_may_ask_for_a_snapshot() -> None:
    kept = announced()
    seen = []
    kept.add_listener(lambda: seen.append(kept.snapshot().version))
    kept.write(Scalar("mine", "loss", 1, 0.0, 1.0))
    assert seen == [2]


def test_a_snapshot_holds_the_latest_of_each_kind() -> None:
    kept = announced("mine", "yours")
    weights = np.arange(3, dtype=np.float32)
    kept.write(Attempt(0.0, 3))
    kept.write(State(Phase.RUNNING, 3, 1.0))
    kept.write(Scalar("mine", "loss", 4, 2.0, 0.5))
    kept.write(tensor(5, weights))
    kept.write(tensor(6, weights + 1))
    kept.write(Line("mine", 6, 2.5, "loss = 0.5"))
    kept.write(Progress("yours", 7, 3.0, 3, 10))
    kept.write(Event("nan", 7, 3.5, "loss is NaN", "mine"))
    kept.write(Event("fault", 7, 3.5, "of nobody"))
    kept.write(Attempt(4.0, 5))
    kept.write(Attempt(5.0))
    snapshot = kept.snapshot()
    assert (snapshot.version, snapshot.step, snapshot.attempts) == (13, 7, 3)
    assert snapshot.restarts == (5, None)
    assert snapshot.state.phase == "running"
    mine, yours = snapshot.sources
    assert (mine.source, mine.kind, mine.detail) == ("mine", "tensors", {})
    assert list(mine.series) == ["loss"]
    assert mine.values["w"].value.tolist() == [1.0, 2.0, 3.0]
    assert (mine.latest(Line).text, mine.latest(Event).detail) == ("loss = 0.5", "loss is NaN")
    assert (yours.latest(Progress).last, yours.every(Event), yours.latest(Line)) == (10, (), None)


def test_a_snapshot_does_not_change() -> None:
    kept = announced()
    kept.write(Scalar("mine", "loss", 1, 0.0, 0.5))
    snapshot = kept.snapshot()
    kept.write(Scalar("mine", "loss", 2, 0.0, 0.7))
    kept.write(Scalar("mine", "accuracy", 2, 0.0, 0.7))
    view = snapshot.sources[0]
    assert (list(view.series), view.series["loss"].count, snapshot.step) == (["loss"], 1, 1)
    with pytest.raises(dataclasses.FrozenInstanceError):
        snapshot.step = 3


def test_a_snapshot_sees_the_line_break_where_another_attempt_began() -> None:
    kept = announced()
    kept.write(Attempt(0.0, 0))
    kept.write(Scalar("mine", "loss", 1, 0.0, 0.5))
    starts = [kept.snapshot().sources[0].series["loss"].starts]
    kept.write(Attempt(1.0, 1))
    kept.write(Scalar("mine", "loss", 1, 1.0, 0.5))
    starts.append(kept.snapshot().sources[0].series["loss"].starts)
    assert starts == [(), (1,)]


def test_a_later_record_of_a_checkpoint_replaces_it_in_its_place() -> None:
    kept = announced()
    kept.write(Attempt(0.0, 0))
    for path in ("a", "b"):
        kept.write(Checkpoint("mine", path, 1, 0.0, "writing"))
    kept.write(Attempt(1.0, 1))
    kept.write(Checkpoint("mine", "a", 1, 0.0, "deleted", 0.5, 10))
    assert [(one.path, one.state) for one in kept.snapshot().sources[0].every(Checkpoint)] == [
        ("a", "deleted"),
        ("b", "writing"),
    ]
    assert [attempt for attempt, _ in kept.columns().rows(Checkpoint)] == [0, 0]


def test_columns_know_the_attempt_of_everything() -> None:
    kept = announced()
    for attempt in range(3):
        kept.write(Attempt(0.0, attempt))
        kept.write(Scalar("mine", "loss", attempt, 0.0, 1.0))
        kept.write(tensor(attempt, np.zeros(2, np.float32)))
        kept.write(Event("inf", attempt, 0.0))
    kept.write(Scalar("mine", "late", 9, 0.0, 1.0))
    columns = kept.columns()
    assert columns.attempts == 3
    assert [(tag, attempt.tolist()) for tag, *_, attempt in columns.points(Scalar)] == [
        ("loss", [0, 1, 2]),
        ("late", [2]),
    ]
    assert [attempt for attempt, _ in columns.rows(Tensor)] == [0, 1, 2]
    assert [attempt for attempt, _ in columns.rows(Event)] == [0, 1, 2]


def test_columns_of_one_source() -> None:
    kept = announced("mine", "yours")
    for source in ("mine", "yours"):
        kept.write(Scalar(source, f"of {source}", 1, 0.0, 1.0))
    kept.write(Event("fault", None, 0.0, "for all"))
    columns = kept.columns("yours")
    assert [tag for tag, *_ in columns.points(Scalar)] == ["of yours"]
    assert [event.detail for _, event in columns.rows(Event)] == ["for all"]
    assert kept.columns("nobody").points(Scalar) == []


# Bounds


def held(kept: Store, tag: str = "w") -> list[Tensor]:
    return [record for _, record in kept.columns().rows(Tensor) if record.tag == tag]


def test_tensors_are_kept_up_to_their_bytes_and_the_oldest_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "TAG_BYTES", 1_000_000)
    kept = announced()
    for step in range(50):
        kept.write(tensor(step, np.zeros(25_000, np.float32)))  # 100 kB
    kept.write(tensor(0, np.zeros(1, np.float32), "other"))
    steps = [record.step for record in held(kept)]
    assert steps == list(range(50))[-len(steps) :]
    assert 8 <= len(steps) <= 10
    assert len(held(kept, "other")) == 1


def test_the_latest_tensor_is_kept_however_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "TAG_BYTES", 100)
    kept = announced()
    for step in range(3):
        kept.write(tensor(step, np.zeros(1_000)))
    assert [record.step for record in held(kept)] == [2]


def test_tensors_of_changing_size_are_kept_up_to_their_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "TAG_BYTES", 100_000)
    kept = announced()
    for step in range(1, 100):
        kept.write(tensor(step, np.zeros(100_000 // step, np.uint8)))
    assert sum(record.value.nbytes for record in held(kept)) <= 100_000


def test_strings_count_with_their_characters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "TAG_BYTES", 100_000)
    kept = announced()
    for step in range(100):
        value = np.empty(1, object)
        value[0] = b"%d" % step * 5_000
        kept.write(Tensor("mine", "w", step, 0.0, "string", (1,), value))
    assert sum(len(record.value[0]) for record in held(kept)) <= 100_000


@pytest.mark.parametrize("elements", [0, 1])
def test_the_smallest_tensors_do_not_fill_the_memory(elements: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "TAG_BYTES", 20_000)
    kept = announced()
    tracemalloc.start()
    try:
        for step in range(5_000):
            kept.write(tensor(step, np.zeros(elements, np.float32)))
        grown = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert grown <= 10 * 20_000


def test_events_are_bounded_and_the_latest_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "EVENTS", 20)
    kept = announced()
    for step in range(100):
        kept.write(Event("inf", step, 0.0, "", "mine"))
    assert [event.step for _, event in kept.columns().rows(Event)] == list(range(80, 100))
    assert kept.snapshot().sources[0].latest(Event).step == 99


def test_thinning_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(series, "HISTORY_LIMIT", 10)
    kept = announced()
    for step in range(30):
        kept.write(Scalar("mine", "loss", step, float(step), 1.0))
    said = [event for _, event in kept.columns().rows(Event)]
    assert [(event.kind, event.step, event.source) for event in said] == [
        ("thinned", 10, "mine"),
        ("thinned", 20, "mine"),
    ]
    assert "loss" in said[1].detail
    assert " 4 " in said[1].detail
    assert kept.snapshot().sources[0].series["loss"].thinned == 4
    assert kept.snapshot().sources[0].every(Event) == ()


# Threads


class Looker(threading.Thread):
    """Looks at a store until it is done, and notes every record that is not whole."""

    def __init__(self, kept: Store) -> None:
        super().__init__()
        self.kept, self.done = kept, threading.Event()
        self.versions: list[int] = []
        self.faults: list[object] = []

    def run(self) -> None:
        while not self.done.is_set():
            snapshot = self.kept.snapshot()
            self.versions.append(snapshot.version)
            for view, sign in zip(snapshot.sources, (1, -1), strict=True):
                self.faults += [one for one in view.series.values() if not whole(one, sign)]
            for tag, step, wall_time, value, attempt in self.kept.columns().points(Scalar):
                lengths = {len(step), len(wall_time), len(value), len(attempt)}
                if len(lengths) > 1 or not np.array_equal(abs(value), step) or (np.diff(attempt) < 0).any():
                    self.faults.append(tag)


def whole(view: SeriesView, sign: int) -> bool:
    """Whether everything in the view of a source that counts up or down is of the same moment."""
    return (
        view.count == view.step == view.wall_time == sign * view.last
        and view.maximum == max(sign, sign * view.step)
        and view.minimum == min(sign, sign * view.step)
        and view.settled <= len(view.x) == len(view.low) == len(view.high)
    )


def test_no_thread_sees_half_a_record() -> None:
    kept, rounds = announced("up", "down"), 3_000

    def write(source: str, sign: int) -> None:
        for step in range(1, rounds + 1):
            kept.write(Scalar(source, "value", step, float(step), float(sign * step)))
            if step % 500 == 0:
                kept.write(Attempt(float(step), step))

    lookers = [Looker(kept), Looker(kept)]
    writers = [threading.Thread(target=write, args=pair) for pair in (("up", 1), ("down", -1))]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        for thread in (*lookers, *writers):
            thread.start()
        for thread in writers:
            thread.join()
        for looker in lookers:
            looker.done.set()
            looker.join()
    finally:
        sys.setswitchinterval(interval)
    for looker in lookers:
        assert looker.faults == []
        assert looker.versions
        assert looker.versions == sorted(looker.versions)
    # Two announcements, every scalar, every attempt: none was lost.
    assert kept.version == 2 + 2 * rounds + 2 * rounds // 500
    assert [len(step) for _, step, *_ in kept.columns().points(Scalar)] == [rounds, rounds]


# At a cursor


def test_a_snapshot_at_a_cursor_has_what_was_there_then() -> None:
    kept = announced()
    for step in range(10):
        kept.write(Scalar("mine", "loss", step, float(step), step / 2))
        if step > 3:
            kept.write(tensor(step, np.full(2, step)))
    then, [view] = kept.snapshot(5), kept.snapshot(5).sources
    assert (then.cursor, then.step) == (5, 9)
    assert (view.series["loss"].last, view.series["loss"].step) == (2.5, 5)
    assert view.values["w"].step == 5
    [before] = kept.snapshot(2).sources
    assert before.values == {}
    assert before.series["loss"].reached
    [none] = kept.snapshot(-1).sources
    assert not none.series["loss"].reached
    [latest] = kept.snapshot().sources
    assert (latest.series["loss"].last, latest.values["w"].step) == (4.5, 9)
    assert kept.snapshot().cursor is None


def test_a_store_may_keep_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "TAG_BYTES", 1000)
    for kept, first in ((Store(), 9), (Store(tag_bytes=float("inf")), 0)):
        kept.write(Source("mine", "tensors"))
        for step in range(10):
            kept.write(tensor(step, np.zeros(100)))
        assert kept.columns().rows(Tensor)[0][1].step == first


def test_scalars_may_come_as_columns() -> None:
    kept, versions = announced(), []
    kept.add_listener(lambda: versions.append(kept.version))
    step = np.arange(5)
    kept.write_scalars("mine", "loss", step, step + 100.0, step / 2)
    kept.write_scalars("mine", "loss", step[:0], step[:0] * 1.0, step[:0] * 1.0)
    assert versions == [6]
    assert (kept.snapshot().step, kept.snapshot().wall_time) == (4, 104.0)
    assert kept.snapshot().sources[0].series["loss"].count == 5
    with pytest.raises(KeyError):
        kept.write_scalars("stranger", "loss", step, step + 100.0, step / 2)


def test_columns_that_are_thinned_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(series, "HISTORY_LIMIT", 100)
    kept, step = announced(), np.arange(1000)
    kept.write_scalars("mine", "loss", step, step * 1.0, step * 1.0)
    [(_, event)] = kept.columns().rows(Event)
    assert (event.kind, event.detail) == ("thinned", "loss: one point in 16 is kept from here on")
