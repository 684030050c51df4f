"""Files that TensorFlow, Keras, TensorBoard and tensorboardX write: what was written is what is loaded."""

from __future__ import annotations

import io
import subprocess
import sys
import wave
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import tensorboardX
import tensorflow as tf
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.plugins.hparams import api as hp
from tensorboard.util.tensor_util import make_ndarray

from nbhooks.replay import Runs, load

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pandas as pd

pytestmark = pytest.mark.tensorflow

v1 = tf.compat.v1
VALUES = [0.5, -3.25, 1e30, float("nan"), float("inf"), -float("inf"), 1e-40, 0.1]
NUMBERS = np.array([1.0, 2.0, 2.5, 4.0, 4.0, 9.0])
TEXTS = ["plain", "<b>ü</b>", ""]


@pytest.fixture(scope="module", autouse=True)
def _eager() -> Iterator[None]:
    """Whatever another module has switched off, these files are written at once."""
    from tensorflow.python.eager import context

    with context.eager_mode():
        yield


def tensorboard(folder: Path) -> list[tuple[str, int, float, float]]:
    """Read the scalars of a folder as TensorBoard does, all of them: tag, step, wall time and value."""
    theirs = EventAccumulator(
        str(folder), size_guidance={"scalars": 0, "tensors": 0}, purge_orphaned_data=False
    )
    theirs.Reload()
    found = [
        (tag, event.step, event.wall_time, event.value)
        for tag in theirs.Tags()["scalars"]
        for event in theirs.Scalars(tag)
    ]
    for tag in theirs.Tags()["tensors"]:
        if (
            tag in theirs.summary_metadata
            and theirs.SummaryMetadata(tag).plugin_data.plugin_name == "scalars"
        ):
            found += [
                (tag, event.step, event.wall_time, float(make_ndarray(event.tensor_proto)))
                for event in theirs.Tensors(tag)
            ]
    return sorted(found, key=lambda row: row[:3])


def same_as_tensorboard(runs: Runs, folder: Path) -> None:
    frame = runs.scalars.astype({"tag": object}).sort_values(["tag", "step", "wall_time"], kind="stable")
    theirs = tensorboard(folder)
    assert theirs
    assert list(zip(frame["tag"], frame["step"], strict=True)) == [row[:2] for row in theirs]
    np.testing.assert_array_equal(frame[["wall_time", "value"]].to_numpy(), [row[2:] for row in theirs])


def values(frame: pd.DataFrame, tag: str, column: str = "value") -> list[Any]:
    return list(frame[frame["tag"] == tag].sort_values("step", kind="stable")[column])


def pixels(encoded: bytes) -> np.ndarray:
    from PIL import Image

    return np.asarray(Image.open(io.BytesIO(encoded)))


def frames_of(encoded: bytes) -> tuple[int, np.ndarray]:
    with wave.open(io.BytesIO(encoded)) as sound:
        return sound.getframerate(), np.frombuffer(sound.readframes(sound.getnframes()), np.int16)


