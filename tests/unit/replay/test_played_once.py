"""Holds a player to playing everything once, though a file is read again from a damage on."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from event_files import NAME, one_of_each, scalars, write
from stand_ins import ListSink

from nbhooks.model.records import Checkpoint
from nbhooks.model.store import Store
from nbhooks.model.values import Histogram, Image, Text
from nbhooks.replay import load
from nbhooks.replay.player import Player

if TYPE_CHECKING:
    import pytest


class Both(Store):
    """A store that also keeps the records one by one, as they come."""

    def __init__(self) -> None:
        super().__init__()
        self.sink = ListSink()

    def write(self, record: Any) -> None:
        self.sink.write(record)
        super().write(record)


def test_what_is_no_scalar_is_played_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """For a while the file holds less than was played: its damage has changed, and it cannot be read."""
    path = write(tmp_path / NAME, [*one_of_each(), *scalars([50])])
    whole = path.read_bytes()
    with path.open("r+b") as file:
        file.seek(-9, os.SEEK_END)
        file.write(bytes(9))
    runs, store = load(path), Both()
    player = Player(".", store)
    assert player.play(runs.logdir)
    path.write_bytes(whole)
    opened = Path.open

    def refuse_to_read_on(path: Path, mode: str = "r", buffering: int = -1) -> Any:
        if buffering:
            raise PermissionError(13, "Permission denied")
        return opened(path, mode, buffering)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", refuse_to_read_on)
        runs.reload()
    [file] = runs.logdir.files(".")
    assert len(file.others) == 0
    assert player.play(runs.logdir)
    runs.reload()
    assert player.play(runs.logdir)
    assert len(runs.problems) == 0
    for kind in (Histogram, Image, Checkpoint):
        assert len(store.sink.of(kind)) == 1
    assert len(store.sink.of(Text)) == 2
    assert [view.series["loss"].count for view in store.snapshot().sources if "loss" in view.series] == [3]
