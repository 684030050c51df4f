"""Bytes that were not written yet when a file was read are read again; nothing is lost or doubled."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from event_files import NAME, hparams, one_of_each, scalars, start, write
from stand_ins import Clock

from nbhooks.model.store import Store
from nbhooks.replay import Runs, load
from nbhooks.replay.loading import KINDS
from nbhooks.replay.player import Player
from nbhooks.tfevents import event_file, files, tfrecord
from nbhooks.tfevents.logdir import LogDir

if TYPE_CHECKING:
    from pathlib import Path

    from tensorboard.compat.proto.event_pb2 import Event


@pytest.fixture
def clock() -> Clock:
    return Clock(5000.0)


@pytest.fixture(params=["at once", "in pieces"])
def _pieces(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "in pieces":
        monkeypatch.setattr(files, "BATCH", 300)


def reading(path: Path, clock: Clock) -> Runs:
    """Load as `load` does, by a clock that a test sets."""
    logdir = LogDir(
        path, runs=lambda _: True, tags=lambda _: True, kinds=frozenset(KINDS), steps=None, clock=clock
    )
    return Runs(logdir).reload()


def records(path: Path, events: list[Event]) -> list[bytes]:
    """The bytes of each event's record."""
    made = [write(path.parent / "made" / "record", [event], "wb").read_bytes() for event in events]
    (path.parent / "made" / "record").unlink()
    return made


def heal(path: Path, at: int, data: bytes) -> None:
    """Write some bytes of a file in place."""
    with path.open("r+b") as file:
        file.seek(at)
        file.write(data)


def check(runs: Runs, path: Path) -> None:
    """What was read bit by bit is what a fresh load reads."""
    fresh = load(path)
    for name in ("scalars", "histograms", "tensors", "images", "text", "hparams", "checkpoints", "events"):
        pd.testing.assert_frame_equal(getattr(runs, name), getattr(fresh, name))
    places = ["offset", "bytes"]
    pd.testing.assert_frame_equal(runs.problems[places], fresh.problems[places])


HIDDEN = {
    "the data of the last": lambda sizes: (sum(sizes[:-1]) + 12, sum(sizes)),
    "the last half": lambda sizes: (sum(sizes) - 20, sum(sizes)),
    "the last bytes": lambda sizes: (sum(sizes) - 3, sum(sizes)),
    "the last": lambda sizes: (sum(sizes[:-1]), sum(sizes)),
    "the last two": lambda sizes: (sum(sizes[:-2]), sum(sizes)),
    "half of the last two": lambda sizes: (sum(sizes[:-2]) + 20, sum(sizes)),
    "one in the middle": lambda sizes: (sum(sizes[:5]), sum(sizes[:6])),
    "one and a half in the middle": lambda sizes: (sum(sizes[:5]), sum(sizes[:6]) + 20),
    "the first": lambda sizes: (0, sizes[0]),
    "the length of one": lambda sizes: (sum(sizes[:5]), sum(sizes[:5]) + 12),
}


@pytest.mark.parametrize(("look", "seconds"), [(Runs.poll, 0.0), (Runs.reload, 59.0), (Runs.poll, 61.0)])
@pytest.mark.parametrize("hidden", HIDDEN)
@pytest.mark.usefixtures("_pieces")
def test_what_was_zero_is_read_when_it_is_written(
    tmp_path: Path, clock: Clock, hidden: str, look: object, seconds: float
) -> None:
    path = tmp_path / NAME
    written = records(path, [*scalars(range(9)), start(500.0), *scalars([9])])
    whole = b"".join(written)
    begin, end = HIDDEN[hidden]([len(one) for one in written])
    path.write_bytes(whole[:begin] + bytes(end - begin) + whole[end:])
    runs = reading(path, clock)
    assert len(runs.problems) == 1
    check(runs, path)
    assert not runs.poll()
    clock.now += seconds
    heal(path, begin, whole[begin:end])
    assert look(runs)
    assert len(runs.problems) == 0
    assert runs.scalars["step"].tolist() == list(range(10))
    check(runs, path)
    assert not runs.poll()