def test_tensorflow_1(tmp_path: Path) -> None:
    picture = np.arange(2 * 3 * 4 * 3, dtype=np.uint8).reshape(2, 3, 4, 3)
    sound = np.sin(np.arange(800, dtype=np.float32) / 9)[None, :, None]
    with tf.Graph().as_default() as graph, v1.Session(graph=graph) as session:
        number = v1.placeholder(tf.float32, [], name="number")
        merged = v1.summary.merge(
            [
                v1.summary.scalar("loss", number),
                v1.summary.histogram("weights", NUMBERS),
                v1.summary.image("picture", picture),
                v1.summary.audio("sound", sound, 8000),
                v1.summary.text("words", tf.constant(TEXTS)),
                v1.summary.tensor_summary("tensor", tf.constant([[1, 2], [3, 4]], tf.int64)),
            ]
        )
        writer = v1.summary.FileWriter(str(tmp_path), graph)
        writer.add_session_log(tf.compat.v1.SessionLog(status=v1.SessionLog.START), 0)
        for step, value in enumerate(VALUES):
            writer.add_summary(session.run(merged, {number: value}), step)
        for step in range(8, 300):
            writer.add_summary(v1.Summary(value=[{"tag": "loss", "simple_value": step}]), step)
        log = v1.SessionLog(status=v1.SessionLog.CHECKPOINT, checkpoint_path=str(tmp_path / "model"))
        writer.add_session_log(log, 7)
        writer.add_session_log(v1.SessionLog(status=v1.SessionLog.START), 290)
        writer.add_summary(v1.Summary(value=[{"tag": "loss", "simple_value": 5}]), 290)
        writer.close()
    runs = load(tmp_path)
    assert len(runs.problems) == 0
    loss = runs.scalars
    assert loss["step"].tolist() == [*range(300), 290]
    np.testing.assert_array_equal(loss["value"], np.float32([*VALUES, *range(8, 300), 5]))
    assert loss["session"].tolist() == [0] * 300 + [1]
    assert loss["orphaned"].tolist() == [False] * 290 + [True] * 10 + [False]
    same_as_tensorboard(runs, tmp_path)
    histogram = runs.histograms
    assert histogram["step"].tolist() == list(range(8))
    assert histogram.loc[0, ["min", "max", "sum", "num"]].tolist() == [1, 9, NUMBERS.sum(), 6]
    edges, counts = histogram.loc[0, "edges"], histogram.loc[0, "counts"]
    assert (edges[0], edges[-1], counts.sum()) == (1, 9, 6)
    for edge, below in zip(edges[1:-1], np.cumsum(counts), strict=False):
        assert below == (edge > NUMBERS).sum() or edge == 9
    images = runs.images[runs.images["step"] == 0]
    assert images["tag"].tolist() == ["picture/image/0", "picture/image/1"]
    assert images[["width", "height"]].to_numpy().tolist() == [[4, 3]] * 2
    np.testing.assert_array_equal([pixels(one) for one in images["encoded"]], picture)
    assert runs.audio["rate"].tolist() == [8000] * 8
    rate, samples = frames_of(runs.audio["encoded"][0])
    assert rate == 8000
    np.testing.assert_allclose(samples / 32768, sound[0, :, 0], atol=1e-3)
    words = runs.text[runs.text["step"] == 3]
    assert words["value"].tolist() == TEXTS
    assert words["index"].tolist() == [0, 1, 2]
    tensor = runs.tensors
    assert tensor["tag"].tolist() == ["tensor"] * 8
    assert tensor["dtype"][0] == "int64"
    assert tensor["value"][7].tolist() == [[1, 2], [3, 4]]
    assert runs.checkpoints[["step", "path"]].to_numpy().tolist() == [[7, str(tmp_path / "model-7")]]
    assert runs.events["kind"].tolist() == ["file", "session started", "session started"]
    (file,) = runs.logdir.all_files()
    assert len(file.graphs) == 1


