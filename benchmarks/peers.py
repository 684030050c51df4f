"""The loaders that replay.py compares, each run in a process of its own with --work.

What is timed ends with the peer's own structures: frames, lists, or messages. Where those hold tensors as
messages (EventAccumulator, summary_iterator, the histograms of the Rust server), turning them into numbers is
not timed. What each loader found is counted and added up afterwards, and compared with what is in the files.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import json
import mmap
import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from event_files import KINDS, Manifest, Tally, numbers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

PATIENCE = 30
"""Seconds after which the Rust server is asked for whatever it has loaded."""


@dataclass(frozen=True)
class Task:
    """What is to be loaded.

    Attributes:
        folder: with the event files.
        kinds: which values are asked for.
        expected: what is in the files, of these kinds.
    """

    folder: str
    kinds: Sequence[str]
    expected: Tally

    def kind(self, run: str, tag: str) -> str | None:
        """Return the kind of a tag, which some loaders do not say; None if it is not asked for."""
        return next((kind for kind in self.kinds if f"{kind}\t{run}\t{tag}" in self.expected.found), None)

    def runs(self) -> Iterator[tuple[str, Path]]:
        """Give the name and the folder of each run."""
        root = Path(self.folder)
        for at in sorted({file.parent for file in root.rglob("*tfevents*")}):
            yield at.relative_to(root).as_posix(), at

    def files(self) -> list[Path]:
        """Return the event files."""
        return sorted(Path(self.folder).rglob("*tfevents*"))


# The loaders, and what each found


def load_nbhooks(task: Task) -> Any:
    """Load with nbhooks into DataFrames, every checksum verified."""
    from nbhooks import replay

    runs = replay.load(task.folder)
    return {kind: getattr(runs, kind) for kind in task.kinds}


def tally_nbhooks(_: Task, frames: Any) -> Tally:
    """Add up the frames."""
    measures = {
        "scalars": lambda frame: frame["value"],
        "histograms": lambda frame: frame["counts"].map(np.sum),
        "images": lambda frame: frame["encoded"].map(len),
    }
    tally = Tally()
    for kind, frame in frames.items():
        values = frame.assign(measure=measures[kind](frame))
        for (run, tag), rows in values.groupby(["run", "tag"], observed=True):
            tally.add(kind, run, tag, rows["measure"])
    return tally


def load_tbparse(task: Task) -> Any:
    """Load with tbparse into its DataFrames; TensorFlow 2's values are among its tensors."""
    from tbparse import SummaryReader

    reader = SummaryReader(task.folder, extra_columns={"dir_name", "wall_time"})
    return [reader.scalars, reader.tensors]


def tally_tbparse(task: Task, frames: Any) -> Tally:
    """Add up its frames; a run in the root folder has no name there."""
    tally = Tally()
    for frame in frames:
        if len(frame):
            for (run, tag), values in frame.groupby(["dir_name", "tag"])["value"]:
                if kind := task.kind(run or ".", tag):
                    tally.add(kind, run or ".", tag, [n for value in values for n in numbers(kind, value)])
    return tally


def load_accumulator(task: Task) -> Any:
    """Load with TensorBoard's EventAccumulator into its lists, nothing sampled."""
    from tensorboard.backend.event_processing import event_accumulator

    found = []
    for run, at in task.runs():
        everything = event_accumulator.STORE_EVERYTHING_SIZE_GUIDANCE
        accumulator = event_accumulator.EventAccumulator(str(at), size_guidance=everything)
        accumulator.Reload()
        found += [(run, tag, accumulator.Scalars(tag)) for tag in accumulator.Tags()["scalars"]]
        found += [(run, tag, accumulator.Tensors(tag)) for tag in accumulator.Tags()["tensors"]]
    return found


def tally_accumulator(task: Task, found: Any) -> Tally:
    """Add up its lists."""
    from tensorboard.util.tensor_util import make_ndarray

    tally = Tally()
    for run, tag, points in found:
        if kind := task.kind(run, tag):
            values = [
                make_ndarray(point.tensor_proto) if hasattr(point, "tensor_proto") else point.value
                for point in points
            ]
            tally.add(kind, run, tag, [n for value in values for n in numbers(kind, value)])
    return tally


def load_iterator(task: Task) -> Any:
    """Read with TensorFlow's summary_iterator into a list."""
    import tensorflow as tf

    rows = []
    for run, at in task.runs():
        for file in sorted(at.glob("*tfevents*")):
            for event in tf.compat.v1.train.summary_iterator(str(file)):
                for value in event.summary.value:
                    number = value.tensor if value.WhichOneof("value") == "tensor" else value.simple_value
                    rows.append((run, value.tag, event.step, event.wall_time, number))
    return rows


