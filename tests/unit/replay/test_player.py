"""Holds playing to one result, whatever way it takes: by columns, by records, at once or bit by bit."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from event_files import NAME, one_of_each, plugin, scalars, start, summary, write
from stand_ins import ListSink
from tensorboard.compat.proto.event_pb2 import Event, SessionLog
from tensorboard.util.tensor_util import make_tensor_proto

from nbhooks.model.events import State
from nbhooks.model.recording import Recording
from nbhooks.model.records import Attempt, Checkpoint, Scalar, Source
from nbhooks.model.sink import ColumnSink, Sink
from nbhooks.model.store import Store
from nbhooks.replay import load, play
from nbhooks.replay.player import Player

if TYPE_CHECKING:
    from pathlib import Path

    from nbhooks.model.snapshot import Snapshot


class Single:
    """A store that is given records only."""

    def __init__(self) -> None:
        self.store = Store(tag_bytes=math.inf)

    def write(self, record: Any) -> None:
        self.store.write(record)


def held(snapshot: Snapshot) -> dict[str, Any]:
    """Everything that a panel sees of each source, what is latest of all aside."""
    return {
        view.source: (
            view.kind,
            {
                tag: [
                    np.array(getattr(series, name)).tolist()
                    for name in series.__slots__
                    if name != "generation"
                ]
                for tag, series in sorted(view.series.items())
            },
            {tag: (value.step, type(value)) for tag, value in sorted(view.values.items())},
            view.every(Checkpoint),
        )
        for view in snapshot.sources
    }


def noisy(count: int, tag: str, begin: int = 0) -> list[Event]:
    """Scalars of which some are not finite."""
    generator = np.random.default_rng(begin)
    values = generator.normal(size=count)
    values[generator.random(count) < 0.2] = math.nan
    values[generator.random(count) < 0.05] = math.inf
    events = scalars(range(begin, begin + count), tag)
    for event, value in zip(events, values, strict=True):
        event.summary.value[0].simple_value = value
    return events


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A run of two sessions, the second in a file of its own, with one of each kind."""
    log = SessionLog(status=SessionLog.CHECKPOINT, checkpoint_path="/nowhere/model")
    first = [
        *noisy(900, "loss"),
        *noisy(900, "other"),
        *one_of_each(),
        *scalars(range(0, 900, 9), "global_step/sec"),
    ]
    second = [*noisy(700, "loss", 400), Event(wall_time=1501.0, step=401, session_log=log)]
    for event in second:
        event.wall_time += 5000
    write(tmp_path / "run" / NAME, sorted(first, key=lambda event: event.wall_time))
    write(tmp_path / "run" / "events.out.tfevents.2", second)
    return tmp_path / "run"


def test_columns_and_records_come_to_the_same(folder: Path) -> None:
    runs = load(folder)
    columns, records = Store(tag_bytes=math.inf), Single()
    assert isinstance(columns, ColumnSink)
    assert not isinstance(records, ColumnSink)
    play(runs, columns)
    play(runs, records)
    one, other = columns.snapshot(), records.store.snapshot()
    np.testing.assert_equal(held(one), held(other))
    assert (one.attempts, one.restarts) == (other.attempts, other.restarts) == (2, (400,))
    assert {view.kind for view in one.sources} == {"steps", "summaries", "tensors", "checkpoints"}
    assert (one.step, one.wall_time) == (other.step, other.wall_time)


def test_nothing_that_is_in_the_frames_is_missing(folder: Path) -> None:
    runs, sink = load(folder), ListSink()
    play(runs, sink)
    assert isinstance(sink, Sink)
    played = [(one.tag, one.step, one.wall_time, one.value) for one in sink.of(Scalar)]
    frame = runs.scalars[["tag", "step", "wall_time", "value"]]
    np.testing.assert_equal(
        sorted(played, key=repr), sorted(frame.itertuples(index=False, name=None), key=repr)
    )
    times = [one.wall_time for one in sink.records if type(one) not in (Source, State)]
    assert times == sorted(times)


