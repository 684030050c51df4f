"""Reads the event files below a path, and goes on reading what is written to them."""

from __future__ import annotations

import time
from copy import copy
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from nbhooks.tfevents import files
from nbhooks.tfevents.event_file import EventFile
from nbhooks.tfevents.events import Wanted
from nbhooks.tfevents.tree import Tree

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Collection
    from pathlib import Path

    from tensorboard.compat.proto.graph_pb2 import GraphDef


EMPTY = "no event files: none has 'tfevents' in its name"


class Progress(Protocol):
    """Shows how many of the bytes to be read have been read."""

    def begin(self, total: int) -> object:
        """Take the number of bytes to be read."""

    def add(self, count: int) -> object:
        """Take the number of bytes read since the last call."""


class LogDir:
    """The event files below a path: finds them, reads them, and reads on.

    A reading replaces `EventFile` objects that have changed and never modifies those that it gave before, so
    that one thread may read while another uses what was read.

    Args:
        path: an event file, a folder, or a pattern (see `nbhooks.tfevents.tree.Tree`).
        runs: whether the run of a name is read.
        tags: whether the tag of a name is kept.
        kinds: the kinds of records that are kept (see `nbhooks.replay.loading.KINDS`).
        steps: a range, a slice or a set of steps for `inside`; all by default.
        clock: monotonic seconds, for how long damaged bytes are read again.

    Attributes:
        version: a different object after every reading that found something new.

    Example:
        >>> from nbhooks.tfevents.logdir import LogDir
        >>> everything = lambda name: True
        >>> logdir = LogDir("logs", runs=everything, tags=everything, kinds=frozenset({"scalars"}))
        >>> logdir.poll()
        False
        >>> logdir.missing
        "no event files: none has 'tfevents' in its name"
    """

    def __init__(  # noqa: PLR0913 - what `load` takes
        self,
        path: str | os.PathLike[str],
        *,
        runs: Callable[[str], bool],
        tags: Callable[[str], bool],
        kinds: frozenset[str],
        steps: range | slice | Collection[int] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Read nothing yet; `reload` and `poll` do."""
        self._tree = Tree(path)
        self._clock = clock
        self._runs, self._wanted, self._steps = runs, Wanted(tags, kinds), steps
        self._files: dict[Path, EventFile] = {}
        self._found: list[tuple[Path, str]] | None = None
        self._watched: list[EventFile] = []
        self._by_run: tuple[dict[Path, EventFile], dict[str, list[EventFile]]] = ({}, {})
        self.version = object()

    # Reading

    def reload(self, progress: Progress | None = None) -> bool:
        """Read only what is new: bytes behind those already read, new files, and files that were replaced.

        Bytes that held no record are read again for a minute, and whenever their file changes: they may not
        have been written yet. Their records are inserted at their place.

        Args:
            progress: shows how far the reading is.

        Returns:
            Whether there was anything new.

        Raises:
            FileNotFoundError: if there is nothing at the path.
        """
        return self._read(self._tree.find(), progress)

    def poll(self) -> bool:
        """Do as `reload`, in microseconds where nothing is new. A path that does not exist yet is no error.

        Returns:
            Whether there was anything new.
        """
        now = self._clock()
        try:
            found = self._tree.look()
        except FileNotFoundError:
            return False
        if found is self._found and not any(file.changed(now) for file in self._watched):
            return False
        return self._read(found)

    def _read(self, found: list[tuple[Path, str]], progress: Progress | None = None) -> bool:
        now, files_now, fresh = self._clock(), dict(self._files), []
        for path, run in found:
            known = self._files.get(path)
            if self._runs(run) and (known is None or known.changed(now)):
                # What was read already stays as it is if this is interrupted: a copy is read on.
                files_now[path] = EventFile(path, run) if known is None else known.copy()
                fresh.append(files_now[path])
        if progress is not None:
            progress.begin(sum(map(files.unread, fresh)))
        before = [file.state for file in fresh]
        files.read(fresh, self._wanted, _nothing if progress is None else progress.add, now)
        news = before != [file.state for file in fresh]
        self._files, self._found = files_now, found
        self._watched = [files_now[path] for path, run in found if path in files_now]
        if news:  # last: what is derived from the files before must not pass for the new version
            self.version = object()
        return news

    # What was read

    @property
    def path(self) -> str:
        """Where the files are, as given."""
        return str(self._tree.path)

    @property
    def names(self) -> list[str]:
        """The runs, in order."""
        return sorted({file.run for file in self._files.values()})

    @property
    def missing(self) -> str:
        """Why there is no run; ``""`` where there is one."""
        if self._files:
            return ""
        if self._found:
            return "none of the runs that there are was asked for"
        return EMPTY

    @property
    def unreadable(self) -> dict[str, str]:
        """The folders that could not be read, and why."""
        return self._tree.unreadable

    def files(self, run: str) -> list[EventFile]:
        """Return the files of a run, in the order of their paths."""
        known, by_run = self._by_run
        if known is not self._files:
            known, by_run = self._files, {}
            for file in _in_order(known):
                by_run.setdefault(file.run, []).append(file)
            self._by_run = known, by_run
        return by_run.get(run, [])

    def all_files(self, kind: str | None = None) -> list[EventFile]:
        """Return the files of all runs, in the order of run and path; none for a kind that is not kept."""
        return _in_order(self._files) if kind is None or kind in self._wanted.kinds else []

    def inside(self, step: Any) -> Any:
        """Return for each step of an array whether it was asked for, as bool (n,)."""
        return np.ones(len(step), bool) if self._steps is None else _within(step, self._steps)

    def graph(self, run: str | None = None) -> GraphDef:
        """Read the latest graph of a run (see `nbhooks.replay.runs.Runs.graph`)."""
        with_graph = [file for file in self.all_files() if file.graphs and run in (None, file.run)]
        if not with_graph:
            having = ", ".join(sorted({repr(file.run) for file in self.all_files() if file.graphs}))
            if not having:
                raise KeyError("no run has a graph")
            raise KeyError(f"there is no graph of a run {run!r}; these have one: {having}")
        latest = [file for file in with_graph if file.run == with_graph[0].run][-1]
        return files.graph(latest, latest.graphs[-1])

    def only(self, run: str) -> LogDir:
        """Return a copy without all other runs. Nothing is read."""
        alone = copy(self)
        own = {path: file for path, file in self._files.items() if file.run == run}
        found = None if own else self._found  # where there is none, they say why
        vars(alone).update(_runs=run.__eq__, _files=own, _found=found, _watched=[], version=object())
        return alone


def _in_order(files_now: dict[Path, EventFile]) -> list[EventFile]:
    return sorted(files_now.values(), key=lambda file: (file.run, str(file.path)))


def _nothing(_: int) -> None:
    """Stand in for a progress bar."""


def _within(step: Any, steps: range | slice | Collection[int]) -> Any:
    if isinstance(steps, range):  # which may be too long for a list
        upwards = steps if steps.step > 0 else steps[::-1]
        steps = slice(upwards.start, upwards.stop, upwards.step)
    if isinstance(steps, slice):
        inside = np.ones(len(step), bool)
        if steps.start is not None:
            inside &= step >= steps.start
        if steps.stop is not None:
            inside &= step < steps.stop
        if steps.step is not None:
            inside &= (step - (steps.start or 0)) % steps.step == 0
        return inside
    return np.isin(step, np.asarray(list(steps), np.int64))
