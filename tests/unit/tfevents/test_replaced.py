"""A file that is another one than was read is noticed, whatever its inode and size say."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest
from event_files import NAME, scalars, write

from nbhooks.replay import Runs, load
from nbhooks.tfevents import files

if TYPE_CHECKING:
    from pathlib import Path

REPLACED = "replaced, or shorter than it was: read anew"


def rewrite(path: Path, other: Path) -> None:
    """Write another file's bytes over a file's own, which keeps its inode."""
    with path.open("r+b") as file:
        file.write(other.read_bytes())


def put(path: Path, other: Path) -> None:
    """Put a file in another's place, under the inode that it had."""
    kept = path.stat().st_ino
    for number in range(1000):
        path.unlink()
        shutil.copy(other, path)
        if path.stat().st_ino == kept:
            return
        shutil.copy(other, path.with_name(f"other {number}"))
    rewrite(path, other)  # a file system that does not give an inode again


@pytest.mark.parametrize("look", [Runs.reload, Runs.poll])
@pytest.mark.parametrize("how", [rewrite, put])
@pytest.mark.parametrize("count", [10, 15])
def test_it_is_read_anew(tmp_path: Path, how: object, count: int, look: object) -> None:
    path = write(tmp_path / "run" / NAME, scalars(range(10)))
    other = write(tmp_path / "other", scalars(range(100, 100 + count)))
    runs = load(path)
    how(path, other)
    look(runs)
    assert runs.scalars["step"].tolist() == list(range(100, 100 + count))
    assert runs.problems["reason"].tolist() == [REPLACED]
    assert not runs.poll()


def test_the_same_beginning_does_not_hide_it(tmp_path: Path) -> None:
    """Two runs may begin in the same second, with the same graph."""
    same = scalars(range(1000), "same")
    path = write(tmp_path / "run" / NAME, [*same, *scalars([1, 2])])
    other = write(tmp_path / "other", [*same, *scalars([1, 3, 4])])
    runs = load(path)
    rewrite(path, other)
    assert runs.poll()
    assert runs.scalars["step"].tolist()[1000:] == [1, 3, 4]
    assert runs.problems["reason"].tolist() == [REPLACED]


def test_nor_do_bytes_that_were_not_written_yet(tmp_path: Path) -> None:
    path = write(tmp_path / "run" / NAME, scalars(range(10)))
    other = write(tmp_path / "other", scalars(range(100, 110)))
    with path.open("r+b") as file:
        file.seek(-9, os.SEEK_END)
        file.write(bytes(9))
    runs = load(path)
    rewrite(path, other)
    assert runs.poll()
    assert runs.scalars["step"].tolist() == list(range(100, 110))
    assert runs.problems["reason"].tolist() == [REPLACED]


def test_a_file_that_is_touched_is_the_same(tmp_path: Path) -> None:
    path = write(tmp_path / NAME, scalars(range(10)))
    runs = load(path)
    frame = runs.scalars
    os.utime(path, (1e9, 1e9))
    assert not runs.poll()
    assert runs.scalars is frame
    assert len(runs.reload().problems) == 0


def test_a_file_whose_stat_is_unchanged_is_not_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / NAME, scalars(range(10)))
    runs = load(path)

    def refused(*_: object) -> None:
        raise AssertionError("nothing has changed")

    monkeypatch.setattr(files, "_look_again", refused)
    assert not runs.poll()
    runs.reload()