def test_bit_by_bit_comes_to_the_same_as_at_once(tmp_path: Path) -> None:
    events = [*noisy(300, "loss"), *one_of_each(), *noisy(300, "loss", 500)]
    path = write(tmp_path / NAME, [])
    runs = load(tmp_path)
    store = Store(tag_bytes=math.inf)
    player = Player(".", store)
    for begin in range(0, len(events), 37):
        write(path, events[begin : begin + 37])
        runs.poll()
        assert player.play(runs.logdir)
        assert player.play(runs.logdir)  # of which nothing is new
    whole = Store(tag_bytes=math.inf)
    play(load(path), whole)
    assert player.span == (0, 799)
    one, other = held(store.snapshot()), held(whole.snapshot())
    for source in other:
        np.testing.assert_equal(one[source][1:3], other[source][1:3])


@pytest.mark.parametrize("how", ["replaced", "came between"])
def test_a_player_knows_when_it_must_begin_anew(tmp_path: Path, how: str) -> None:
    path = write(tmp_path / "events.out.tfevents.3", scalars(range(9), begin=1000.0))
    runs = load(tmp_path)
    store = Store()
    player = Player(".", store)
    assert player.play(runs.logdir)
    assert player.play(runs.reload().logdir)
    if how == "replaced":
        write(tmp_path / "other", scalars([77])).replace(path)
    else:
        write(tmp_path / NAME, scalars(range(9), begin=10.0))
    assert not player.play(runs.reload().logdir)
    assert store.snapshot().sources[0].series["loss"].count == 9


def test_a_checkpoint_that_is_gone_is_reported_anew(tmp_path: Path) -> None:
    log = [
        Event(
            wall_time=100.0 + step,
            step=step,
            session_log=SessionLog(status=SessionLog.CHECKPOINT, checkpoint_path=str(tmp_path / "model")),
        )
        for step in (1, 2)
    ]
    (tmp_path / "model-1.index").write_bytes(bytes(5))
    path = write(tmp_path / NAME, log[:1])
    runs, store = load(tmp_path), Store()
    player = Player(".", store)
    player.play(runs.logdir)
    (tmp_path / "model-1.index").rename(tmp_path / "model-2.index")
    write(path, log[1:])
    runs.poll()
    player.play(runs.logdir)
    [view] = store.snapshot().sources
    assert [(one.step, one.state, one.size) for one in view.every(Checkpoint)] == [
        (1, "deleted", None),
        (2, "kept", 5),
    ]


def test_several_runs_are_kept_apart_by_their_sources(tmp_path: Path) -> None:
    for run in ("a", "b"):
        write(
            tmp_path / run / NAME,
            [*scalars([1, 2]), start(200.0), start(300.0, 5), *scalars([6], begin=400.0)],
        )
    columns, records = Store(), Single()
    play(load(tmp_path), columns)
    play(load(tmp_path), records)
    for store in (columns, records.store):
        assert [view.source for view in store.snapshot().sources] == ["a summaries", "b summaries"]
        assert store.snapshot().attempts == 0


def test_a_session_after_another_comes_after_it_whatever_the_clock_said(tmp_path: Path) -> None:
    late = [start(500.0), *scalars([5], begin=500.0)]
    early = [start(100.0, 6), *scalars([6], begin=100.0)]
    runs, sink = load(write(tmp_path / NAME, [*late, *early])), ListSink()
    play(runs, sink)
    kinds = [(type(one).__name__, one.step) for one in sink.records if type(one) in (Attempt, Scalar)]
    assert kinds == [("Attempt", 5), ("Scalar", 5), ("Attempt", 6), ("Scalar", 6)]
    columns = Store()
    play(runs, columns)
    assert columns.snapshot().restarts == (6,)


