"""Writes the event files that replay.py loads, with the libraries that users write them with.

Nothing here frames a record or fills an event: TensorFlow's FileWriter, tf.summary and Keras do. Beside each
set stands a manifest, `<set>.json`: who wrote it, and the count and the sum of what a plain protobuf reader
finds in it. A set that has its manifest is not written again.
"""

from __future__ import annotations

import argparse
import json
import math
import shutil
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

KINDS = ("scalars", "histograms", "images")
FILE_WRITER = "tf.compat.v1.summary.FileWriter"
SUMMARY = "tf.summary.scalar"
KERAS = "keras.callbacks.TensorBoard"


# What was written


@dataclass
class Tally:
    """How many values there are of each kind, run and tag, and what they add up to.

    A scalar adds its value, a histogram the counts of its buckets, an image its encoded bytes.

    Attributes:
        found: count, sum and last step by kind, run and tag, which are joined by tabs.
    """

    found: dict[str, list[float]] = field(default_factory=dict)

    def add(self, kind: str, run: str, tag: str, numbers: Iterable[float], step: int = 0) -> None:
        """Add the values that one event, or a whole series, holds."""
        numbers = list(numbers)
        count, total, last = self.found.get(f"{kind}\t{run}\t{tag}", (0, 0.0, 0))
        self.found[f"{kind}\t{run}\t{tag}"] = [
            count + len(numbers),
            math.fsum((total, *numbers)),
            max(last, step),
        ]

    def of(self, kinds: Iterable[str]) -> Tally:
        """Return the part that is of some kinds."""
        kept = set(kinds)
        return Tally({key: row for key, row in self.found.items() if key.split("\t")[0] in kept})

    def count(self, kind: str) -> int:
        """Return how many values there are of a kind."""
        return sum(int(row[0]) for row in self.of([kind]).found.values())

    def difference(self, expected: Tally) -> str:
        """Say what differs from the tally expected; nothing if nothing does."""
        different = [
            key
            for key in {**self.found, **expected.found}
            if not _same(self.found.get(key, [0, 0.0]), expected.found.get(key, [0, 0.0]))
        ]
        if not different:
            return ""
        counts = [sum(int(row[0]) for row in tally.found.values()) for tally in (self, expected)]
        return f"{counts[0]:,} of {counts[1]:,} values; {len(different)} series differ"


def _same(one: list[float], other: list[float]) -> bool:
    return one[0] == other[0] and math.isclose(one[1], other[1], rel_tol=1e-9, abs_tol=1e-9)


@dataclass
class Manifest:
    """What there is to know about a set that was written.

    Attributes:
        writer: what users call to write such files.
        versions: of the libraries that wrote it.
        seconds: how long that took.
        megabytes: of all its files.
        tally: what a plain protobuf reader finds in it.
    """

    writer: str
    versions: dict[str, str]
    seconds: float
    megabytes: float
    tally: Tally

    @classmethod
    def of(cls, path: Path) -> Manifest:
        """Read one."""
        fields = json.loads(path.read_text())
        return cls(**{**fields, "tally": Tally(**fields["tally"])})

    def save(self, path: Path) -> None:
        """Write it."""
        path.write_text(json.dumps(asdict(self)))


def numbers(kind: str, array: Any) -> list[float]:
    """Return what a tensor of a kind adds to a tally."""
    if kind == "scalars":
        return [float(array)]
    if kind == "histograms":
        return [float(np.sum(array[:, 2]))]
    return [float(len(image)) for image in array[2:]]  # in front of the images are their width and height


def read_plainly(folder: Path) -> Iterator[tuple[str, int, Any, str]]:
    """Give run, step, value and kind of each value, as protobuf reads the events one by one."""
    import tensorflow as tf

    for file in sorted(folder.rglob("*tfevents*")):
        run = file.parent.relative_to(folder).as_posix()
        plugins: dict[str, str] = {}
        for event in tf.compat.v1.train.summary_iterator(str(file)):
            for value in event.summary.value:
                kind = plugins.setdefault(value.tag, value.metadata.plugin_data.plugin_name or "scalars")
                yield run, event.step, value, kind


def tally_plainly(folder: Path) -> Tally:
    """Count and add up what a plain protobuf reader finds."""
    import tensorflow as tf

    series: dict[tuple[str, str, str], tuple[list[float], list[int]]] = {}
    for run, step, value, kind in read_plainly(folder):
        if kind in KINDS:
            found, steps = series.setdefault((kind, run, value.tag), ([], []))
            is_tensor = value.WhichOneof("value") == "tensor"
            found += numbers(kind, tf.make_ndarray(value.tensor)) if is_tensor else [value.simple_value]
            steps.append(step)
    tally = Tally()
    for key, (found, steps) in series.items():
        tally.add(*key, found, max(steps))
    return tally


# The writers


