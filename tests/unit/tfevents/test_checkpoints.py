"""Holds the checkpoints that an event file names to what is there of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from event_files import NAME, write
from tensorboard.compat.proto.event_pb2 import Event, SessionLog

from nbhooks.replay import load

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("name", ["", "\0", "a\0/b", "/", "x" * 5000, "model/*", "../" * 500])
def test_a_checkpoint_may_be_called_anything(tmp_path: Path, name: str) -> None:
    log = SessionLog(status=SessionLog.CHECKPOINT, checkpoint_path=name)
    frame = load(write(tmp_path / NAME, [Event(step=3, session_log=log)])).checkpoints
    assert frame.loc[0, ["bytes", "kept"]].tolist() == [0, False]


def test_a_checkpoint_that_is_there_has_its_size(tmp_path: Path) -> None:
    for name, size in (("model-3.index", 5), ("model-3.data-0", 7), ("model-30.index", 100)):
        (tmp_path / name).write_bytes(bytes(size))
    log = SessionLog(status=SessionLog.CHECKPOINT, checkpoint_path=str(tmp_path / "model"))
    frame = load(write(tmp_path / NAME, [Event(step=3, session_log=log)])).checkpoints
    assert frame.loc[0, ["path", "bytes", "kept"]].tolist() == [str(tmp_path / "model-3"), 12, True]
