"""One model, any source: what a run's file holds is the same live, replayed, and written by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import tensorflow as tf

import nbhooks
from nbhooks import replay, sessions
from nbhooks.records import Histogram, Image, Scalar, Source
from nbhooks.store import Store

if TYPE_CHECKING:
    from pathlib import Path

    from nbhooks.store import SourceView

pytestmark = pytest.mark.tensorflow

v1 = tf.compat.v1


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, sessions.Session]:
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
            watched = sessions.at(graph)
            while not session.should_stop():
                session.run(train)
    v1.summary.FileWriterCache.clear()
    assert watched is not None
    return folder, watched


@pytest.fixture(scope="module")
def replayed(live: tuple[Path, sessions.Session]) -> Store:
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


def test_summaries_are_the_same_live_and_replayed(
    live: tuple[Path, sessions.Session], replayed: Store
) -> None:
    mine, theirs = view(live[1].store, "summaries"), view(replayed, "summaries")
    assert sorted(mine.series) == ["loss", "none"]
    np.testing.assert_equal(points(theirs), points(mine))
    assert len(pictures(mine)) == 3
    assert pictures(theirs) == pictures(mine)


def test_rates_and_checkpoints_are_the_same_live_and_replayed(
    live: tuple[Path, sessions.Session], replayed: Store
) -> None:
    mine, theirs = view(live[1].store, "steps"), view(replayed, "steps")
    assert points(mine)["global_step/sec"][3] == 5
    np.testing.assert_equal(points(theirs), points(mine))
    saved, told = view(live[1].store, "checkpoints").checkpoints, view(replayed, "checkpoints").checkpoints
    assert [checkpoint.step for checkpoint in saved] == [0, 10, 20, 30]
    assert [(one.step, one.path, one.size, one.state) for one in told] == [
        (one.step, one.path, one.size, one.state) for one in saved
    ]


def test_scalars_are_the_same_written_by_hand(live: tuple[Path, sessions.Session], replayed: Store) -> None:
    store = Store()
    store.write(Source("mine", "summaries"))
    [file] = live[0].glob("events.out.tfevents*")
    for event in v1.train.summary_iterator(str(file)):
        for value in event.summary.value:
            if value.HasField("simple_value") and value.tag != "global_step/sec":
                store.write(Scalar("mine", value.tag, event.step, event.wall_time, value.simple_value))
    np.testing.assert_equal(points(view(store, "summaries")), points(view(replayed, "summaries")))


def test_a_recording_is_played_in_its_own_time(live: tuple[Path, sessions.Session]) -> None:
    waited: list[float] = []
    runs = replay.load(live[0])
    replay.play(runs, Store(), speed=4, sleep=waited.append)
    times = runs.scalars["wall_time"]
    assert sum(waited) * 4 >= times.max() - times.min() > 0
    with pytest.raises(ValueError, match="speed=0"):
        replay.play(runs, Store(), speed=0)


def test_a_board_shows_what_was_saved(live: tuple[Path, sessions.Session]) -> None:
    board = replay.load(live[0]).show()
    try:
        assert board.state == "saved"
        assert len(board.figure().axes) == 2
        shown = board.scalars.query("tag == 'loss'")["value"].tolist()
        assert shown == replay.load(live[0], tags="loss").scalars["value"].tolist()
        assert {"steps per second", "summaries", "checkpoints"} == {
            panel.source for section in board._sections for panel in section.panels
        }
    finally:
        board.close()
