"""Holds looking again to its word: what is new is found, and where nothing is new nothing is read."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from event_files import NAME, scalars, write
from stand_ins import Clock

from nbhooks.replay import Runs, load
from nbhooks.replay.loading import KINDS
from nbhooks.tfevents.logdir import LogDir
from nbhooks.tfevents.tree import AGAIN, AGAIN_PATTERN, SETTLED, Tree

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def clock() -> Clock:
    """A clock by which folders are as old as they say they are."""
    return Clock(2e9)


@pytest.fixture
def finds(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The paths below which everything was looked for."""
    found: list[str] = []
    find = Tree.find

    def noted(self: Tree) -> list[tuple[Path, str]]:
        found.append(str(self.path))
        return find(self)

    monkeypatch.setattr(Tree, "find", noted)
    return found


def age(folder: Path, changed: float) -> None:
    """Say that a folder, and those below it, were changed last at some time."""
    for at, _, _ in os.walk(folder):
        os.utime(at, (changed, changed))


def test_nothing_is_looked_for_again_before_a_folder_changes(
    tmp_path: Path, clock: Clock, finds: list[str]
) -> None:
    write(tmp_path / "a" / NAME, [])
    age(tmp_path, clock.now - SETTLED - 1)
    looked = Tree(tmp_path, clock)
    found = looked.look()
    assert [run for _, run in found] == ["a"]
    assert looked.look() is found
    assert len(finds) == 1
    write(tmp_path / "a" / "events.out.tfevents.2", [])
    assert [file.name for file, _ in looked.look()] == [NAME, "events.out.tfevents.2"]
    assert len(finds) == 2


def test_a_folder_that_was_changed_just_now_may_be_changed_again(tmp_path: Path, clock: Clock) -> None:
    """Within one tick of its clock a file system gives two changes the same time."""
    write(tmp_path / "a" / NAME, [])
    age(tmp_path, clock.now - SETTLED / 2)
    looked = Tree(tmp_path, clock)
    looked.look()
    write(tmp_path / "a" / "events.out.tfevents.2", [])
    age(tmp_path, clock.now - SETTLED / 2)
    assert len(looked.look()) == 2


@pytest.mark.parametrize(("pattern", "after"), [("", AGAIN), ("*", AGAIN_PATTERN)], ids=["folder", "pattern"])
def test_now_and_then_everything_is_looked_for(
    tmp_path: Path, clock: Clock, pattern: str, after: float
) -> None:
    """Whatever the times of folders say: not every file system keeps them."""
    write(tmp_path / "a" / NAME, [])
    age(tmp_path, clock.now - SETTLED - 1)
    looked = Tree(tmp_path / pattern, clock)
    looked.look()
    write(tmp_path / "b" / NAME, [])
    age(tmp_path, clock.now - SETTLED - 1)
    assert len(looked.look()) == 1
    clock.now += after
    assert [run for _, run in looked.look()] == ["a", "b"]


def test_a_folder_that_is_gone_is_noticed(tmp_path: Path, clock: Clock) -> None:
    path = write(tmp_path / "a" / NAME, [])
    write(tmp_path / "b" / NAME, [])
    age(tmp_path, clock.now - SETTLED - 1)
    looked = Tree(tmp_path, clock)
    assert len(looked.look()) == 2
    path.unlink()
    path.parent.rmdir()
    age(tmp_path, clock.now - SETTLED - 1)
    assert [run for _, run in looked.look()] == ["b"]


