"""Holds what is remembered of damaged bytes: by file, and bounded by what is there now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from event_files import NAME, scalars, write
from raw_records import flip

from nbhooks.replay import load

if TYPE_CHECKING:
    from pathlib import Path


def test_a_file_without_undamaged_bytes_at_its_beginning_is_not_taken_for_another(tmp_path: Path) -> None:
    """Two files are read in one batch, the first of which has grown by more than the second held before."""
    first, second = (write(tmp_path / run / NAME, scalars(range(5))) for run in ("a", "b"))
    second.write_bytes(flip(second.read_bytes(), 20))
    runs = load(tmp_path)
    lost = runs.problems["reason"].tolist()
    for step in range(5, 8):
        write(first, scalars(range(20 * step, 20 * step + 20)))
        write(second, scalars([step]))
        assert runs.poll()
    assert runs.scalars.loc[runs.scalars["run"] == "b", "step"].tolist() == [1, 2, 3, 4, 5, 6, 7]
    assert runs.problems["reason"].tolist() == lost


def test_a_file_that_grows_by_damaged_bytes_keeps_one_damage(tmp_path: Path) -> None:
    """What was noted of bytes that are read again is over; else a hostile file would fill the memory."""
    path = write(tmp_path / NAME, scalars(range(5)))
    runs = load(path)
    for _ in range(90):
        with path.open("ab") as file:
            file.write(bytes(13))
        runs.poll()
        [read] = runs.logdir.files(".")
        assert len(read.damages) == 1
    assert len(runs.scalars) == 5
