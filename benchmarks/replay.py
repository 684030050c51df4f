"""Loads event files with nbhooks and with others, in turn, and prints how long each takes.

Each peer has a process of its own that imports once, loads what it is told and says how long that took; the
others' processes run in an environment of their own, which this script makes. The tables are Markdown. At
full size it takes a quarter of an hour.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
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
from typing import TYPE_CHECKING, Any

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


@contextlib.contextmanager
def rust_server(folder: str) -> Iterator[Any]:
    """Start TensorBoard's Rust server on a folder; give the channel to it."""
    import grpc
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
            yield grpc.insecure_channel(f"localhost:{int(port.read_text())}", options=limits)
        finally:
            server.kill()
            server.wait()


def until_whole(ask: Callable[[], int]) -> int:
    """Ask until all scalars are there, or no more come: the server answers while it is still loading."""
    before = -1
    while True:
        count = ask()
        if count == before or count >= int(os.environ["EXPECTED"]):
            return count
        before = count or before
        time.sleep(0.01)


def rust_load(folder: str) -> int:
    """Load with TensorBoard's Rust server, and fetch every point over its raw stub."""
    from tensorboard.data.proto import data_provider_pb2, data_provider_pb2_grpc

    request = data_provider_pb2.ReadScalarsRequest()
    request.plugin_filter.plugin_name = "scalars"
    request.downsample.num_points = 2**31 - 1
    with rust_server(folder) as channel:
        stub = data_provider_pb2_grpc.TensorBoardDataProviderStub(channel)

        def ask() -> int:
            answer = stub.ReadScalars(request)
            return sum(len(tag.data.step) for run in answer.runs for tag in run.tags)

        return until_whole(ask)


def provider_load(folder: str) -> int:
    """Load with the same server, and fetch every point over its Python provider."""
    from tensorboard.context import RequestContext
    from tensorboard.data.grpc_provider import GrpcDataProvider
    from tensorboard.data.proto import data_provider_pb2_grpc

    with rust_server(folder) as channel:
        stub = data_provider_pb2_grpc.TensorBoardDataProviderStub(channel)
        provider = GrpcDataProvider("", stub)

        def ask() -> int:
            answer = provider.read_scalars(
                RequestContext(), experiment_id="", plugin_name="scalars", downsample=2**31 - 1
            )
            return sum(len(points) for tags in answer.values() for points in tags.values())

        return until_whole(ask)


def bound_load(folder: str) -> int:
    """Map each file and sum its bytes: nothing that reads them all is faster."""
    total = 0
    for at in _runs(folder):
        for file in at.glob("*tfevents*"):
            with file.open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
                total += int(np.frombuffer(mapped, np.uint8).sum(dtype=np.uint64))
    return total


def checksum_load(folder: str) -> int:
    """Reckon one checksum over each file: nothing that verifies them all is faster."""
    import google_crc32c

    total = 0
    for at in _runs(folder):
        for file in at.glob("*tfevents*"):
            total ^= google_crc32c.value(file.read_bytes())
    return total


def _runs(folder: str) -> list[Path]:
    return sorted({file.parent for file in Path(folder).rglob("*tfevents*")})


LOADERS: dict[str, Callable[[str], int]] = {
    "nbhooks": nbhooks_load,
    "tbparse": tbparse_load,
    "EventAccumulator": accumulator_load,
    "summary_iterator": iterator_load,
    "Rust server, raw stub": rust_load,
    "the same, its provider": provider_load,
    "map and sum": bound_load,
    "one crc32c": checksum_load,
}
OWN = ("nbhooks", "map and sum", "one crc32c")
BOUNDS = OWN[1:]


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
) -> Iterator[tuple[str, dict[str, list[float]], dict[str, int]]]:
    """Load each data set with every peer in turn, once to get warm and then so many times."""
    for name, (folder, expected) in sets.items():
        times: dict[str, list[float]] = {peer: [] for peer in peers}
        counts: dict[str, int] = {}
        for number in range(rounds + 1):
            for peer, process in peers.items():
                took, counts[peer], _ = process.load(folder, expected)
                if number:
                    times[peer].append(took)
        yield name, times, counts


def spread(times: list[float], scale: float = 1.0, digits: int = 3) -> str:
    """Write the median of some times, and the least and the most of them."""
    low, middle, high = (
        f"{scale * one:.{digits}g}" for one in (min(times), statistics.median(times), max(times))
    )
    return f"{middle} ({low} to {high})"


def print_peers(peers: dict[str, Peer], sets: dict[str, tuple[Path, int]], rounds: int) -> None:
    """Print how long each peer takes, and how many times as long as nbhooks."""
    print(f"\nSeconds: median (least to most) of {rounds}; × as long as nbhooks\n")
    print(f"| data | {' | '.join(peers)} |")
    print(f"|{'---|' * (len(peers) + 1)}", flush=True)
    for name, times, counts in compare(peers, sets, rounds):
        cells = []
        for peer in peers:
            ratio = statistics.median(times[peer]) / statistics.median(times["nbhooks"])
            whole = peer in BOUNDS or counts[peer] == sets[name][1]
            cells.append(
                f"{spread(times[peer])}, {ratio:.3g}×{'' if whole else f', {counts[peer]:,} of them'}"
            )
        print(f"| {name} | {' | '.join(cells)} |", flush=True)


