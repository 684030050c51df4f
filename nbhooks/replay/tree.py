"""Where event files are: those below a path, and the run that each belongs to."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

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

    Example:
        >>> Tree("logs").find()  # doctest: +SKIP
        [(PosixPath('logs/train/events.out.tfevents.1'), 'train')]
    """

    def __init__(self, path: str | os.PathLike[str], clock: Callable[[], float] = time.time) -> None:
        """Look for nothing yet."""
        self.path = path
        self._clock = clock
        self._found: list[tuple[Path, str]] | None = None
        self._folders: list[tuple[str, int]] = []  # and when each was changed, -1 where that may be again
        self._due = 0.0

    def find(self) -> list[tuple[Path, str]]:
        """List the event files, each with its run.

        Raises:
            FileNotFoundError: if there is nothing at the path.
        """
        begin = self._clock()
        given = Path(self.path).expanduser()
        self._found, self._folders, self._due = None, [], begin + AGAIN
        if given.is_file():
            self._found = [(given, ".")]
        elif given.is_dir():
            self._found = [(file, _run(file, given)) for file in self._below(given, begin)]
        else:
            self._found, self._due = self._matches(given, begin), begin + AGAIN_PATTERN
        return self._found

    def look(self) -> list[tuple[Path, str]]:
        """List them as `find` does; the same list as before if no folder has changed, which takes no time.

        Raises:
            FileNotFoundError: if there is nothing at the path.
        """
        if self._found is None or self._clock() >= self._due or self._has_changed():
            return self.find()
        return self._found

    def _has_changed(self) -> bool:
        try:
            return any(os.stat(folder).st_mtime_ns != before for folder, before in self._folders)  # noqa: PTH116 - a Path takes twice as long
        except OSError:
            return True

    def _matches(self, given: Path, begin: float) -> list[tuple[Path, str]]:
        root, pattern = _split(given)
        matches = sorted(root.glob(pattern)) if pattern else []
        if not matches:
            raise FileNotFoundError(
                f"there is nothing at {str(given)!r}: give an event file, a folder with event files below "
                f"it, or a pattern such as 'logs/*/train'"
            )
        files = [
            file for match in matches for file in (self._below(match, begin) if match.is_dir() else [match])
        ]
        return [(file, _run(file, root)) for file in dict.fromkeys(files)]

    def _below(self, top: Path, begin: float) -> list[Path]:
        """List the event files below a folder, through links, but not through one that leads back."""
        found = []
        above = {str(top): frozenset({os.path.realpath(top)})}  # of each folder itself and what it lies in
        for at, folders, names in os.walk(str(top), followlinks=True):
            self._note(at, begin)
            found += [Path(at, name) for name in sorted(names) if NAME in name]
            passed = above.pop(at)
            real = {name: os.path.realpath(Path(at, name)) for name in sorted(folders)}
            folders[:] = [name for name in real if real[name] not in passed]
            above.update({os.path.join(at, name): passed | {real[name]} for name in folders})  # noqa: PTH118 - as walk does
        return found

    def _note(self, folder: str, begin: float) -> None:
        """Remember when a folder was changed, unless so lately that its next change may look the same."""
        try:
            changed = os.stat(folder).st_mtime_ns  # noqa: PTH116 - as in _has_changed
        except OSError:
            changed = -1
        self._folders.append((folder, changed if changed < (begin - SETTLED) * 1e9 else -1))


def _run(file: Path, root: Path) -> str:
    return file.parent.relative_to(root).as_posix()


def _split(path: Path) -> tuple[Path, str]:
    """Tell the part of a path before the first wildcard from the rest."""
    parts = path.parts
    wild = next((number for number, part in enumerate(parts) if set(part) & set("*?[")), len(parts))
    return Path(*parts[:wild]), "/".join(parts[wild:])
