"""Holds reading on to what is new: only its bytes are read, and the result is that of a fresh load."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from event_files import NAME, one_of_each, scalars, write

from nbhooks.replay import Runs, load
from nbhooks.tfevents import files

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def count(monkeypatch: pytest.MonkeyPatch) -> Callable[[Runs], int]:
    """Reload, and count the bytes that were read."""
    sizes: list[int] = []
    frame = files.tfrecord.frame

    def counting(buffer: Any, borders: Any, further: Any) -> Any:
        sizes.append(sum(end - begin for begin, end in borders))
        return frame(buffer, borders, further)

    def reload(runs: Runs) -> int:
        sizes.clear()
        runs.reload()
        return sum(sizes)

    monkeypatch.setattr(files.tfrecord, "frame", counting)
    return reload


def test_only_new_bytes_are_read(tree: Path, count: Callable[[Runs], int]) -> None:
    runs, path = load(tree), tree / "a/train" / NAME
    assert count(runs) == 0
    before = path.stat().st_size
    write(path, scalars(range(3, 10)))
    assert count(runs) == path.stat().st_size - before
    assert runs.only("a/train").scalars["step"].tolist() == list(range(10))
    new = write(tree / "c" / NAME, scalars([1]))
    assert count(runs) == new.stat().st_size
    assert runs.names == ["a/eval", "a/train", "b/train", "c"]
    second = write(tree / "c" / "events.out.tfevents.2", scalars([2]))
    assert count(runs) == second.stat().st_size
    assert len(runs.scalars) == 18
    assert len(runs.problems) == 0
    assert count(runs) == 0


def test_a_file_that_grows_byte_by_byte(tmp_path: Path) -> None:
    whole = write(tmp_path / "all", [*scalars(range(4)), *one_of_each()]).read_bytes()
    path = tmp_path / "run" / NAME
    write(path, [])
    runs = load(tmp_path / "run")
    for size in range(0, len(whole), 7):
        path.write_bytes(whole[:size]) if size < 7 else path.open("ab").write(whole[size - 7 : size])
        runs.reload()
        assert len(runs.problems) == (size == 0)
    with path.open("ab") as file:
        file.write(whole[path.stat().st_size :])
    pd.testing.assert_frame_equal(runs.reload().scalars, load(path).scalars)
    assert len(runs.text) == 2


@pytest.mark.parametrize("how", ["replaced", "shrunk", "grown"])
def test_a_file_that_was_replaced_is_read_anew(tmp_path: Path, how: str) -> None:
    path = write(tmp_path / NAME, scalars(range(10)))
    runs = load(tmp_path)
    if how == "shrunk":
        write(path, scalars([77]), "wb")
    else:
        other = write(tmp_path / "other", scalars([77] if how == "replaced" else range(77, 99)))
        other.replace(path)
    assert runs.reload().scalars["step"].tolist() == ([77] if how != "grown" else list(range(77, 99)))
    assert runs.problems["reason"].tolist() == ["replaced, or shorter than it was: read anew"]


def test_a_file_replaced_by_a_damaged_one_reports_both(tmp_path: Path) -> None:
    path = write(tmp_path / NAME, scalars(range(10)))
    runs = load(tmp_path)
    other = write(tmp_path / "other", scalars([7]))
    other.write_bytes(b"\1" * 50 + other.read_bytes())
    other.replace(path)
    assert runs.reload().scalars["step"].tolist() == [7]
    assert runs.problems[["offset", "bytes", "reason"]].to_numpy().tolist() == [
        [0, 0, "replaced, or shorter than it was: read anew"],
        [0, 50, "length checksum"],
    ]


@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError])
def test_an_interrupt_leaves_everything_as_it_was(
    tree: Path, monkeypatch: pytest.MonkeyPatch, error: type[BaseException]
) -> None:
    runs = load(tree)
    before = runs.scalars.copy()
    for path in tree.rglob(NAME):
        write(path, scalars(range(3, 200)))
    calls, frame = 0, files.tfrecord.frame

    def interrupted(*arguments: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise error
        return frame(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(files, "BATCH", 100)
        patch.setattr(files.tfrecord, "frame", interrupted)
        with pytest.raises(error):
            runs.reload()
    assert calls == 2
    assert runs.scalars.equals(before)
    assert runs.only("a/eval").scalars["step"].tolist() == [0, 1, 2]
    assert runs.reload().scalars["step"].tolist() == list(range(200)) * 3


@pytest.mark.parametrize("size", [1, 100, 1000])
def test_batches_change_nothing(tree: Path, monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    write(tree / "c" / NAME, [*one_of_each(), *scalars(range(300))])
    whole = load(tree)
    monkeypatch.setattr(files, "BATCH", size)
    batched = load(tree)
    pd.testing.assert_frame_equal(batched.scalars, whole.scalars)
    pd.testing.assert_frame_equal(batched.text, whole.text)
