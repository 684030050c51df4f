"""Saved runs behind the cards of a board: their scalars, as lines to compare with."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np

from nbhooks.model.series import Series
from nbhooks.tfevents.logdir import LogDir
from nbhooks.tfevents.sessions import sessions, sessions_at
from nbhooks.view import formatting

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nbhooks.tfevents.event_file import EventFile, Part

RUNS = 7
"""Runs behind a board at most: as many as there are further colours."""


class Loaded(Protocol):
    """What `nbhooks.replay.load` returns."""

    @property
    def logdir(self) -> LogDir:
        """Reads the files."""


class SavedRun(NamedTuple):
    """A run whose scalars are drawn behind those of a live one.

    Attributes:
        name: of the run; hostile.
        hue: the number of its colour.
        series: by tag.
    """

    name: str
    hue: int
    series: Mapping[str, Series]


def read(runs: Loaded | str | os.PathLike[str]) -> tuple[SavedRun, ...]:
    """Read the scalars of saved runs.

    Args:
        runs: what `nbhooks.replay.load` returned, or a path as it takes one.

    Raises:
        TypeError: if it is neither.
        FileNotFoundError: if there is nothing at the path.
        ValueError: if no run has a scalar, or there are more than `RUNS`.
    """
    logdir = getattr(runs, "logdir", None)
    if not isinstance(logdir, LogDir):
        if not isinstance(runs, (str, os.PathLike)):
            raise TypeError(
                "compare() takes what nbhooks.replay.load() returned, or the path of event files, not "
                f"{type(runs).__name__}"
            )
        logdir = LogDir(runs, runs=_all, tags=_all, kinds=frozenset({"scalars"}))
        logdir.reload()
    names = [name for name in logdir.names if any(file.tags for file in logdir.files(name))]
    if not names:
        raise ValueError(f"there is no scalar to compare with in {logdir.path}: {logdir.missing or 'none'}")
    if len(names) > RUNS:
        listed = ", ".join(map(repr, names[:10]))
        raise ValueError(
            f"there are {len(names)} runs in {logdir.path}, and at most {RUNS} can be compared: {listed}, … "
            "Choose some, as in board.compare(nbhooks.replay.load(path, runs=['a', 'b']))"
        )
    return tuple(
        SavedRun(_called(name, logdir.path), number, _series(logdir, logdir.files(name)))
        for number, name in enumerate(names, 1)
    )


def _all(_: str) -> bool:
    return True


def _called(run: str, path: str) -> str:
    """Name a run; the one at the path itself has the path's name."""
    return formatting.name(os.path.basename(path.rstrip("/")) or path if run == "." else run)  # noqa: PTH119 - a gs:// path is none of pathlib's


def _series(logdir: LogDir, files: list[EventFile]) -> dict[str, Series]:
    """Make the series of each tag, attempt by attempt."""
    begins, found = sessions(files), dict[str, Series]()
    rows: list[tuple[int, float, str, Part]] = []
    for file in files:
        tags, part = list(file.tags), file.scalars()
        part = part.only(logdir.inside(part.step))
        attempts = sessions_at(file, part.offset, begins)
        for code in np.unique(part.tag).tolist():
            mine = part.tag == code
            for attempt in np.unique(attempts[mine]).tolist():
                points = part.only(mine & (attempts == attempt))
                rows.append((attempt, float(points.wall_time[0]), tags[code], points))
    latest: dict[str, int] = {}
    for attempt, _, tag, points in sorted(rows, key=lambda row: row[:2]):
        series = found.setdefault(tag, Series())
        if latest.get(tag, attempt) != attempt:
            series.begin_attempt()
        latest[tag] = attempt
        series.take(points.step, points.wall_time, points.value)
    return found