# Polling


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many files each reading was about."""
    sizes: list[int] = []
    read = LogDir._read

    def noted(self: LogDir, found: list[tuple[Path, str]], *more: object) -> bool:
        sizes.append(len(found))
        return read(self, found, *more)

    monkeypatch.setattr(LogDir, "_read", noted)
    return sizes


def poll_for_nothing(runs: Runs) -> None:
    assert not runs.poll()


def test_polling_reads_what_is_new_and_says_so(tmp_path: Path, reads: list[int]) -> None:
    path = write(tmp_path / "a" / NAME, scalars(range(3)))
    age(tmp_path, 1e9)
    runs = load(tmp_path)
    runs.poll()
    reads.clear()
    frame = runs.scalars
    poll_for_nothing(runs)
    assert reads == []
    assert runs.scalars is frame
    write(path, scalars(range(3, 5)))
    assert runs.poll()
    assert runs.scalars["step"].tolist() == [0, 1, 2, 3, 4]
    assert len(frame) == 3
    write(tmp_path / "b" / NAME, scalars([7]))
    assert runs.poll()
    assert runs.names == ["a", "b"]
    poll_for_nothing(runs)


def test_polling_waits_for_a_path_that_is_not_there_yet(tmp_path: Path) -> None:
    waiting = Runs(
        LogDir(
            tmp_path / "later", runs=lambda _: True, tags=lambda _: True, kinds=frozenset(KINDS), steps=None
        )
    )
    assert not waiting.poll()
    assert len(waiting.scalars) == 0
    write(tmp_path / "later" / NAME, scalars([1, 2]))
    assert waiting.poll()
    assert len(waiting.scalars) == 2


def test_polling_notices_a_file_that_was_replaced_or_is_gone(tmp_path: Path) -> None:
    path = write(tmp_path / NAME, scalars(range(9)))
    runs = load(tmp_path)
    write(tmp_path / "other", scalars([77])).replace(path)
    assert runs.poll()
    assert runs.scalars["step"].tolist() == [77]
    path.unlink()
    runs.poll()
    assert runs.scalars["step"].tolist() == [77]


def test_runs_that_were_not_asked_for_are_not_polled(tmp_path: Path) -> None:
    write(tmp_path / "a" / NAME, scalars([1]))
    path = write(tmp_path / "b" / NAME, scalars([1]))
    runs = load(tmp_path, runs="a")
    runs.poll()
    write(path, scalars([2]))
    poll_for_nothing(runs)


# What is read on a thousand times


@pytest.fixture
def grown(tmp_path: Path) -> tuple[Runs, Path]:
    """A file that was read on after each of three hundred events."""
    path = write(tmp_path / NAME, [])
    runs = load(tmp_path)
    for step in range(300):
        write(path, scalars([step], tag=f"tag {step % 7}"))
        assert runs.poll()
    return runs, path


def test_it_is_kept_in_few_parts(grown: tuple[Runs, Path]) -> None:
    runs, path = grown
    [file] = runs.logdir.files(".")
    assert len(file.parts) < 12
    whole = load(path)
    pd.testing.assert_frame_equal(runs.scalars, whole.scalars)


def test_it_can_be_had_from_any_place_on(grown: tuple[Runs, Path]) -> None:
    [file] = grown[0].logdir.files(".")
    for begin in (0, 1, 100, 255, 299, 300):
        assert file.scalars(begin).step.tolist() == list(range(begin, 300))


def test_a_tag_has_one_number_in_a_file(tmp_path: Path) -> None:
    for number in range(20):
        events = [*scalars(range(5), tag=f"own {number}"), *scalars(range(5), tag="shared")]
        write(tmp_path / f"{number:02}" / NAME, events)
    runs = load(tmp_path)
    for number in range(20):
        [file] = runs.logdir.files(f"{number:02}")
        assert file.tags == {f"own {number}": 0, "shared": 1}
        assert np.bincount(file.scalars().tag).tolist() == [5, 5]


def test_frames_that_are_being_made_are_not_mixed_with_what_is_read_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from nbhooks.replay import frames

    path = write(tmp_path / NAME, scalars(range(3)))
    runs = load(tmp_path)
    make: Callable[..., pd.DataFrame] = frames.saved

    def interrupted(kind: object, files: object) -> pd.DataFrame:
        made = make(kind, files)
        write(path, scalars(range(3, 9)))
        runs.reload()
        return made

    with monkeypatch.context() as patch:
        patch.setattr(frames, "saved", interrupted)
        assert len(runs.scalars) == 3
    assert len(runs.scalars) == 9


@pytest.mark.parametrize("how", ["dangling", "gone"])
def test_what_stays_unreadable_is_news_once(tmp_path: Path, how: str) -> None:
    path = write(tmp_path / NAME, scalars([1]))
    if how == "dangling":
        (tmp_path / "events.out.tfevents.2").symlink_to(tmp_path / "nowhere")
    runs = load(tmp_path if how == "dangling" else path)
    if how == "gone":
        path.unlink()
        runs.poll()
    frame = runs.scalars
    for _ in range(3):
        poll_for_nothing(runs)
    assert runs.scalars is frame


def test_a_folder_that_changes_beside_the_files_is_no_news(tmp_path: Path) -> None:
    write(tmp_path / NAME, scalars([1]))
    runs = load(tmp_path)
    frame = runs.scalars
    (tmp_path / "checkpoint").write_text("beside")
    poll_for_nothing(runs)
    assert runs.scalars is frame


def test_looking_from_two_threads_finds_the_same(tmp_path: Path) -> None:
    for number in range(20):
        write(tmp_path / str(number) / NAME, [])
    looked, found, errors = Tree(tmp_path), [], []

    def look() -> None:
        try:
            found.extend(len(looked.look()) for _ in range(100))
        except TypeError as error:
            errors.append(error)

    threads = [threading.Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert set(found) == {20}
