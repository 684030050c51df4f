"""Scalars that TensorFlow, Keras and tensorboardX write are read by columns, each as protobuf reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import keras
import numpy as np
import pytest
import tensorboardX
import tensorflow as tf
from event_files import of_tensorflow_2, scalars
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.util.tensor_util import make_ndarray

from nbhooks.replay import load
from nbhooks.tfevents import templates

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.tensorflow

STEPS = 300
VALUES = np.random.default_rng(0).standard_normal(STEPS).astype(np.float32)
VALUES[:3] = np.nan, np.inf, -0.0


@pytest.fixture(scope="module", autouse=True)
def _eager() -> Iterator[None]:
    """Whatever another module has switched off, these files are written at once."""
    from tensorflow.python.eager import context

    with context.eager_mode():
        yield


def tensorflow_2(folder: Path) -> None:
    with tf.summary.create_file_writer(str(folder)).as_default():
        for step, value in enumerate(VALUES):
            tf.summary.scalar("loss", value, step=step)
            tf.summary.scalar("described", value, step=step, description="what *it* is")
            with tf.name_scope("scope"):
                tf.summary.scalar("loss", float(value) * 2, step=step * 1000)
            for kind in (tf.float64, tf.float16, tf.int32, tf.int64, tf.uint8):
                number = tf.cast(3 if step < 3 else value, kind)
                metadata = tf.compat.v1.SummaryMetadata(plugin_data={"plugin_name": "mine"})
                tf.summary.write(kind.name, number, step=step, metadata=metadata)


def fit(folder: Path) -> None:
    random = np.random.default_rng(0)
    model = keras.Sequential([keras.Input((4, 4, 1)), keras.layers.Flatten(), keras.layers.Dense(2)])
    model.compile("sgd", "mse", metrics=["mae"])
    callback = keras.callbacks.TensorBoard(
        str(folder), histogram_freq=1, write_images=True, update_freq="batch"
    )
    x, y = random.random((400, 4, 4, 1)), random.random((400, 2))
    model.fit(x, y, batch_size=4, epochs=2, verbose=0, validation_data=(x, y), callbacks=[callback])


def tensorboard_x(folder: Path) -> None:
    with tensorboardX.SummaryWriter(str(folder)) as writer:
        for step, value in enumerate(VALUES):
            writer.add_scalar("loss", value, step)
            writer.add_scalar("described", value, step, display_name="Loss", summary_description="what it is")


def tensorflow_1(folder: Path) -> None:
    with tf.Graph().as_default(), tf.compat.v1.summary.FileWriter(str(folder)) as writer:
        for step, value in enumerate(VALUES):
            both = [{"tag": tag, "simple_value": float(value)} for tag in ("loss", "accuracy")]
            writer.add_summary(tf.compat.v1.Summary(value=both), step)


WRITERS = {write.__name__: write for write in (tensorflow_2, fit, tensorboard_x, tensorflow_1)}


def events_of(file: Path) -> Iterator[tuple[bytes, Event]]:
    data, at = file.read_bytes(), 0
    while at < len(data):
        size = int.from_bytes(data[at : at + 8], "little")
        event = data[at + 12 : at + 12 + size]
        yield event, Event.FromString(event)
        at += size + 16


@pytest.mark.parametrize("name", WRITERS)
def test_what_it_writes(name: str, tmp_path: Path) -> None:
    WRITERS[name](tmp_path)
    expected, histograms, images = [], 0, 0
    for file in sorted(tmp_path.rglob("*tfevents*")):
        for data, event in events_of(file):
            scalars = []
            for value in event.summary.value:
                tensor = make_ndarray(value.tensor) if value.HasField("tensor") else np.zeros(0)
                if value.HasField("simple_value"):
                    scalars.append((value.tag, event.step, event.wall_time, value.simple_value))
                elif not tensor.shape and tensor.dtype.kind in "iuf":
                    scalars.append((value.tag, event.step, event.wall_time, float(tensor)))
                histograms += value.metadata.plugin_data.plugin_name == "histograms"
                images += max(tensor.size - 2, 0) * (value.metadata.plugin_data.plugin_name == "images")
            assert not scalars or templates.template(data) is not None, event
            expected += scalars
    runs = load(tmp_path)
    rows = runs.scalars
    assert rows["tag"].tolist() == [row[0] for row in expected]
    for place, column in enumerate(("step", "wall_time", "value"), 1):
        np.testing.assert_array_equal(rows[column], [row[place] for row in expected])
    assert (len(runs.histograms), len(runs.images), len(runs.problems)) == (histograms, images, 0)
    assert len(rows) >= STEPS


def test_histograms_of_keras(tmp_path: Path) -> None:
    fit(tmp_path)
    rows = load(tmp_path).histograms.set_index(["tag", "step"])
    found = 0
    for file in tmp_path.rglob("*tfevents*"):
        for _, event in events_of(file):
            for value in event.summary.value:
                if value.metadata.plugin_data.plugin_name == "histograms":
                    left, right, counts = make_ndarray(value.tensor).T
                    row = rows.loc[value.tag, event.step]
                    np.testing.assert_array_equal(row["edges"], [*left, right[-1]])
                    np.testing.assert_array_equal(row["counts"], counts)
                    assert row["sum"] == pytest.approx(((left + right) / 2 * counts).sum())
                    assert row["num"] == counts.sum()
                    found += 1
    assert found == len(rows) == 4


def written_by_tensorflow_2(folder: Path, **more: str) -> None:
    with tf.summary.create_file_writer(str(folder)).as_default():
        tf.summary.scalar("loss", 150.0, step=300, **more)


def written_by_tensorflow_1(folder: Path) -> None:
    with tf.Graph().as_default(), tf.compat.v1.summary.FileWriter(str(folder)) as writer:
        writer.add_summary(tf.compat.v1.Summary(value=[{"tag": "loss", "simple_value": 150.0}]), 300)


@pytest.mark.parametrize(
    ("real", "ours"),
    [
        (written_by_tensorflow_1, lambda: scalars([300])),
        (written_by_tensorflow_2, lambda: of_tensorflow_2([300])),
        (
            lambda folder: written_by_tensorflow_2(folder, description="what it is"),
            lambda: of_tensorflow_2([300], summary_description="what it is"),
        ),
    ],
)
def test_what_the_unit_tests_write_has_the_same_bytes(
    real: Callable[[Path], None], ours: Callable[[], list[Event]], tmp_path: Path
) -> None:
    real(tmp_path)
    [file] = tmp_path.iterdir()
    *_, (data, event) = events_of(file)
    [built] = ours()
    built.wall_time = event.wall_time
    assert built.SerializeToString() == data