def tally_iterator(task: Task, rows: Any) -> Tally:
    """Add up its list."""
    from tensorboard.util.tensor_util import make_ndarray

    series: dict[tuple[str, str], list[Any]] = {}
    for run, tag, _, _, number in rows:
        series.setdefault((run, tag), []).append(number)
    tally = Tally()
    for (run, tag), values in series.items():
        if kind := task.kind(run, tag):
            arrays = [value if isinstance(value, float) else make_ndarray(value) for value in values]
            tally.add(kind, run, tag, [n for array in arrays for n in numbers(kind, array)])
    return tally


@contextlib.contextmanager
def rust_server(folder: str) -> Iterator[Any]:
    """Start TensorBoard's Rust server on a folder; give the raw stub to it."""
    import grpc
    from tensorboard.data.proto import data_provider_pb2_grpc
    from tensorboard_data_server import server_binary

    with tempfile.TemporaryDirectory() as scratch:
        port = Path(scratch, "port")
        samples = ",".join(f"{kind}=all" for kind in KINDS)
        options = ["--reload=once", f"--samples-per-plugin={samples}", "--port=0", "--die-after-stdin"]
        command = [server_binary(), f"--logdir={folder}", f"--port-file={port}", *options]
        server = subprocess.Popen(command, stdin=subprocess.PIPE)
        try:
            while not port.exists() or not port.read_text().endswith("\n"):
                time.sleep(0.002)
            limits = [("grpc.max_receive_message_length", 2**31 - 1)]
            with grpc.insecure_channel(f"localhost:{int(port.read_text())}", options=limits) as channel:
                yield data_provider_pb2_grpc.TensorBoardDataProviderStub(channel)
        finally:
            server.kill()
            server.communicate()


METHODS = {"scalars": "Scalars", "histograms": "Tensors", "images": "BlobSequences"}
"""What the server calls a series of each kind."""


def request(action: str, kind: str) -> Any:
    """Return the server's request to list or to read all series of a kind."""
    from tensorboard.data.proto import data_provider_pb2

    message = getattr(data_provider_pb2, f"{action}{METHODS[kind]}Request")()
    message.plugin_filter.plugin_name = kind
    if action == "Read":
        message.downsample.num_points = 2**31 - 1
    return message


def wait_until_loaded(stub: Any, task: Task) -> None:
    """Ask which step each series has reached, until all are at their last: the server answers early."""
    begin = time.perf_counter()
    for kind in task.kinds:
        last = {key: row[2] for key, row in task.expected.of([kind]).found.items()}
        reached: dict[str, int] = {}
        while reached != last and time.perf_counter() - begin < PATIENCE:
            answer = getattr(stub, f"List{METHODS[kind]}")(request("List", kind))
            reached = {
                f"{kind}\t{run.run_name}\t{tag.tag_name}": tag.metadata.max_step
                for run in answer.runs
                for tag in run.tags
            }
            if reached != last:
                time.sleep(0.002)


def load_rust(task: Task) -> Any:
    """Load with TensorBoard's Rust server, and fetch every point over its raw stub.

    Each image has a call of its own; all are under way at once.
    """
    from tensorboard.data.proto import data_provider_pb2

    found: dict[str, Any] = {}
    with rust_server(task.folder) as stub:
        wait_until_loaded(stub, task)
        for kind in task.kinds:
            found[kind] = getattr(stub, f"Read{METHODS[kind]}")(request("Read", kind))
        calls = [
            (
                run.run_name,
                tag.tag_name,
                stub.ReadBlob(data_provider_pb2.ReadBlobRequest(blob_key=ref.blob_key)),
            )
            for run in (found["images"].runs if "images" in found else ())
            for tag in run.tags
            for sequence in tag.data.values
            for ref in sequence.blob_refs[2:]  # in front are the width and the height
        ]
        found["images"] = [(run, tag, b"".join(part.data for part in parts)) for run, tag, parts in calls]
    return found


def tally_rust(task: Task, found: Any) -> Tally:
    """Add up the server's messages."""
    from tensorboard.util.tensor_util import make_ndarray

    tally = Tally()
    for kind in task.kinds:
        if kind == "images":
            for run, tag, image in found[kind]:
                tally.add(kind, run, tag, [len(image)])
            continue
        for run in found[kind].runs:
            for tag in run.tags:
                values = tag.data.value if kind == "scalars" else map(make_ndarray, tag.data.value)
                every = [n for value in values for n in numbers(kind, value)]
                tally.add(kind, run.run_name, tag.tag_name, every)
    return tally


