"""Loads event files with nbhooks and with others, in turn, and prints how long each takes.

Each peer has a process of its own that imports once, loads what it is told and says how long that took; the
others' processes run in an environment of their own, which this script makes. The tables are Markdown.
"""

from __future__ import annotations

import argparse
import json
import mmap
import os
import resource
import statistics
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PEERS = ("tbparse", "tensorflow-cpu", "tensorboard", "tensorboard-data-server", "setuptools<81")
"""What the others are installed from; TensorBoard still imports pkg_resources."""


# The data sets


def write_all(folder: Path, million: int) -> dict[str, tuple[Path, int]]:
    """Write the four data sets; return of each its folder and how many scalars it has."""
    sets = {
        "1M scalars, one an event": (lambda at: write(at, million), million),
        "1M scalars, ten an event": (lambda at: write(at, million, an_event=10), million),
        "200k TF2 scalars": (lambda at: write(at, million // 5, tensors=True), million // 5),
        "100 runs × 10k": (lambda at: write_runs(at, 100, million // 100), million),
    }
    found = {}
    for number, (name, (make, count)) in enumerate(sets.items()):
        at = folder / str(number)
        at.mkdir()
        make(at)
        found[name] = at, count
    return found


def write_runs(folder: Path, runs: int, scalars: int) -> None:
    """Write so many runs."""
    for run in range(runs):
        at = folder / f"run_{run:03}"
        at.mkdir()
        write(at, scalars)


def write(folder: Path, scalars: int, an_event: int = 1, *, tensors: bool = False) -> None:
    """Write an event file with five tags, or as many as there are in an event."""
    from tensorboard.compat.proto.event_pb2 import Event

    random = np.random.default_rng(1)
    with (folder / "events.out.tfevents.1").open("wb") as file:
        file.write(_record(Event(wall_time=1e9, file_version="brain.Event:2").SerializeToString()))
        for step in range(scalars // an_event):
            event = Event(wall_time=1e9 + step / 10, step=step)
            for number in range(an_event):
                value = event.summary.value.add()
                value.tag = f"tag_{number}/loss" if an_event > 1 else f"tag_{step % 5}/loss"
                if tensors:
                    value.tensor.dtype = 1
                    value.tensor.tensor_shape.SetInParent()
                    value.tensor.float_val.append(random.random())
                    if step < 5:
                        value.metadata.plugin_data.plugin_name = "scalars"
                else:
                    value.simple_value = random.random()
            file.write(_record(event.SerializeToString()))


def _record(data: bytes) -> bytes:
    from nbhooks.replay.checksums import masked

    length = struct.pack("<Q", len(data))
    return b"".join((length, struct.pack("<I", masked(length)), data, struct.pack("<I", masked(data))))


# What is timed, each in its process


def nbhooks_load(folder: str) -> int:
    """Load with nbhooks, every checksum verified."""
    from nbhooks import replay

    return len(replay.load(folder).scalars)


def tbparse_load(folder: str) -> int:
    """Load with tbparse, which makes a DataFrame, too."""
    from tbparse import SummaryReader

    reader = SummaryReader(folder, extra_columns={"dir_name", "wall_time"})
    return max(len(reader.scalars), len(reader.tensors))


def accumulator_load(folder: str) -> int:
    """Load with TensorBoard's EventAccumulator, nothing sampled."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    count = 0
    for at in _runs(folder):
        found = EventAccumulator(str(at), size_guidance={"scalars": 0, "tensors": 0})
        found.Reload()
        count += sum(len(found.Scalars(tag)) for tag in found.Tags()["scalars"])
        count += sum(len(found.Tensors(tag)) for tag in found.Tags()["tensors"])
    return count


def iterator_load(folder: str) -> int:
    """Read with TensorFlow's summary_iterator into lists."""
    import tensorflow as tf

    rows = []
    for at in _runs(folder):
        for file in at.glob("*tfevents*"):
            for event in tf.compat.v1.train.summary_iterator(str(file)):
                rows += [(event.step, event.wall_time, value.simple_value) for value in event.summary.value]
    return len(rows)


def rust_load(folder: str) -> int:
    """Load with TensorBoard's Rust server, and fetch every point over its raw stub."""
    import grpc
    from tensorboard.data.proto import data_provider_pb2, data_provider_pb2_grpc
    from tensorboard_data_server import server_binary

    with tempfile.TemporaryDirectory() as scratch:
        port = Path(scratch, "port")
        options = ["--reload=once", "--samples-per-plugin=scalars=all", "--port=0", "--die-after-stdin"]
        command = [server_binary(), f"--logdir={folder}", f"--port-file={port}", *options]
        server = subprocess.Popen(command, stdin=subprocess.PIPE)
        try:
            while not port.exists() or not port.read_text().endswith("\n"):
                time.sleep(0.002)
            limits = [("grpc.max_receive_message_length", 2**31 - 1)]
            channel = grpc.insecure_channel(f"localhost:{int(port.read_text())}", options=limits)
            stub = data_provider_pb2_grpc.TensorBoardDataProviderStub(channel)
            request = data_provider_pb2.ReadScalarsRequest()
            request.plugin_filter.plugin_name = "scalars"
            request.downsample.num_points = 2**31 - 1
            before = -1
            while True:  # it answers while it is still loading
                answer = stub.ReadScalars(request)
                tags = (tag for run in answer.runs for tag in run.tags)
                count = sum(len(tag.data.step) for tag in tags)
                if count == before or count >= int(os.environ["EXPECTED"]):
                    return count
                before = count or before
                time.sleep(0.01)
        finally:
            server.kill()
            server.wait()


def bound_load(folder: str) -> int:
    """Map each file and sum its bytes: nothing that reads them all is faster."""
    total = 0
    for at in _runs(folder):
        for file in at.glob("*tfevents*"):
            with file.open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
                total += int(np.frombuffer(mapped, np.uint8).sum(dtype=np.uint64))
    return total


def _runs(folder: str) -> list[Path]:
    return sorted({file.parent for file in Path(folder).rglob("*tfevents*")})


LOADERS: dict[str, Callable[[str], int]] = {
    "nbhooks": nbhooks_load,
    "tbparse": tbparse_load,
    "EventAccumulator": accumulator_load,
    "summary_iterator": iterator_load,
    "Rust server, raw stub": rust_load,
    "map and sum": bound_load,
}


def work(name: str) -> None:
    """Load whatever folder comes in; say how long it took and how much memory there has been."""
    load = LOADERS[name]
    for line in sys.stdin:
        folder, expected = json.loads(line)
        os.environ["EXPECTED"] = str(expected)
        begin = time.perf_counter()
        count = load(folder)
        took = time.perf_counter() - begin
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
        print(json.dumps([took, count, peak]), flush=True)


# The tables


class Peer:
    """A process that loads."""

    def __init__(self, python: str, name: str) -> None:
        """Start it."""
        command = [python, __file__, "--work", name]
        environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONWARNINGS": "ignore"}
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=environment,
        )

    def load(self, folder: Path, expected: int) -> tuple[float, int, float]:
        """Have it load; return seconds, scalars, and the most megabytes that it has held.

        Raises:
            RuntimeError: if it dies of it.
        """
        assert self._process.stdin is not None  # noqa: S101 - both are pipes
        assert self._process.stdout is not None  # noqa: S101
        print(json.dumps([str(folder), expected]), file=self._process.stdin, flush=True)
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError("a peer died; run it by hand with --work to see why")
        took, count, peak = json.loads(answer)
        return took, count, peak

    def close(self) -> None:
        """End it."""
        self._process.communicate()


def compare(
    peers: dict[str, Peer], sets: dict[str, tuple[Path, int]], rounds: int
) -> Iterator[tuple[str, dict[str, list[float]], dict[str, int], float]]:
    """Load each data set with every peer in turn, once to get warm and then so many times."""
    for name, (folder, expected) in sets.items():
        times: dict[str, list[float]] = {peer: [] for peer in peers}
        counts: dict[str, int] = {}
        peak = 0.0
        for number in range(rounds + 1):
            for peer, process in peers.items():
                took, counts[peer], most = process.load(folder, expected)
                peak = most if peer == "nbhooks" else peak
                if number:
                    times[peer].append(took)
        yield name, times, counts, peak


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description="Measure how fast event files are loaded.")
    parser.add_argument("--work", choices=LOADERS, help="be a peer (used by the script itself)")
    parser.add_argument("--peers", type=Path, help="a virtual environment that has the others")
    parser.add_argument("--rounds", type=int, default=3, help="timed loads of each (default 3)")
    parser.add_argument("--scalars", type=int, default=10**6, help="default 1,000,000")
    options = parser.parse_args()
    if options.work:
        work(options.work)
        return
    with tempfile.TemporaryDirectory() as folder:
        others = options.peers or _environment(Path(folder, "peers"))
        print(f"{os.cpu_count()} cores; load at the start {os.getloadavg()[0]:.1f}", flush=True)
        data = Path(folder, "data")
        data.mkdir()
        sets = write_all(data, options.scalars)
        own = ("nbhooks", "map and sum")
        pythons = {name: sys.executable if name in own else str(others / "bin/python") for name in LOADERS}
        peers = {name: Peer(python, name) for name, python in pythons.items()}
        print(f"\n| data | {' | '.join(peers)} | MB at most, nbhooks |")
        print(f"|{'---|' * (len(peers) + 2)}", flush=True)
        for name, times, counts, peak in compare(peers, sets, options.rounds):
            cells = []
            for peer in peers:
                seconds = statistics.median(times[peer])
                ratio = seconds / statistics.median(times["nbhooks"])
                whole = (
                    ""
                    if peer == "map and sum" or counts[peer] == sets[name][1]
                    else f", {counts[peer]:,} of them"
                )
                cells.append(f"{seconds:.3g} s ({ratio:.2g}×{whole})")
            print(f"| {name} | {' | '.join(cells)} | {peak:.0f} |", flush=True)
        for process in peers.values():
            process.close()


def _environment(folder: Path) -> Path:
    """Make an environment for the others."""
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    subprocess.run(
        [folder / "bin/python", "-m", "pip", "install", "--quiet", *PEERS, "google-crc32c", "pandas"],
        check=True,
    )
    return folder


if __name__ == "__main__":
    main()
