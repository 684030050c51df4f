"""One model, any source: what a run's file holds is the same live, replayed, and written by hand."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import tensorflow as tf
from drawn_boards import panels

import nbhooks
from nbhooks import replay
from nbhooks.model import registry
from nbhooks.model.records import Checkpoint, Scalar, Source
from nbhooks.model.store import Store
from nbhooks.model.values import Histogram, Image

if TYPE_CHECKING:
    from nbhooks.model.recording import Recording
    from nbhooks.model.snapshot import SourceView

pytestmark = pytest.mark.tensorflow

v1 = tf.compat.v1


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Recording]:
    """Train, and return the folder of the run and the session that was watched."""
    folder = tmp_path_factory.mktemp("run")
    with tf.Graph().as_default() as graph:
        v1.set_random_seed(1)
        step = v1.train.get_or_create_global_step()
        weights = v1.get_variable("weights", [5, 3])
        loss = tf.reduce_mean(tf.square(weights))
        train = v1.train.GradientDescentOptimizer(0.1).minimize(loss, step)
        v1.summary.scalar("loss", loss)
        v1.summary.scalar("none", tf.where(step > 10, np.float32(np.nan), loss))
        v1.summary.histogram("spread", weights)
        v1.summary.image("noise", tf.random.uniform([2, 4, 4, 3]))
        hook = nbhooks.StopAtStepHook(last_step=30)
        with nbhooks.MonitoredTrainingSession(
            checkpoint_dir=str(folder),
            save_summaries_steps=3,
            save_checkpoint_steps=10,
            log_step_count_steps=5,
            hooks=[hook],
        ) as session:
            watched = registry.current(graph)
            while not session.should_stop():
                session.run(train)
    v1.summary.FileWriterCache.clear()
    assert watched is not None
    return folder, watched


@pytest.fixture(scope="module")
def replayed(live: tuple[Path, Recording]) -> Store:
    """Play the file of the run into a Store."""
    store = Store()
    replay.play(replay.load(live[0]), store)
    return store


def view(store: Store, kind: str) -> SourceView:
    [found] = [view for view in store.snapshot().sources if view.kind == kind]
    return found


def points(found: SourceView) -> dict[str, Any]:
    """Give what is drawn of each tag, and what sums it up; numbers as float32, as a file holds them."""
    return {
        tag: [
            *(column.astype(np.float32).tolist() for column in (series.x, series.low, series.high)),
            series.count,
            series.nonfinite,
            *np.float32([series.last, series.finite, series.minimum, series.maximum]).tolist(),
        ]
        for tag, series in found.series.items()
    }


def pictures(found: SourceView) -> dict[str, Any]:
    """Give what is no scalar, source and wall time aside."""
    return {
        tag: (
            value.step,
            value.edges.tolist(),
            value.counts.tolist(),
            value.minimum,
            value.maximum,
            value.num,
        )
        if isinstance(value, Histogram)
        else (value.step, value.width, value.height, value.encoded)
        for tag, value in found.values.items()
        if isinstance(value, (Histogram, Image))
    }


def test_summaries_are_the_same_live_and_replayed(live: tuple[Path, Recording], replayed: Store) -> None:
    mine, theirs = view(live[1].store, "summaries"), view(replayed, "summaries")
    assert sorted(mine.series) == ["loss", "none"]
    np.testing.assert_equal(points(theirs), points(mine))
    assert len(pictures(mine)) == 3
    assert pictures(theirs) == pictures(mine)


def test_rates_and_checkpoints_are_the_same_live_and_replayed(
    live: tuple[Path, Recording], replayed: Store
) -> None:
    mine, theirs = view(live[1].store, "steps"), view(replayed, "steps")
    assert points(mine)["global_step/sec"][3] == 5
    np.testing.assert_equal(points(theirs), points(mine))
    saved, read = (
        view(live[1].store, "checkpoints").every(Checkpoint),
        view(replayed, "checkpoints").every(Checkpoint),
    )
    assert [checkpoint.step for checkpoint in saved] == [0, 10, 20, 30]
    assert [(one.step, one.path, one.size, one.state) for one in read] == [
        (one.step, one.path, one.size, one.state) for one in saved
    ]


@pytest.fixture(scope="module")
def by_hand(live: tuple[Path, Recording]) -> Store:
    """Write into a Store what TensorFlow's own reader finds in the file of the run."""
    store = Store()
    for kind in ("steps", "summaries", "checkpoints"):
        store.write(Source(kind, kind))
    [file] = live[0].glob("events.out.tfevents*")
    for event in v1.train.summary_iterator(str(file)):
        for value in event.summary.value:
            source = "steps" if value.tag == "global_step/sec" else "summaries"
            store.write(record(value, source, event.step, event.wall_time))
        if event.session_log.status == v1.SessionLog.CHECKPOINT:
            path = f"{event.session_log.checkpoint_path}-{event.step}"
            size = sum(other.stat().st_size for other in live[0].glob(f"{Path(path).name}.*"))
            store.write(Checkpoint("checkpoints", path, event.step, event.wall_time, "kept", None, size))
    return store


