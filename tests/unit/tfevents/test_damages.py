"""Holds what is remembered of damaged bytes: by file, and bounded by what is there now."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from event_files import NAME, scalars, write
from raw_records import flip, scalar

from nbhooks.replay import load

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("damaged", [0, 1])
def test_a_damaged_first_record_does_not_make_a_file_another_one(tmp_path: Path, damaged: int) -> None:
    """Both files are read in one batch; each is recognized by its own undamaged bytes."""
    paths = [write(tmp_path / run / NAME, scalars(range(5))) for run in ("a", "b")]
    whole = paths[damaged].read_bytes()
    paths[damaged].write_bytes(flip(whole, 20))
    runs = load(tmp_path)
    assert len(runs.scalars) == 9
    with paths[damaged].open("r+b") as file:
        file.write(whole)
    os.utime(paths[1 - damaged], (1e9, 1e9))
    assert runs.poll()
    assert runs.scalars["step"].tolist() == [*range(5)] * 2
    assert len(runs.problems) == 0


def test_a_file_that_grows_by_damaged_records_keeps_one_damage(tmp_path: Path) -> None:
    path = write(tmp_path / NAME, scalars(range(5)))
    runs = load(path)
    for step in range(50):
        with path.open("ab") as file:
            file.write(flip(scalar(step), 20))
        assert runs.poll()
        [read] = runs.logdir.files(".")
        assert len(read.damages) == 1
    assert len(runs.scalars) == 5
