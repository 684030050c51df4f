"""The sum of squares of a histogram, live and replayed; TensorFlow 2 does not write it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
import tensorboardX
import tensorflow as tf

import nbhooks
from nbhooks import frames
from nbhooks.model import registry
from nbhooks.model.store import Store
from nbhooks.model.values import Histogram
from nbhooks.replay import load, play

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

pytestmark = pytest.mark.tensorflow

v1 = tf.compat.v1
NUMBERS = np.array([1.0, -2.0, 2.0, 5.0], np.float32)
COLUMNS = ["edges", "counts", "min", "max", "sum", "sum_squares", "num"]


def check(frame: pd.DataFrame) -> None:
    assert list(frame.columns[5:]) == COLUMNS
    assert str(frame["sum_squares"].dtype) == "float64"


def test_a_summary_saver_hook(tmp_path: Path) -> None:
    with tf.Graph().as_default() as graph:
        v1.summary.histogram("weights", tf.constant(NUMBERS))
        step = v1.train.get_or_create_global_step()
        advance = v1.assign_add(step, 1)
        hook = nbhooks.SummarySaverHook(1, output_dir=str(tmp_path), summary_op=v1.summary.merge_all())
        with v1.train.SingularMonitoredSession([hook]) as session:
            watched = registry.current(graph)
            for _ in range(3):
                session.run(advance)
    v1.summary.FileWriterCache.clear()
    assert watched is not None
    live, replayed = frames.live(Histogram, [watched.store.columns()]), load(tmp_path).histograms
    for frame in (live, replayed):
        check(frame)
        assert frame["sum_squares"].tolist() == [34.0] * 3
        assert frame["num"].tolist() == [4.0] * 3
    played = Store()
    play(load(tmp_path), played)
    assert frames.live(Histogram, [played.columns()])["sum_squares"].tolist() == [34.0] * 3


def test_tensorboardx(tmp_path: Path) -> None:
    with tensorboardX.SummaryWriter(str(tmp_path)) as writer:
        writer.add_histogram("weights", NUMBERS, 1)
    frame = load(tmp_path).histograms
    check(frame)
    assert frame["sum_squares"].item() == pytest.approx(34.0)


def test_tensorflow_2_does_not_write_it(tmp_path: Path) -> None:
    with tf.summary.create_file_writer(str(tmp_path)).as_default():
        tf.summary.histogram("weights", NUMBERS, step=1)
        tf.summary.histogram("nothing", [], step=1)
    frame = load(tmp_path).histograms
    check(frame)
    assert all(map(math.isnan, frame["sum_squares"]))