def write_file_writer(folder: Path, scalars: int, an_event: int = 1) -> None:
    """Write scalars with TensorFlow 1's writer: five tags, or as many as there are in an event."""
    import tensorflow as tf

    v1 = tf.compat.v1
    values = np.random.default_rng(1).random(scalars).tolist()
    tags = [f"tag_{number}/loss" for number in range(max(5, an_event))]
    with tf.Graph().as_default():  # FileWriter refuses to work eagerly
        writer = v1.summary.FileWriter(str(folder))
    for step in range(scalars // an_event):
        summary = v1.Summary()
        for number in range(an_event):
            tag = tags[number if an_event > 1 else step % 5]
            summary.value.add(tag=tag, simple_value=values[step * an_event + number])
        writer.add_summary(summary, step)
    writer.close()


def write_runs(folder: Path, runs: int, scalars: int) -> None:
    """Write so many runs with TensorFlow 1's writer."""
    for run in range(runs):
        write_file_writer(folder / f"run_{run:03}", scalars)


def write_summary(folder: Path, scalars: int) -> None:
    """Write scalars of three tags with TensorFlow 2's writer, from a function like a training step."""
    import tensorflow as tf

    writer = tf.summary.create_file_writer(str(folder))

    @tf.function
    def record(step: Any, row: Any) -> None:
        with writer.as_default(step):
            tf.summary.scalar("loss", row[0])
            tf.summary.scalar("accuracy", row[1])
            tf.summary.scalar("learning_rate", row[2])

    values = np.random.default_rng(1).random((scalars // 3, 3), dtype=np.float32)
    for step, row in enumerate(values):
        record(tf.constant(step, tf.int64), row)
    writer.close()


def write_keras(folder: Path, runs: int, epochs: int, batches: int) -> None:
    """Train small models with Keras' callback: scalars by batch and epoch, histograms, images, the graph."""
    import keras

    random = np.random.default_rng(1)
    images = random.random((8 * batches, 12, 12, 1), dtype=np.float32)
    labels = random.integers(0, 10, 8 * batches)
    for run in range(runs):
        keras.utils.set_random_seed(run)
        model = keras.Sequential(
            [
                keras.Input((12, 12, 1)),
                keras.layers.Conv2D(8, 3, activation="relu"),
                keras.layers.Flatten(),
                keras.layers.Dense(32, activation="relu"),
                keras.layers.Dense(10, activation="softmax"),
            ]
        )
        model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
        board = keras.callbacks.TensorBoard(
            str(folder / f"run_{run:03}"), histogram_freq=1, write_images=True, update_freq="batch"
        )
        some = images[:64], labels[:64]
        model.fit(
            images,
            labels,
            batch_size=8,
            epochs=epochs,
            verbose=0,
            validation_data=some,
            callbacks=[board],
        )


# The sets


@dataclass(frozen=True)
class Set:
    """A set of event files.

    Attributes:
        words: what is in it.
        writer: what users call to write such files.
        write: into a folder, as much as a million scalars times this is.
    """

    words: str
    writer: str
    write: Callable[[Path, float], None]


def _scaled(number: int, scale: float, least: int = 1) -> int:
    return max(least, round(number * scale))


SETS = {
    "one": Set("one scalar an event", FILE_WRITER, lambda at, by: write_file_writer(at, _scaled(10**6, by))),
    "ten": Set(
        "ten scalars an event", FILE_WRITER, lambda at, by: write_file_writer(at, _scaled(10**6, by), 10)
    ),
    "tf2": Set("TensorFlow 2, three tags", SUMMARY, lambda at, by: write_summary(at, _scaled(200_000, by))),
    "keras": Set(
        "Keras, ten runs of 30 epochs",
        KERAS,
        lambda at, by: write_keras(at, _scaled(10, by, 2), _scaled(30, by, 3), _scaled(100, by, 10)),
    ),
    "runs": Set("100 runs", FILE_WRITER, lambda at, by: write_runs(at, 100, _scaled(10_000, by))),
}
"""What is compared with others. At a smaller scale than 1 the words stay, and the tables give the counts."""

SMALLER = {
    "a_tenth_of_one": Set("", FILE_WRITER, lambda at, by: write_file_writer(at, _scaled(10**5, by))),
    "a_tenth_of_ten": Set("", FILE_WRITER, lambda at, by: write_file_writer(at, _scaled(10**5, by), 10)),
    "small": Set("", FILE_WRITER, lambda at, _: write_file_writer(at, 20_000)),
    "polled": Set("", FILE_WRITER, lambda at, _: write_runs(at, 100, 100)),
}
"""What nbhooks alone is measured with."""


def write_all(folder: Path, scale: float, sets: dict[str, Set]) -> Iterator[tuple[str, Manifest]]:
    """Write the sets that are not there yet; give the name and the manifest of each."""
    for name, one in sets.items():
        path = folder / f"{name}.json"
        if not path.exists():
            _write(folder / name, scale, one).save(path)
        yield name, Manifest.of(path)


def _write(folder: Path, scale: float, one: Set) -> Manifest:
    import keras
    import tensorflow as tf

    shutil.rmtree(folder, ignore_errors=True)  # what was interrupted has no manifest
    folder.mkdir(parents=True)
    begin = time.perf_counter()
    one.write(folder, scale)
    seconds = time.perf_counter() - begin
    size = sum(file.stat().st_size for file in folder.rglob("*tfevents*"))
    versions = {"TensorFlow": tf.__version__, "Keras": keras.__version__}
    return Manifest(one.writer, versions, seconds, size / 1e6, tally_plainly(folder))


def main() -> None:
    """Write the sets, and say what was written."""
    parser = argparse.ArgumentParser(description="Write event files with the libraries that users have.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--scale", type=float, default=1, help="1 is a million scalars (default 1)")
    options = parser.parse_args()
    for name, manifest in write_all(options.folder, options.scale, {**SETS, **SMALLER}):
        counts = ", ".join(f"{manifest.tally.count(kind):,} {kind}" for kind in KINDS)
        print(f"{name}: {manifest.writer}, {counts}, {manifest.megabytes:.3g} MB, {manifest.seconds:.0f} s")


if __name__ == "__main__":
    main()
