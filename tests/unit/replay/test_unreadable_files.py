"""Holds what cannot be read to a problem: the other files are loaded, and it is tried again."""

from __future__ import annotations

import io
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from event_files import NAME, scalars, write

from nbhooks.replay import load

if TYPE_CHECKING:
    import pytest


def test_a_dangling_link_is_reported(tree: Path) -> None:
    (tree / "a" / NAME).symlink_to("nowhere")
    (tree / f"{NAME}.folder").mkdir()
    runs = load(tree)
    assert runs.problems["reason"].tolist() == ["cannot be read: No such file or directory"]
    assert runs.problems["file"].tolist() == [str(tree / "a" / NAME)]
    assert len(runs.scalars) == 9
    write(tree / "a/nowhere", scalars([1]))
    assert len(runs.reload().scalars) == 10
    assert len(runs.problems) == 0


def test_a_file_that_may_not_be_read_is_tried_again(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    locked, opened = tree / "a/eval" / NAME, Path.open

    def refuse(path: Path, *rest: Any, **named: Any) -> Any:
        if path == locked:
            raise PermissionError(13, "Permission denied")
        return opened(path, *rest, **named)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", refuse)
        runs = load(tree)
    assert len(runs.scalars) == 6
    assert runs.problems["reason"].tolist() == ["cannot be read: Permission denied"]
    assert len(runs.reload().scalars) == 9
    assert len(runs.problems) == 0


def test_a_file_that_could_not_be_opened_for_a_while_is_no_problem_any_more(
    tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is opened though nothing is new: its first record is damaged, and may heal."""
    path = tree / "a/eval" / NAME
    with path.open("r+b") as file:
        file.seek(20)
        file.write(bytes(9))
    runs = load(tree)
    [damage] = runs.problems["reason"]

    def refuse(*_: Any, **__: Any) -> Any:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", refuse)
        runs.reload()
    assert runs.problems["reason"].tolist() == ["cannot be read: Permission denied", damage]
    runs.reload()
    assert runs.problems["reason"].tolist() == [damage]


def test_a_file_that_was_away_is_no_problem_when_it_is_back(tree: Path) -> None:
    path = (tree / "a/eval" / NAME).rename(tree / "elsewhere")
    (tree / "a/eval" / NAME).symlink_to(path)
    runs = load(tree / "a/eval")
    path.rename(tree / "away")
    assert runs.reload().problems["reason"].tolist() == ["cannot be read: No such file or directory"]
    (tree / "away").rename(path)
    assert len(runs.reload().problems) == 0
    assert len(runs.scalars) == 3


def test_a_folder_that_may_not_be_looked_into_is_a_problem(
    tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scandir = os.scandir

    def refusing(path: str) -> Any:
        if str(path).endswith("b"):
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    with monkeypatch.context() as patch:
        patch.setattr(os, "scandir", refusing)
        runs = load(tree)
    assert runs.names == ["a/eval", "a/train"]
    [problem] = runs.problems.to_dict("records")
    assert (problem["file"], problem["reason"]) == (str(tree / "b"), "cannot be read: Permission denied")
    assert len(runs.reload().problems) == 0


def test_a_read_that_ends_early_goes_on(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A system call reads two gigabytes at most."""

    class Short(io.FileIO):
        def readinto(self, buffer: Any) -> int | None:
            return super().readinto(memoryview(buffer)[:50])

    monkeypatch.setattr(
        Path,
        "open",
        lambda path, _, buffering=-1: Short(path) if buffering == 0 else io.BufferedReader(Short(path), 16),
    )
    assert len(load(tree).scalars) == 9


def test_a_file_that_is_gone_stays_loaded(tree: Path) -> None:
    runs = load(tree)
    shutil.rmtree(tree / "b")
    assert len(runs.reload().scalars) == 9
