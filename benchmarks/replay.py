"""Loads event files with nbhooks and with others, in turn, and prints how long each takes.

The files are written by TensorFlow and Keras (event_files.py), once: they stay in `build/`, as does the
environment of the others. Each peer (peers.py) has a process of its own that imports once, loads what it is
given and reports how long that took. The tables are Markdown. At full size it takes a quarter of an hour, and
five minutes more when the files are written.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import os
import shutil
import statistics
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from event_files import KINDS, SETS, Manifest
from peers import LOADERS, OWN, Peer

if TYPE_CHECKING:
    from collections.abc import Sequence

HERE = Path(__file__).resolve().parent
BUILD = HERE.parent / "build" / "benchmarks"
"""Where what is made once stays; git ignores it, and `make clean` removes it."""

PEERS = (
    "tbparse",
    "tensorflow-cpu",
    "tensorboard",
    "tensorboard-data-server",
    "setuptools<81",
    "google-crc32c",
    "pandas",
)
"""What the others are installed from; TensorBoard still imports pkg_resources."""

QUICK = 0.02
"""The scale of a run that tries the script."""

ROWS: tuple[tuple[str, Sequence[str], str], ...] = (
    ("one", ["scalars"], ""),
    ("ten", ["scalars"], ""),
    ("tf2", ["scalars"], ""),
    ("keras", ["scalars"], ", its scalars"),
    ("keras", KINDS, ", all of it"),
    ("runs", ["scalars"], ""),
)
"""The sets that are compared, which values are asked for, and what that is called."""


def spread(times: list[float], scale: float = 1.0, digits: int = 3) -> str:
    """Write the median of some times, and the least and the most of them."""
    low, middle, high = (
        f"{scale * one:.{digits}g}" for one in (min(times), statistics.median(times), max(times))
    )
    return f"{middle} ({low} to {high})"


def compare(peers: dict[str, Peer], data: Path, rounds: int) -> bool:
    """Load each set with every peer in turn, once to check what it finds, then to be timed; print the rows.

    Returns:
        Whether nbhooks found what is in the files.
    """
    print(f"\nSeconds: median (least to most) of {rounds}; × as long as nbhooks\n")
    print(f"| data | written by | values | MB | {' | '.join(peers)} |")
    print(f"|{'---|' * (len(peers) + 4)}", flush=True)
    right = True
    for name, kinds, words in ROWS:
        times: dict[str, list[float]] = {peer: [] for peer in peers}
        differences = {
            peer: process.load(data / name, kinds, check=True)[2] for peer, process in peers.items()
        }
        for _ in range(rounds):
            for peer, process in peers.items():
                times[peer].append(process.load(data / name, kinds)[0])
        right = right and not differences["nbhooks"]
        cells = []
        for peer in peers:
            ratio = statistics.median(times[peer]) / statistics.median(times["nbhooks"])
            differs = f", differs: {differences[peer]}" if differences[peer] else ""
            cells.append(f"{spread(times[peer])}, {ratio:.3g}×{differs}")
        manifest = Manifest.of(data / f"{name}.json")
        counts = ", ".join(f"{manifest.tally.count(kind):,} {kind}" for kind in kinds)
        size = f"{manifest.megabytes:.3g}"
        head = (f"{SETS[name].words}{words}", f"`{manifest.writer}`", counts, size)
        print(f"| {' | '.join((*head, *cells))} |", flush=True)
    return right


# nbhooks alone


def print_alone(data: Path, scratch: Path, rounds: int) -> None:
    """Print what nbhooks takes by itself: memory, a cold start, a poll, and ten times the data."""
    print("\n| nbhooks alone | |\n|---|---|", flush=True)
    for name, kinds, words in ROWS:
        peaks = []
        for _ in range(rounds):
            process = Peer(sys.executable, "nbhooks")
            peaks.append(process.load(data / name, kinds)[1])
            process.close()
        print(f"| MB at most, {SETS[name].words}{words}, loaded first | {spread(peaks)} |", flush=True)
    code = (
        "import time; begin = time.perf_counter(); from nbhooks import replay; import sys; "
        "len(replay.load(sys.argv[1]).scalars); print(time.perf_counter() - begin)"
    )
    command = [sys.executable, "-c", code, str(data / "small")]
    cold = [
        float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
        for _ in range(rounds + 1)
    ]
    megabytes = Manifest.of(data / "small.json").megabytes
    print(f"| import and a first load of {megabytes:.1f} MB, s | {spread(cold[1:])} |", flush=True)
    idle, news = poll_times(data, scratch)
    print(f"| a poll with nothing new, µs a file (100 files) | {spread(idle, 1e6)} |")
    print(f"| a poll with 100 new events, ms | {spread(news, 1e3)} |", flush=True)
    for name in ("one", "ten"):
        ratio = grown(data / f"a_tenth_of_{name}", data / name, rounds)
        print(f"| ten times the data, {SETS[name].words}: times as long | {ratio:.3g} |", flush=True)


def poll_times(data: Path, scratch: Path) -> tuple[list[float], list[float]]:
    """Poll a hundred runs in which nothing happens, and one that grows by a hundred events at a time."""
    from nbhooks import replay

    runs = replay.load(shutil.copytree(data / "polled", scratch / "polled"))
    time.sleep(2.5)  # until the folders are old enough to differ in their times
    runs.poll()
    idle, news = [], []
    for _ in range(200):
        begin = time.perf_counter()
        assert not runs.poll()  # noqa: S101 - a poll that reads something is another matter
        idle.append((time.perf_counter() - begin) / 100)
    [whole] = (data / "small").glob("*tfevents*")
    pieces = chunks(whole.read_bytes(), 100)
    growing = scratch / whole.name
    growing.write_bytes(pieces[0])
    runs = replay.load(growing)
    for piece in pieces[1:]:
        with growing.open("ab") as file:
            file.write(piece)
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


def grown(tenth: Path, whole: Path, rounds: int) -> float:
    """Load a tenth of the data and all of it in turn; return how many times as long all of it takes."""
    from nbhooks import replay

    times: dict[Path, list[float]] = {tenth: [], whole: []}
    for number in range(rounds + 1):
        for folder, taken in times.items():
            begin = time.perf_counter()
            len(replay.load(folder).scalars)
            if number:
                taken.append(time.perf_counter() - begin)
    return statistics.median(times[whole]) / statistics.median(times[tenth])


# What is made once


def environment(folder: Path) -> Path:
    """Make an environment for the others, unless it is there; return its interpreter."""
    made = folder / "made_from.txt"
    if not made.exists() or made.read_text() != "\n".join(PEERS):
        print(f"installing the others in {folder}", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        subprocess.run([folder / "bin/python", "-m", "pip", "install", "--quiet", *PEERS], check=True)
        made.write_text("\n".join(PEERS))
    return folder / "bin/python"


def written(python: Path, scale: float) -> Path:
    """Have the event files written, unless they are there; return their folder.

    Args:
        python: an interpreter that has TensorFlow.
        scale: 1 is a million scalars.
    """
    script = HERE / "event_files.py"
    # Files that an older script wrote are stale.
    version = hashlib.sha256(script.read_bytes()).hexdigest()[:8]
    folder = BUILD / f"event_files-{scale:g}-{version}"
    print(f"the event files are in {folder}; those that are missing are written now", file=sys.stderr)
    command = [python, script, folder, "--scale", str(scale)]
    quiet = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONWARNINGS": "ignore"}
    subprocess.run(command, check=True, stdout=sys.stderr, env=quiet)
    return folder


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description="Measure how fast event files are loaded.")
    parser.add_argument("--peers", type=Path, help="a virtual environment that has the others")
    parser.add_argument("--alone", action="store_true", help="leave the others out")
    parser.add_argument("--rounds", type=int, default=5, help="timed loads of each (default 5)")
    parser.add_argument("--scale", type=float, default=1, help="1 is a million scalars (default 1)")
    parser.add_argument(
        "--quick", action="store_true", help=f"2 rounds at scale {QUICK}, to try the script, not to quote"
    )
    options = parser.parse_args()
    if options.quick:
        options.rounds, options.scale = 2, QUICK
    own = Path(sys.executable)
    if options.alone:
        theirs = own
    else:
        theirs = options.peers / "bin/python" if options.peers else environment(BUILD / "peers")
    data = written(theirs, options.scale)
    versions = ", ".join(
        f"{name} {version}" for name, version in Manifest.of(data / "keras.json").versions.items()
    )
    load = f"load at the start {os.getloadavg()[0]:.1f}"
    print(f"{os.cpu_count()} cores; files written by {versions}; {load}", flush=True)
    names = OWN if options.alone else LOADERS
    peers = {name: Peer(str(own if name in OWN else theirs), name) for name in names}
    right = compare(peers, data, options.rounds)
    for process in peers.values():
        process.close()
    with tempfile.TemporaryDirectory() as scratch:
        print_alone(data, Path(scratch), options.rounds)
    if not right:
        sys.exit("nbhooks did not find what is in the files: see the rows above")


if __name__ == "__main__":
    main()