def test_tensorflow_2(tmp_path: Path) -> None:
    picture = np.linspace(0, 1, 2 * 3 * 4, dtype=np.float32).reshape(2, 3, 4, 1)
    sound = np.sin(np.arange(800, dtype=np.float32) / 9)[None, :, None]
    with tf.summary.create_file_writer(str(tmp_path / "train")).as_default():
        for step in range(200):
            tf.summary.scalar("loss", VALUES[step % 8], step=step)
            tf.summary.scalar("nested/name", step, step=step)
        for step in range(2):
            tf.summary.histogram("weights", NUMBERS, step=step, buckets=4)
            tf.summary.image("picture", picture, step=step)
            tf.summary.audio("sound", sound, 8000, step=step, encoding="wav")
            tf.summary.text("words", TEXTS, step=step)
            tf.summary.write("raw", tf.constant([1.5, 2.5], tf.float64), step=step)
            for dtype in (tf.bfloat16, tf.float16, tf.uint32, tf.uint64, tf.bool):
                tf.summary.write(dtype.name, tf.cast(1, dtype), step=step)
                tf.summary.write(f"{dtype.name}s", tf.cast([1, 0, 1], dtype), step=step)
            tf.summary.write("string", tf.constant("word"), step=step)
    runs = load(tmp_path)
    assert len(runs.problems) == 0
    assert runs.names == ["train"]
    np.testing.assert_array_equal(values(runs.scalars, "loss"), np.float32(VALUES * 25))
    assert values(runs.scalars, "nested/name") == list(range(200))
    for name in ("bfloat16", "float16", "uint32", "uint64", "bool"):
        assert values(runs.scalars, name) == [1, 1]
        assert [array.tolist() for array in values(runs.tensors, f"{name}s")] == [[1, 0, 1]] * 2
    same_as_tensorboard(load(tmp_path / "train", tags=["loss", "nested/name"]), tmp_path / "train")
    histogram = runs.histograms
    np.testing.assert_array_equal(histogram["edges"][1], [1, 3, 5, 7, 9])
    assert histogram["counts"][1].tolist() == [3, 2, 0, 1]
    assert histogram.loc[1, ["min", "max", "num"]].tolist() == [1, 9, 6]
    assert runs.images["index"].tolist() == [0, 1] * 2
    assert runs.images[["width", "height"]].to_numpy().tolist() == [[4, 3]] * 4
    shown = [pixels(one) for one in runs.images["encoded"][2:]]
    np.testing.assert_allclose(shown, picture[..., 0] * 255, atol=1)
    assert runs.audio["rate"].tolist() == [8000] * 2
    rate, samples = frames_of(runs.audio["encoded"][1])
    assert rate == 8000
    np.testing.assert_allclose(samples / 32768, sound[0, :, 0], atol=1e-3)
    assert runs.text["value"].tolist() == TEXTS * 2
    assert [array.tolist() for array in values(runs.tensors, "raw")] == [[1.5, 2.5]] * 2
    assert [array.item() for array in values(runs.tensors, "string")] == [b"word"] * 2


KERAS = """
import sys
import numpy as np, keras
model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, name="dense")])
model.compile("sgd", "mse")
logs = keras.callbacks.TensorBoard(sys.argv[1], histogram_freq=1, write_graph=True, update_freq="batch")
x = np.arange(20.0).reshape(10, 2) / 20
y = x[:, :1]
history = model.fit(x, y, validation_data=(x, y), epochs=1, batch_size=2, callbacks=[logs], verbose=0)
print(repr({name: values[0] for name, values in history.history.items()}))
"""


def test_keras(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", KERAS, str(tmp_path)], capture_output=True, text=True, check=False, timeout=200
    )
    assert done.returncode == 0, done.stderr[-2000:]
    printed = eval(done.stdout.strip().splitlines()[-1])  # noqa: S307 - our own
    runs = load(tmp_path)
    assert len(runs.problems) == 0
    assert runs.names == ["train", "validation"]
    for name in runs.names:
        same_as_tensorboard(load(tmp_path / name), tmp_path / name)
    scalars = {run: runs.only(run).scalars for run in runs.names}
    assert values(scalars["train"], "epoch_loss") == pytest.approx([printed["loss"]])
    assert values(scalars["validation"], "epoch_loss") == pytest.approx([printed["val_loss"]])
    assert len(values(scalars["train"], "batch_loss")) == 5
    assert all("dense" in tag for tag in runs.histograms["tag"])
    assert sorted(runs.histograms["num"]) == [1, 2]  # a bias and two weights


