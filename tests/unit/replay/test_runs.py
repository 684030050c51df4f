"""Holds the runs of a path to their names, whatever they are called and however they are linked."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from event_files import NAME, scalars, write

from nbhooks.replay import load

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd


def runs_of(frame: pd.DataFrame) -> list[str]:
    return sorted(set(frame["run"]))


def test_a_file_is_a_run_of_its_own(tree: Path) -> None:
    assert load(tree / "a/train" / NAME).names == ["."]
    renamed = shutil.copy(tree / "a/train" / NAME, tree / "another name")
    assert load(renamed).scalars["step"].tolist() == [0, 1, 2]


def test_a_folder_is_a_run_of_its_own(tree: Path) -> None:
    runs = load(str(tree / "a/train"))
    assert runs.names == ["."]
    assert runs_of(runs.scalars) == ["."]


def test_runs_are_named_after_their_folders(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = ["a/eval", "a/train", "b/train"]
    assert load(tree).names == runs_of(load(tree).scalars) == expected
    monkeypatch.chdir(tree.parent)
    assert load("logs").names == expected
    assert load("./logs/").names == expected
    monkeypatch.setenv("HOME", str(tree.parent))
    assert load("~/logs").names == expected
    assert list(load(tree).scalars["run"].cat.categories) == expected


def test_a_pattern_names_runs_below_what_comes_before_it(tree: Path) -> None:
    assert load(f"{tree}/*/train").names == ["a/train", "b/train"]
    assert load(f"{tree}/a/*").names == ["eval", "train"]
    assert load(f"{tree}/**/*tfevents*").names == ["a/eval", "a/train", "b/train"]
    assert len(load(f"{tree}/**").scalars) == 9


def test_a_folder_whose_name_is_a_pattern_is_that_folder(tmp_path: Path) -> None:
    write(tmp_path / "lr=[0.1]" / NAME, scalars([1]))
    write(tmp_path / "lr=0" / NAME, scalars([2]))
    assert load(tmp_path / "lr=[0.1]").scalars["step"].tolist() == [1]


def test_linked_folders_are_read_but_not_in_circles(tree: Path) -> None:
    elsewhere = tree.parent / "elsewhere"
    write(elsewhere / "c" / NAME, scalars([1]))
    (tree / "latest").symlink_to(elsewhere)
    before = load(tree).names
    assert before == ["a/eval", "a/train", "b/train", "latest/c"]
    for back, to in (("a/up", ".."), ("a/self", "."), ("b/over", "../a"), ("a/across", "../b")):
        (tree / back).symlink_to(to)
    assert load(tree).names == before


def test_hostile_names_stay_as_they_are(tmp_path: Path) -> None:
    names = ["<script>alert(1)</script>".replace("/", "∕"), "a b\n", "'; drop", "%s{}", "ü—\u202e"]  # noqa: RUF001
    for name in names:
        write(tmp_path / name / NAME, [*scalars([1], name), *scalars([2], "\0" + "x" * 5000)])
    runs = load(tmp_path)
    assert runs.names == sorted(names)
    assert set(runs.scalars["tag"]) == {*names, "\0" + "x" * 5000}
    assert set(runs.wide().columns) == {*names, "\0" + "x" * 5000}


@pytest.mark.parametrize("path", ["nowhere", "nowhere/*/train", "logs/*/nothing"])
def test_a_path_that_does_not_exist_is_reported(tree: Path, path: str) -> None:
    with pytest.raises(FileNotFoundError, match=r"there is nothing at .*give an event file"):
        load(tree.parent / path)