def test_for_a_minute_nothing_need_say_that_the_file_changed(tmp_path: Path, clock: Clock) -> None:
    """A network file system may show the same size and times for seconds."""
    import os

    path = write(tmp_path / NAME, scalars(range(9)))
    whole = path.read_bytes()
    heal(path, len(whole) - 9, bytes(9))
    status = path.stat()
    runs = reading(path, clock)
    assert len(runs.scalars) == 8
    [file] = runs.logdir.files(".")
    heal(path, len(whole) - 9, whole[-9:])
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    file.identity = event_file.identity(path.stat())  # the time of the inode cannot be set
    clock.now += files.AGAIN + 1
    assert not runs.poll()
    clock.now -= 2
    assert runs.poll()
    assert len(runs.scalars) == 9
    assert len(runs.problems) == 0


def test_a_permanent_damage_is_all_that_is_read_again(
    tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / NAME, scalars(range(20_000)))
    size = path.stat().st_size
    heal(path, size // 2, bytes(1000))
    runs = reading(path, clock)
    lost = runs.problems[["offset", "bytes"]].to_numpy().tolist()
    seen, same, framed = 0, files.Stretch.same, tfrecord.frame

    def noted(stretch: files.Stretch, stream: object) -> bool:
        nonlocal seen
        seen += stretch.end - stretch.begin
        return same(stretch, stream)

    def refused(*_: object) -> None:
        raise AssertionError("nothing is new")

    monkeypatch.setattr(files.Stretch, "same", noted)
    monkeypatch.setattr(tfrecord, "frame", refused)
    frame = runs.scalars
    for _ in range(3):
        clock.now += 15
        assert not runs.poll()
    assert 3000 <= seen < 4000
    clock.now += 30
    seen = 0
    assert not runs.poll()
    assert seen == 0
    assert runs.scalars is frame
    monkeypatch.setattr(tfrecord, "frame", framed)
    write(path, scalars([20_000]))
    assert runs.poll()
    assert seen < 10_000
    assert runs.problems[["offset", "bytes"]].to_numpy().tolist() == lost
    check(runs, path)


def test_what_heals_in_a_long_file_is_not_looked_for_from_its_beginning(
    tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / NAME, scalars(range(5000)))
    runs = reading(path, clock)
    before = path.stat().st_size
    [last] = records(path, scalars([5000]))
    with path.open("ab") as file:
        file.write(bytes(len(last)))
    assert runs.poll()
    heal(path, before, last)
    read: list[int] = []
    framed = tfrecord.frame

    def noted(buffer: np.ndarray, *more: object) -> tfrecord.Framed:
        read.append(len(buffer))
        return framed(buffer, *more)

    monkeypatch.setattr(tfrecord, "frame", noted)
    assert runs.poll()
    assert read == [len(last) + tfrecord.PADDING]
    check(runs, path)


@pytest.mark.parametrize("behind", [0, 3])
def test_a_player_goes_on_only_if_nothing_stands_behind_what_healed(
    tmp_path: Path, clock: Clock, behind: int
) -> None:
    path = tmp_path / NAME
    written = records(path, scalars(range(10)))
    whole, at = b"".join(written), sum(map(len, written[: 9 - behind]))
    path.write_bytes(whole[:at] + bytes(len(written[0])) + whole[at + len(written[0]) :])
    runs = reading(path, clock)
    store = Store()
    player = Player(".", store)
    player.play(runs.logdir)
    heal(path, at, whole[at:])
    runs.poll()
    assert player.play(runs.logdir) == (behind == 0)
    assert store.snapshot().sources[0].series["loss"].count == 10 - (behind > 0)


def test_hyper_parameters_and_tags_are_those_of_a_fresh_load(tmp_path: Path, clock: Clock) -> None:
    """What came later counts again when what comes before it has healed."""
    path = tmp_path / NAME
    events = [*scalars([1], "z"), hparams(rate=1.0), *scalars([2], "a"), hparams(rate=2.0, name="later")]
    written = records(path, [*events, *one_of_each()])
    whole, begin, end = b"".join(written), len(written[0]), sum(map(len, written[:3]))
    path.write_bytes(whole[:begin] + bytes(end - begin) + whole[end:])
    runs = reading(path, clock)
    heal(path, begin, whole[begin:end])
    runs.reload()
    check(runs, path)


@pytest.mark.usefixtures("_pieces")
def test_an_event_file_inside_a_payload_goes_when_the_payload_heals(tmp_path: Path, clock: Clock) -> None:
    path = tmp_path / NAME
    inner = b"".join(records(path, scalars(range(100, 120))))
    [tensor] = one_of_each()[3:4]
    tensor.summary.value[0].tensor.Clear()
    tensor.summary.value[0].tensor.dtype = 7
    tensor.summary.value[0].tensor.string_val.append(inner)
    written = records(path, [*scalars([1]), tensor, *scalars([2])])
    whole, begin = b"".join(written), len(written[0])
    path.write_bytes(whole[:begin] + bytes(12) + whole[begin + 12 :])
    runs = reading(path, clock)
    assert len(runs.scalars) == 22
    heal(path, begin, whole[begin : begin + 12])
    assert runs.poll()
    assert runs.scalars["step"].tolist() == [1, 2]
    check(runs, path)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(12))