def test_only_what_was_asked_for_is_played(tmp_path: Path) -> None:
    path = write(tmp_path / NAME, [*scalars(range(9)), *one_of_each()])
    sink = ListSink()
    play(load(path, kinds=["scalars", "text"], steps=range(3, 6)), sink)
    assert [one.step for one in sink.of(Scalar)] == [3, 4, 5]
    assert {type(one) for one in sink.records} == {Source, Attempt, Scalar, State}
    assert sink.of(State)[-1].phase == "saved"


def test_nothing_at_all_is_played(tmp_path: Path) -> None:
    sink = ListSink()
    play(load(write(tmp_path / NAME, [])), sink)
    play(load(tmp_path), sink, speed=1)
    store = Store()
    play(load(tmp_path), store)
    assert sink.records == []
    assert store.version == 0


def test_a_session_passes_columns_on_to_its_sinks_one_by_one(folder: Path) -> None:
    session, sink = Recording(), ListSink()
    session.add_sink(sink)
    runs = load(folder)
    play(runs, session)
    assert len(sink.of(Scalar)) == len(runs.scalars)
    assert {type(one) for one in sink.records} >= {Source, Attempt, Scalar, Checkpoint}


def test_tensors_have_a_panel_of_their_own_that_knows_them(tmp_path: Path) -> None:
    vector = make_tensor_proto(np.arange(3.0))
    word = make_tensor_proto(np.array([b"x"]))
    events = [summary(tag="vector", tensor=vector), summary(tag="word", tensor=word, metadata=plugin("text"))]
    store = Store()
    play(load(write(tmp_path / NAME, events)), store)
    views = {view.kind: view for view in store.snapshot().sources}
    assert list(views["tensors"].values) == ["vector"]
    assert views["tensors"].detail == {"tags": ("vector",), "others": ("vector",)}
    assert list(views["summaries"].values) == ["word"]


@pytest.mark.parametrize("speed", [0, -1, math.nan])
def test_a_speed_is_positive(tmp_path: Path, speed: float) -> None:
    with pytest.raises(ValueError, match=f"speed={speed}"):
        play(load(write(tmp_path / NAME, [])), Store(), speed=speed)


def test_a_run_that_goes_on_in_another_file_is_played_on(tmp_path: Path) -> None:
    """TensorFlow writes a file's version first, and the first event of its session later."""
    write(tmp_path / NAME, scalars(range(3), begin=10.0))
    runs, store = load(tmp_path), Store()
    player = Player(".", store)
    player.play(runs.logdir)
    path = write(tmp_path / "events.out.tfevents.2", [Event(wall_time=500.0, file_version="brain.Event:2")])
    runs.reload()
    assert player.play(runs.logdir)
    write(path, scalars(range(2, 5), begin=500.0))
    runs.reload()
    assert player.play(runs.logdir)
    assert store.snapshot().restarts == (2,)
    assert store.snapshot().sources[0].series["loss"].count == 6


def test_nothing_is_announced_of_which_nothing_is_played(tmp_path: Path) -> None:
    log = SessionLog(status=SessionLog.CHECKPOINT, checkpoint_path="/nowhere/model")
    path = write(tmp_path / NAME, [*scalars(range(100)), Event(wall_time=1.0, step=1, session_log=log)])
    store = Store()
    play(load(path, kinds="checkpoints"), store)
    assert [view.kind for view in store.snapshot().sources] == ["checkpoints"]


def test_a_recording_whose_clock_went_wrong_is_played_all_the_same(tmp_path: Path) -> None:
    events = scalars(range(6))
    events[1].wall_time, events[3].wall_time, events[4].wall_time = math.nan, math.inf, 1e300
    sink, waited = ListSink(), list[float]()
    play(load(write(tmp_path / NAME, events)), sink, speed=1, sleep=waited.append)
    assert [one.step for one in sink.of(Scalar)] == list(range(6))
    assert waited
    assert max(waited) <= 3600