def test_tensorboardx(tmp_path: Path) -> None:
    picture = np.arange(3 * 4 * 3, dtype=np.uint8).reshape(3, 4, 3)
    with tensorboardX.SummaryWriter(str(tmp_path)) as writer:
        for step in range(100):
            writer.add_scalar("loss", VALUES[step % 8], step, walltime=1e9 + step / 8)
            writer.add_scalar("new", step / 4, step, summary_description="with metadata")
        writer.add_histogram("weights", NUMBERS, 3)
        writer.add_image("picture", picture, 4, dataformats="HWC")
        writer.add_text("words", TEXTS[1], 5)
        writer.add_scalars("group", {"a": 1.5, "b": 2.5}, 6)
    runs = load(tmp_path)
    assert len(runs.problems) == 0
    assert runs.names == [".", "group/a", "group/b"]
    own = load(next(tmp_path.glob("*tfevents*")))
    same_as_tensorboard(own, tmp_path)
    np.testing.assert_array_equal(values(own.scalars, "loss"), np.float32((VALUES * 13)[:100]))
    assert values(own.scalars, "loss", "wall_time") == [1e9 + step / 8 for step in range(100)]
    assert values(own.scalars, "new") == [step / 4 for step in range(100)]
    assert values(runs.only("group/b").scalars, "group") == [2.5]
    assert runs.histograms.loc[0, ["step", "min", "max", "sum", "num"]].tolist() == [
        3,
        1,
        9,
        NUMBERS.sum(),
        6,
    ]
    assert runs.histograms["counts"][0].sum() == 6
    np.testing.assert_array_equal(pixels(runs.images["encoded"][0]), picture)
    assert runs.text["value"].tolist() == [TEXTS[1]]


def test_hparams(tmp_path: Path) -> None:
    rate, kind = hp.HParam("rate", hp.RealInterval(0.0, 1.0)), hp.HParam("kind", hp.Discrete(["x", "y"]))
    for run, given in (("one", {rate: 0.125, kind: "x", "deep": True}), ("two", {rate: 0.5, kind: "y"})):
        with tf.summary.create_file_writer(str(tmp_path / run)).as_default():
            hp.hparams(given)
            tf.summary.scalar("accuracy", given[rate], step=1)
    with tf.summary.create_file_writer(str(tmp_path)).as_default():
        hp.hparams_config(hparams=[rate, kind], metrics=[hp.Metric("accuracy")])
    runs = load(tmp_path)
    assert len(runs.problems) == 0
    rows = runs.hparams.set_index("run").to_dict("index")
    assert rows["one"] == {"rate": 0.125, "kind": "x", "deep": True}
    assert {name: rows["two"][name] for name in ("rate", "kind")} == {"rate": 0.5, "kind": "y"}
    assert set(rows) == {"one", "two"}
    assert len(runs.tensors) == 0
    assert runs.scalars["value"].tolist() == [0.125, 0.5]


ALONE = """
import sys
import nbhooks.replay
runs = nbhooks.replay.load(sys.argv[1])
for kind in ("scalars", "histograms", "images", "audio", "text", "tensors", "hparams", "events", "problems"):
    getattr(runs, kind)
assert len(runs.scalars) == 2 and len(runs.text) == 3, runs
runs.wide()
imported = {name.partition(".")[0] for name in sys.modules}
print(sorted(imported & {"tensorflow", "ipywidgets", "anywidget", "keras"}))
"""


def test_loading_needs_neither_tensorflow_nor_widgets(tmp_path: Path) -> None:
    with tf.summary.create_file_writer(str(tmp_path)).as_default():
        for step in range(2):
            tf.summary.scalar("loss", 0.5, step=step)
        tf.summary.histogram("weights", NUMBERS, step=0)
        tf.summary.text("words", TEXTS, step=0)
        hp.hparams({"rate": 0.5})
    done = subprocess.run(
        [sys.executable, "-c", ALONE, str(tmp_path)], capture_output=True, text=True, check=False, timeout=100
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.splitlines() == ["[]"]