@pytest.mark.usefixtures("_pieces")
def test_random_stretches_healed_in_random_order(tmp_path: Path, clock: Clock, seed: int) -> None:
    chance = np.random.default_rng(seed)
    path = tmp_path / NAME
    events = [
        event
        for number in range(8)
        for event in (*scalars(range(number * 10, number * 10 + 12), f"tag {number % 3}"), *one_of_each())
    ]
    whole = b"".join(records(path, events))
    hidden = []
    for _ in range(chance.integers(1, 9)):
        begin = int(chance.integers(len(whole)))
        hidden.append((begin, min(begin + int(chance.choice([1, 20, 80, 700])), len(whole))))
    hidden.append((len(whole) - int(chance.integers(1, 150)), len(whole)))
    sizes = np.sort(chance.integers(0, len(whole), 4)).tolist()
    size = sizes.pop(0)

    def written() -> bytes:
        data = bytearray(whole)
        for begin, end in hidden:
            data[begin:end] = bytes(end - begin)
        return bytes(data)

    path.write_bytes(written()[:size])
    runs = reading(path, clock)
    while hidden or sizes:
        if sizes and chance.random() < 0.4:
            before, size = size, (*sizes, len(whole))[1]
            sizes.pop(0)
            with path.open("ab") as file:
                file.write(written()[before:size])
        elif hidden:
            begin, end = hidden.pop(chance.integers(len(hidden)))
            if chance.random() < 0.5 and end - begin > 2:  # a part of it only
                hidden.append((begin + (end - begin) // 2, end))
            heal(path, 0, written()[:size])
        clock.now += float(chance.choice([0.1, 1, 40, 100]))
        if chance.random() < 0.7:
            runs.poll() if chance.random() < 0.5 else runs.reload()
            fresh = load(path).scalars
            pd.testing.assert_frame_equal(runs.scalars, fresh)
    runs.poll()
    check(runs, path)
    assert path.read_bytes() == whole
    assert len(runs.problems) == 0


WRITER = """
import os, sys
path, whole, chunk = sys.argv[1], open(sys.argv[2], "rb").read(), 4096
with open(path, "r+b", buffering=0) as file:
    for at in range(0, len(whole), chunk):
        os.truncate(path, min(at + 2 * chunk, len(whole)))  # the length first, as a network file system does
        print("longer", flush=True)
        sys.stdin.readline()
        file.seek(at)
        file.write(whole[at : at + chunk])
        print("written", flush=True)
        sys.stdin.readline()
"""


def test_a_writer_whose_length_comes_before_its_data(tmp_path: Path) -> None:
    """Another process grows the file by zeros and fills them; it is read after each."""
    whole = write(tmp_path / "whole", [*scalars(range(4000)), *one_of_each()])
    path = write(tmp_path / "run" / NAME, [])
    runs = load(path)
    looks = 0
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, path, whole], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdin is not None
        assert writer.stdout is not None
        for _ in writer.stdout:
            looks += runs.poll()
            steps = runs.scalars["step"].tolist()[:4000]
            assert steps == sorted(set(steps))
            print(file=writer.stdin, flush=True)
    assert writer.returncode == 0
    assert looks >= whole.stat().st_size // 4096
    check(runs, path)
    assert len(runs.problems) == 0