def print_alone(sets: dict[str, tuple[Path, int]], scratch: Path, rounds: int) -> None:
    """Print what nbhooks takes by itself: memory, a cold start, a poll, and ten times the data."""
    print("\n| nbhooks alone | |\n|---|---|", flush=True)
    for name, (folder, expected) in sets.items():
        peaks = []
        for _ in range(rounds):
            process = Peer(sys.executable, "nbhooks")
            peaks.append(process.load(folder, expected)[2])
            process.close()
        print(f"| MB at most, {name}, loaded first | {spread(peaks)} |", flush=True)
    small = scratch / "small"
    small.mkdir()
    write(small, 20_000)
    megabytes = sum(file.stat().st_size for file in small.iterdir()) / 1e6
    code = (
        "import time; begin = time.perf_counter(); from nbhooks import replay; import sys; "
        "len(replay.load(sys.argv[1]).scalars); print(time.perf_counter() - begin)"
    )
    command = [sys.executable, "-c", code, str(small)]
    cold = [
        float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
        for _ in range(rounds + 1)
    ]
    print(f"| import and a first load of {megabytes:.1f} MB, s | {spread(cold[1:])} |", flush=True)
    idle, news = poll_times(scratch / "polled")
    print(f"| a poll with nothing new, µs a file (100 files) | {spread(idle, 1e6)} |")
    print(f"| a poll with 100 new events, ms | {spread(news, 1e3)} |", flush=True)
    for name, ratio in grown_times(scratch / "grown", rounds, max(expected for _, expected in sets.values())):
        print(f"| ten times the data, {name}: times as long | {ratio:.3g} |", flush=True)


def poll_times(folder: Path) -> tuple[list[float], list[float]]:
    """Poll a hundred runs in which nothing happens, and one that grows by a hundred events at a time."""
    from nbhooks import replay

    folder.mkdir()
    write_runs(folder, 100, 100)
    time.sleep(2.5)  # until the folders are old enough to be told apart by their times
    runs = replay.load(folder)
    runs.poll()
    idle, news = [], []
    for _ in range(200):
        begin = time.perf_counter()
        assert not runs.poll()  # noqa: S101 - a poll that reads something is another matter
        idle.append((time.perf_counter() - begin) / 100)
    target = folder / "run_000" / "events.out.tfevents.1"
    more = folder / "more"
    more.mkdir()
    write(more, 20_100)
    whole = (more / target.name).read_bytes()
    runs = replay.load(target)
    for events in chunks(whole, 100)[1:]:
        with target.open("ab") as file:
            file.write(events)
        begin = time.perf_counter()
        assert runs.poll()  # noqa: S101
        news.append(time.perf_counter() - begin)
    return idle, news


def chunks(whole: bytes, events: int) -> list[bytes]:
    """Cut a file's bytes into pieces of so many events."""
    borders = [0]
    while borders[-1] < len(whole):
        borders.append(borders[-1] + struct.unpack_from("<Q", whole, borders[-1])[0] + 16)
    return [whole[begin:end] for begin, end in itertools.pairwise(borders[::events])]


def grown_times(folder: Path, rounds: int, most: int) -> Iterator[tuple[str, float]]:
    """Load a tenth of the data and all of it in turn; give how many times as long all of it takes."""
    from nbhooks import replay

    for name, an_event in (("one an event", 1), ("ten an event", 10)):
        times: dict[int, list[float]] = {most // 10: [], most: []}
        for count in times:
            at = folder / f"{an_event}-{count}"
            at.mkdir(parents=True)
            write(at, count, an_event)
        for number in range(rounds + 1):
            for count, taken in times.items():
                begin = time.perf_counter()
                len(replay.load(folder / f"{an_event}-{count}").scalars)
                if number:
                    taken.append(time.perf_counter() - begin)
        yield name, statistics.median(times[most]) / statistics.median(times[most // 10])


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description="Measure how fast event files are loaded.")
    parser.add_argument("--work", choices=LOADERS, help="be a peer (used by the script itself)")
    parser.add_argument("--peers", type=Path, help="a virtual environment that has the others")
    parser.add_argument("--alone", action="store_true", help="leave the others out")
    parser.add_argument("--rounds", type=int, default=5, help="timed loads of each (default 5)")
    parser.add_argument("--scalars", type=int, default=10**6, help="default 1,000,000")
    options = parser.parse_args()
    if options.work:
        work(options.work)
        return
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        print(f"{os.cpu_count()} cores; load at the start {os.getloadavg()[0]:.1f}", flush=True)
        data = scratch / "data"
        data.mkdir()
        sets = write_all(data, options.scalars)
        if not options.alone:
            others = options.peers or _environment(scratch / "peers")
            theirs = str(others / "bin/python")
            peers = {name: Peer(sys.executable if name in OWN else theirs, name) for name in LOADERS}
            print_peers(peers, sets, options.rounds)
            for process in peers.values():
                process.close()
        print_alone(sets, scratch, options.rounds)


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
