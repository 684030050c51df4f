"""Where event files are: those below a path, and the run that each belongs to."""

from __future__ import annotations

import os
import time
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

NAME = "tfevents"
"""What an event file has in its name."""

SETTLED = 2.0
"""Seconds after its last change from which a folder is known to have changed again by its time alone."""

AGAIN = 60.0
"""Seconds after which everything is looked for again: not every file system keeps the times of folders."""

AGAIN_PATTERN = 5.0
"""The same of a pattern, which may match where no folder is known yet."""


SHOWN = 300
"""Characters of a path that an error repeats."""


class Tree:
    """The event files below a path, which may be looked for again and again.

    Args:
        path: a file, a folder, or a pattern with wildcards.
        clock: seconds since the epoch.

    Attributes:
        path: as given.
        unreadable: folders that could not be looked into, and why.

    Example:
        >>> Tree("logs").find()  # doctest: +SKIP
        [(PosixPath('logs/train/events.out.tfevents.1'), 'train')]
    """

    def __init__(self, path: str | os.PathLike[str], clock: Callable[[], float] = time.time) -> None:
        """Look for nothing yet."""
        self.path = path
        self._clock = clock
        self.unreadable: dict[str, str] = {}
        self._known: _Known | None = None

    def find(self) -> list[tuple[Path, str]]:
        """List the event files, each with its run.

        Raises:
            FileNotFoundError: if there is nothing at the path.
        """
        begin = self._clock()
        # Path's own methods raise where there is no such user, or where a path is too long to exist.
        given = Path(os.path.expanduser(self.path))  # noqa: PTH111
        seen = _Seen(begin)
        if os.path.isfile(given):  # noqa: PTH113
            found = [(given, ".")]
        elif os.path.isdir(given):  # noqa: PTH112
            found = [(file, _run(file, given)) for file in seen.below([given])]
        else:
            found = _matches(given, seen)
        again = AGAIN if os.path.exists(given) else AGAIN_PATTERN  # noqa: PTH110
        # At once, and as one: another thread may be looking, too.
        self._known = _Known(found, seen.folders, begin + again)
        self.unreadable = seen.unreadable
        return found

    def look(self) -> list[tuple[Path, str]]:
        """List them as `find` does; the same list as before if no folder has changed, which takes no time.

        Raises:
            FileNotFoundError: if there is nothing at the path.
        """
        known = self._known
        if known is None or self._clock() >= known.due or known.has_changed():
            return self.find()
        return known.found


class _Known(NamedTuple):
    """What was found, in which folders, and until when that may be relied on."""

    found: list[tuple[Path, str]]
    folders: list[tuple[str, int]]  # and when each was changed, -1 where that may be again
    due: float

    def has_changed(self) -> bool:
        try:
            return any(os.stat(folder).st_mtime_ns != before for folder, before in self.folders)  # noqa: PTH116 - a Path takes twice as long
        except OSError:
            return True


class _Seen:
    """The folders that one search has come through."""

    def __init__(self, begin: float) -> None:
        self.folders: list[tuple[str, int]] = []
        self.unreadable: dict[str, str] = {}
        self._settled = (begin - SETTLED) * 1e9

    def below(self, tops: Sequence[Path]) -> list[Path]:
        """List the event files below some folders, each real folder once.

        Links to folders are taken after the folders themselves: a folder has its own name where it has one
        here, else the first of the links that lead to it.
        """
        found: list[Path] = []
        real: set[tuple[int, int]] = set()
        links = deque(str(top) for top in tops if top.is_symlink())
        folders = [str(top) for top in tops if not top.is_symlink()][::-1]
        while folders or links:  # and no recursion: a tree may be deeper than Python's stack
            at = folders.pop() if folders else links.popleft()
            try:
                status = os.stat(at)  # noqa: PTH116 - a Path takes twice as long
                if (status.st_dev, status.st_ino) in real:
                    continue
                real.add((status.st_dev, status.st_ino))
                with os.scandir(at) as listed:
                    entries = sorted(listed, key=lambda entry: entry.name)
            except OSError as error:
                self._refuse(error)
                continue
            self._note(at, status.st_mtime_ns)
            inner = [entry for entry in entries if _is_folder(entry)]
            within = set(inner)
            found += [Path(entry.path) for entry in entries if NAME in entry.name and entry not in within]
            folders += [entry.path for entry in inner if not entry.is_symlink()][::-1]
            links += [entry.path for entry in inner if entry.is_symlink()]
        return found

    def _note(self, folder: str, changed: int) -> None:
        """Remember when a folder was changed, unless so lately that its next change may look the same."""
        self.folders.append((folder, changed if changed < self._settled else -1))

    def _refuse(self, error: OSError) -> None:
        if not isinstance(error, FileNotFoundError):  # which was deleted just now
            self.unreadable[str(error.filename)] = f"cannot be read: {error.strerror}"


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link that leads to itself
        return False


def _matches(given: Path, seen: _Seen) -> list[tuple[Path, str]]:
    root, pattern = _split(given)
    try:
        matches = sorted(root.glob(pattern)) if pattern else []
    except (OSError, RecursionError, ValueError) as error:
        raise FileNotFoundError(
            f"{_nothing_at(given)}; looking for it failed with {type(error).__name__}"
        ) from error
    if not matches:
        raise FileNotFoundError(_nothing_at(given))
    folders = [match for match in matches if match.is_dir()]
    within = set(folders)
    files = dict.fromkeys([*seen.below(folders), *(match for match in matches if match not in within)])
    return [(file, _run(file, root)) for file in files]


def _nothing_at(given: Path) -> str:
    shown = str(given) if len(str(given)) <= SHOWN else f"{str(given)[:SHOWN]}…"
    return (
        f"there is nothing at {shown!r}: give an event file, a folder with event files below "
        f"it, or a pattern such as 'logs/*/train'"
    )


def _run(file: Path, root: Path) -> str:
    return file.parent.relative_to(root).as_posix()


def _split(path: Path) -> tuple[Path, str]:
    """Split a path before its first wildcard."""
    parts = path.parts
    wild = next((number for number, part in enumerate(parts) if set(part) & set("*?[")), len(parts))
    return Path(*parts[:wild]), "/".join(parts[wild:])
