"""Folders that link to each other, trees of any depth and paths of any length are found or reported."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from event_files import NAME, scalars, write

from nbhooks.replay import load
from nbhooks.tfevents.tree import Tree


def test_folders_that_link_to_each_other_are_found_once_each(tmp_path: Path) -> None:
    folders = [tmp_path / f"{number}" for number in range(8)]
    for folder in folders:
        write(folder / NAME, scalars([1]))
    for folder in folders:
        for other in folders:
            (folder / f"to {other.name}").symlink_to(other)
    assert [run for _, run in Tree(tmp_path).find()] == [folder.name for folder in folders]


def test_a_folder_has_its_own_name_rather_than_a_links(tmp_path: Path) -> None:
    write(tmp_path / "logs" / "run" / NAME, scalars([1]))
    write(tmp_path / "elsewhere" / "far" / NAME, scalars([1]))
    (tmp_path / "logs" / "a link").symlink_to(tmp_path / "logs" / "run")
    (tmp_path / "logs" / "out").symlink_to(tmp_path / "elsewhere")
    for path in (tmp_path / "logs", tmp_path / "logs" / "*"):
        assert sorted(run for _, run in Tree(path).find()) == ["out/far", "run"]


def test_a_link_to_a_folder_is_read_where_it_is_asked_for(tmp_path: Path) -> None:
    write(tmp_path / "run" / NAME, scalars([1]))
    (tmp_path / "latest").symlink_to(tmp_path / "run")
    assert len(load(tmp_path / "latest").scalars) == 1


def deep(top: Path, depth: int, name: str) -> None:
    """Make folders within each other, which no single path may reach."""
    before = os.open(".", os.O_RDONLY)
    try:
        os.chdir(top)
        for _ in range(depth):
            Path(name).mkdir()
            os.chdir(name)
        Path(NAME).touch()
    finally:
        os.fchdir(before)
        os.close(before)


def remove(top: Path, depth: int, name: str) -> None:
    before = os.open(".", os.O_RDONLY)
    try:
        os.chdir(top)
        for _ in range(depth):
            os.chdir(name)
        Path(NAME).unlink()
        for _ in range(depth):
            os.chdir("..")
            Path(name).rmdir()
    finally:
        os.fchdir(before)
        os.close(before)


@pytest.mark.parametrize(("name", "reachable"), [("d", True), ("longer", False)])
def test_a_tree_1500_deep_is_found_or_a_problem(tmp_path: Path, name: str, *, reachable: bool) -> None:
    write(tmp_path / "beside" / NAME, scalars([1]))
    deep(tmp_path, 1500, name)
    try:
        runs = load(tmp_path)
        assert len(runs.scalars) == 1
        expected = "empty" if reachable else "cannot be read: File name too long"
        assert runs.problems["reason"].tolist() == [expected]
        assert not runs.poll()
    finally:
        remove(tmp_path, 1500, name)


@pytest.mark.parametrize(
    "path", ["~nobody/y", "x" * 5000, "x/" * 2500, "x" * 5000 + "/*", "*" + "x" * 5000, "a\0b", "a\0b*"]
)
def test_a_path_that_cannot_be_is_not_found(tmp_path: Path, path: str) -> None:
    for given in (path, path if path[0] == "~" else f"{tmp_path}/{path}"):
        with pytest.raises(FileNotFoundError, match="there is nothing at") as raised:
            load(given)
        assert len(str(raised.value)) < 700