def record(value: Any, source: str, step: int, wall_time: float) -> Scalar | Histogram | Image:
    """Make a record of a summary's value, in the plainest way."""
    head = source, value.tag, step, wall_time
    if value.HasField("simple_value"):
        return Scalar(*head, value.simple_value)
    if value.HasField("image"):
        return Image(*head, 0, value.image.width, value.image.height, value.image.encoded_image_string)
    histogram = value.histo
    # The first bin begins at the smallest value, the last one ends at the largest.
    edges = [histogram.min, *histogram.bucket_limit[:-1], histogram.max]
    bounds = np.clip(np.array(edges), histogram.min, histogram.max)
    counts = np.array(histogram.bucket)
    return Histogram(*head, bounds, counts, histogram.min, histogram.max, histogram.sum, histogram.num)


@pytest.mark.parametrize("kind", ["steps", "summaries"])
def test_values_are_the_same_written_by_hand(by_hand: Store, replayed: Store, kind: str) -> None:
    np.testing.assert_equal(points(view(replayed, kind)), points(view(by_hand, kind)))
    assert pictures(view(replayed, kind)) == pictures(view(by_hand, kind))
    assert (len(pictures(view(by_hand, kind))) > 0) == (kind == "summaries")


def test_checkpoints_are_the_same_written_by_hand(by_hand: Store, replayed: Store) -> None:
    saved, read = (
        view(by_hand, "checkpoints").every(Checkpoint),
        view(replayed, "checkpoints").every(Checkpoint),
    )
    assert len(saved) == 4
    assert [(one.step, one.path, one.size, one.state) for one in read] == [
        (one.step, one.path, one.size, one.state) for one in saved
    ]


@pytest.mark.parametrize("cursor", [-1, 0, 4, 15, 29, 30])
def test_it_is_the_same_at_every_cursor(
    live: tuple[Path, Recording], by_hand: Store, replayed: Store, cursor: int
) -> None:
    for kind in ("steps", "summaries"):
        stores = (live[1].store, by_hand, replayed)
        mine, other, theirs = (at_cursor(store, kind, cursor) for store in stores)
        np.testing.assert_equal(theirs, other)
        np.testing.assert_equal(theirs, mine)


def at_cursor(store: Store, kind: str, cursor: int) -> tuple[Any, Any]:
    """Give the numbers of each tag, and what is no scalar, as they were at a step."""
    [found] = [view for view in store.snapshot(cursor).sources if view.kind == kind]
    numbers = {
        tag: [series.step, *np.float32([series.last, series.minimum, series.maximum]).tolist()]
        for tag, series in found.series.items()
        if series.reached
    }
    return numbers, pictures(found)


def test_a_recording_is_played_in_its_own_time(live: tuple[Path, Recording]) -> None:
    waited: list[float] = []
    runs = replay.load(live[0])
    replay.play(runs, Store(), speed=4, sleep=waited.append)
    times = runs.scalars["wall_time"]
    assert sum(waited) * 4 >= times.max() - times.min() > 0
    with pytest.raises(ValueError, match="speed=0"):
        replay.play(runs, Store(), speed=0)


def test_a_board_shows_what_was_saved(live: tuple[Path, Recording]) -> None:
    board = replay.load(live[0]).show()
    try:
        assert board.state == "saved"
        assert len(board.figure().axes) == 2
        shown = board.scalars.query("tag == 'loss'")["value"].tolist()
        assert shown == replay.load(live[0], tags="loss").scalars["value"].tolist()
        assert {"steps per second", "summaries", "checkpoints"} == {panel.source for panel in panels(board)}
    finally:
        board.close()
