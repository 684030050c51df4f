"""Where event files are: those below a path, and the run that each belongs to."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

NAME = "tfevents"
"""What an event file has in its name."""

SETTLED = 2.0
"""Seconds after its last change from which a folder can be told to have changed again by its time alone."""

AGAIN = 60.0
"""Seconds after which everything is looked for again: not every file system keeps the times of folders."""

AGAIN_PATTERN = 5.0
"""The same of a pattern, which may match where no folder is known yet."""


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
        given = Path(self.path).expanduser()
        seen = _Seen(begin)
        if given.is_file():
            found = [(given, ".")]
        elif given.is_dir():
            found = [(file, _run(file, given)) for file in seen.below(given)]
        else:
            found = _matches(given, seen)
        again = AGAIN if given.exists() else AGAIN_PATTERN
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

    def below(self, top: Path) -> list[Path]:
        """List the event files below a folder, through links, but not through one that leads back."""
        found = []
        above = {str(top): frozenset({os.path.realpath(top)})}  # of each folder itself and what it lies in
        for at, folders, names in os.walk(str(top), onerror=self._refuse, followlinks=True):
            self._note(at)
            found += [Path(at, name) for name in sorted(names) if NAME in name]
            passed = above.pop(at)
            real = {name: os.path.realpath(Path(at, name)) for name in sorted(folders)}
            folders[:] = [name for name in real if real[name] not in passed]
            above.update({os.path.join(at, name): passed | {real[name]} for name in folders})  # noqa: PTH118 - as walk does
        return found

    def _note(self, folder: str) -> None:
        """Remember when a folder was changed, unless so lately that its next change may look the same."""
        try:
            changed = os.stat(folder).st_mtime_ns  # noqa: PTH116 - as in has_changed
        except OSError:
            changed = -1
        self.folders.append((folder, changed if changed < self._settled else -1))

    def _refuse(self, error: OSError) -> None:
        if not isinstance(error, FileNotFoundError):  # which was deleted just now
            self.unreadable[str(error.filename)] = f"cannot be read: {error.strerror}"


def _matches(given: Path, seen: _Seen) -> list[tuple[Path, str]]:
    root, pattern = _split(given)
    matches = sorted(root.glob(pattern)) if pattern else []
    if not matches:
        raise FileNotFoundError(
            f"there is nothing at {str(given)!r}: give an event file, a folder with event files below "
            f"it, or a pattern such as 'logs/*/train'"
        )
    files = [file for match in matches for file in (seen.below(match) if match.is_dir() else [match])]
    return [(file, _run(file, root)) for file in dict.fromkeys(files)]


def _run(file: Path, root: Path) -> str:
    return file.parent.relative_to(root).as_posix()


def _split(path: Path) -> tuple[Path, str]:
    """Tell the part of a path before the first wildcard from the rest."""
    parts = path.parts
    wild = next((number for number, part in enumerate(parts) if set(part) & set("*?[")), len(parts))
    return Path(*parts[:wild]), "/".join(parts[wild:])
