"""Holds what a killed writer left to be loaded, whenever it was killed."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from event_files import NAME

from nbhooks.replay import load

if TYPE_CHECKING:
    from pathlib import Path

# For each line, the size of a buffer and a path, a process writes until it is killed. It is a fork: importing
# what it writes with takes longer than it lives.
WRITERS = """
import os, sys
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.record_writer import RecordWriter
for line in sys.stdin:
    if child := os.fork():
        os.waitpid(child, 0)
        print("killed", flush=True)
        continue
    buffering, path = line.rstrip().split(" ", 1)
    with open(path, "wb", buffering=int(buffering)) as file:
        writer = RecordWriter(file)
        print(os.getpid(), flush=True)
        for step in range(10**9):
            value = Summary.Value(tag="loss" * (step % 50), simple_value=step)
            writer.write(Event(wall_time=step, step=step, summary=Summary(value=[value])).SerializeToString())
"""


@pytest.mark.slow
def test_what_a_killed_writer_left_loads(tmp_path: Path) -> None:
    chance = random.Random(5)  # noqa: S311 - when to kill
    written = [tmp_path / f"{number:02}" / NAME for number in range(50)]
    with subprocess.Popen(
        [sys.executable, "-c", WRITERS], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as writers:
        assert writers.stdin is not None
        assert writers.stdout is not None
        for path in written:
            path.parent.mkdir()
            print(chance.choice(["0", "100", "8192"]), path, file=writers.stdin, flush=True)
            writer = int(writers.stdout.readline())
            time.sleep(chance.random() * 0.1)
            os.kill(writer, signal.SIGKILL)
            assert writers.stdout.readline() == "killed\n"
    runs = load(tmp_path)
    assert set(runs.problems["reason"]) <= {"empty"}
    for number, path in enumerate(written):
        steps = runs.scalars[runs.scalars["run"] == f"{number:02}"]
        assert steps["step"].tolist() == list(range(len(steps)))
        assert steps["value"].tolist() == list(range(len(steps)))
        [file] = runs.logdir.files(f"{number:02}")
        assert path.stat().st_size - file.read < 300
    assert len(runs.scalars) > 1000