def load_provider(task: Task) -> Any:
    """Load with the same server, and fetch every point over its Python provider."""
    from tensorboard.context import RequestContext
    from tensorboard.data.grpc_provider import GrpcDataProvider

    found: dict[str, Any] = {}
    with rust_server(task.folder) as stub:
        wait_until_loaded(stub, task)
        provider = GrpcDataProvider("", stub)
        readers = {
            "scalars": provider.read_scalars,
            "histograms": provider.read_tensors,
            "images": provider.read_blob_sequences,
        }
        for kind in task.kinds:
            found[kind] = readers[kind](
                RequestContext(), experiment_id="", plugin_name=kind, downsample=2**31 - 1
            )
        for series in found.get("images", {}).values():
            for tag, points in series.items():
                series[tag] = [
                    provider.read_blob(RequestContext(), blob_key=blob.blob_key)
                    for point in points
                    for blob in point.values[2:]
                ]
    return found


def tally_provider(task: Task, found: Any) -> Tally:
    """Add up what the provider gave."""
    measures: dict[str, Callable[[Any], float]] = {
        "scalars": lambda point: point.value,
        "histograms": lambda point: numbers("histograms", point.numpy)[0],
        "images": len,
    }
    tally = Tally()
    for kind in task.kinds:
        for run, series in found[kind].items():
            for tag, points in series.items():
                tally.add(kind, run, tag, map(measures[kind], points))
    return tally


def map_and_sum(task: Task) -> int:
    """Map each file and sum its bytes: nothing that reads them all is faster."""
    total = 0
    for file in task.files():
        with file.open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
            total += int(np.frombuffer(mapped, np.uint8).sum(dtype=np.uint64))
    return total


def one_checksum(task: Task) -> int:
    """Compute one checksum over each file: nothing that verifies them all is faster."""
    import google_crc32c

    total = 0
    for file in task.files():
        total ^= google_crc32c.value(file.read_bytes())
    return total


@dataclass(frozen=True)
class Loader:
    """How something loads, and how what it found is added up; None where it finds nothing."""

    load: Callable[[Task], Any]
    tally: Callable[[Task, Any], Tally] | None


LOADERS = {
    "nbhooks": Loader(load_nbhooks, tally_nbhooks),
    "tbparse": Loader(load_tbparse, tally_tbparse),
    "EventAccumulator": Loader(load_accumulator, tally_accumulator),
    "summary_iterator": Loader(load_iterator, tally_iterator),
    "Rust server, raw stub": Loader(load_rust, tally_rust),
    "the same, its provider": Loader(load_provider, tally_provider),
    "map and sum": Loader(map_and_sum, None),
    "one crc32c": Loader(one_checksum, None),
}
OWN = ("nbhooks", "map and sum", "one crc32c")
"""Those that run in the project's environment."""


def work(name: str) -> None:
    """Do the tasks that come in; report how long each took, the memory held at most, and what differs."""
    loader = LOADERS[name]
    for line in sys.stdin:
        asked = json.loads(line)
        expected = Manifest.of(Path(asked["manifest"])).tally.of(asked["kinds"])
        task = Task(asked["folder"], asked["kinds"], expected)
        gc.collect()  # nobody pays for what was loaded before
        begin = time.perf_counter()
        found = loader.load(task)
        took = time.perf_counter() - begin
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
        checked = asked["check"] and loader.tally is not None
        difference = loader.tally(task, found).difference(expected) if checked else ""
        del found
        print(json.dumps([took, peak, difference]), flush=True)


class Peer:
    """A process that loads.

    Args:
        python: the interpreter.
        name: of the loader.
    """

    def __init__(self, python: str, name: str) -> None:
        """Start it."""
        self._name = name
        self._process = subprocess.Popen(
            [python, __file__, "--work", name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONWARNINGS": "ignore"},
        )

    def load(self, at: Path, kinds: Sequence[str], *, check: bool = False) -> tuple[float, float, str]:
        """Have it load a set that has its manifest beside it.

        Args:
            at: the folder of the set.
            kinds: of the values asked for.
            check: whether to compare what it found with the manifest.

        Returns:
            Seconds, the most megabytes that it has held, and what differs.

        Raises:
            RuntimeError: if it dies of it.
        """
        assert self._process.stdin is not None  # noqa: S101 - both are pipes
        assert self._process.stdout is not None  # noqa: S101
        manifest = at.with_name(f"{at.name}.json")
        task = {"folder": str(at), "manifest": str(manifest), "kinds": list(kinds), "check": check}
        print(json.dumps(task), file=self._process.stdin, flush=True)
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError(
                f"{self._name} died of {json.dumps(task)}; give that line to peers.py --work {self._name!r} "
                "to see why"
            )
        took, peak, difference = json.loads(answer)
        return took, peak, difference

    def close(self) -> None:
        """End it."""
        self._process.communicate()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Load event files as asked on the standard input.")
    parser.add_argument("--work", choices=LOADERS, required=True)
    work(parser.parse_args().work)
