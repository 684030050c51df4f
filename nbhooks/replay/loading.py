"""The entrance to saved runs: load() reads event files, play() replays them, watch() shows them growing."""

from __future__ import annotations

import time
from fnmatch import fnmatchcase
from functools import partial
from typing import TYPE_CHECKING

from nbhooks.replay import player
from nbhooks.replay.runs import Runs
from nbhooks.tfevents.logdir import LogDir

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Collection, Iterable

    from nbhooks.model.sink import Sink
    from nbhooks.view.dashboard import Dashboard

KINDS = ("scalars", "histograms", "tensors", "images", "audio", "text", "hparams", "checkpoints")
"""Kinds of what a run holds, which `load` can leave out."""

RESOLVE = ("keep", "last")


def watch(
    path: str | os.PathLike[str],
    *,
    runs: str | Iterable[str] | None = None,
    tags: str | Iterable[str] | None = None,
    kinds: str | Iterable[str] | None = None,
    every: float = 1.0,
) -> Dashboard:
    """Show what is written below a path while it is being written, by any process or machine.

    New files and new runs are shown when they appear; the path need not exist yet. A thread reads the files,
    so the notebook is free meanwhile. It ends when the board is closed, when its cell is run again, or when
    "stop watching" is clicked on the page.

    Args:
        path: as of `load`.
        runs: as of `load`.
        tags: as of `load`.
        kinds: as of `load`.
        every: seconds from one poll of the files to the next, at least.

    Returns:
        The board; in a notebook it has been displayed.

    Raises:
        ValueError: for an unknown kind, or if `every` is not positive.

    Example:
        >>> board = watch("logs")  # doctest: +SKIP
        >>> board.close()  # doctest: +SKIP
    """
    if not every > 0:
        raise ValueError(f"every={every}: it is a number of seconds greater than 0")
    from nbhooks.replay import viewer

    watched = _asked(path, runs=runs, tags=tags, kinds=kinds)
    watched.poll()
    return viewer.watch(watched.logdir, partial(getattr, watched), every=every)


def play(
    runs: Runs,
    sink: Sink,
    *,
    speed: float | None = None,
    sleep: Callable[[float], object] = time.sleep,
) -> None:
    """Write everything that was loaded to a sink, in the order of its wall time.

    Each run has up to four sources: its steps per second, its tensors, its checkpoints, and everything else.
    Where there are several runs their names come first in the sources'. Every attempt of a single run is
    reported as an Attempt. A sink that takes many scalars at once (`nbhooks.model.sink.ColumnSink`, as a
    Store and a Dashboard do) is given them so where no speed is set: tag by tag, and run by run.

    Args:
        runs: what was loaded.
        sink: a Dashboard, a Store, or any object with a ``write`` method.
        speed: how many seconds of the recording pass in one; as fast as possible by default.
        sleep: waits so many seconds.

    Raises:
        ValueError: if `speed` is not positive.

    Example:
        >>> from nbhooks.model.store import Store
        >>> store = Store()
        >>> play(load("logs"), store)  # doctest: +SKIP
        >>> store.snapshot().sources  # doctest: +SKIP
    """
    player.play(runs.logdir, sink, speed=speed, sleep=sleep)


def load(  # noqa: PLR0913 - each leaves something out
    path: str | os.PathLike[str],
    *,
    runs: str | Iterable[str] | None = None,
    tags: str | Iterable[str] | None = None,
    kinds: str | Iterable[str] | None = None,
    steps: range | slice | Collection[int] | None = None,
    resolve: str = "keep",
) -> Runs:
    """Read the event files of a run, or of a tree of runs. Nothing is sampled, and every loss is reported.

    TensorFlow is not needed for it, and is not imported.

    Args:
        path: an event file, a folder with event files below it, or a pattern such as ``"logs/*/train"``.
        runs: names or patterns of runs; all by default. A run is the path of its folder below `path`.
        tags: names or patterns of tags; all by default.
        kinds: of what to keep, see `KINDS`; all by default.
        steps: a range, a slice or a set of steps; all by default.
        resolve: ``"keep"`` every row, or only those that no ``"last"`` session has overtaken.

    Returns:
        What was read; its `problems` say what could not be.

    Raises:
        FileNotFoundError: if there is nothing at `path`.
        ValueError: for an unknown kind or way to resolve.
    """
    return _asked(path, runs=runs, tags=tags, kinds=kinds, steps=steps, resolve=resolve).reload()


def _asked(  # noqa: PLR0913 - as `load`
    path: str | os.PathLike[str],
    *,
    runs: str | Iterable[str] | None,
    tags: str | Iterable[str] | None,
    kinds: str | Iterable[str] | None,
    steps: range | slice | Collection[int] | None = None,
    resolve: str = "keep",
) -> Runs:
    """Make the Runs that were asked for, with nothing read yet."""
    wanted = frozenset(KINDS if kinds is None else [kinds] if isinstance(kinds, str) else kinds)
    if wanted - set(KINDS):
        unknown = ", ".join(map(repr, sorted(wanted - set(KINDS))))
        raise ValueError(f"kinds={unknown}: there are {', '.join(KINDS)}")
    if resolve not in RESOLVE:
        raise ValueError(f"resolve={resolve!r}: it is one of {', '.join(map(repr, RESOLVE))}")
    logdir = LogDir(path, runs=_matcher(runs), tags=_matcher(tags), kinds=wanted, steps=steps)
    return Runs(logdir, resolve=resolve)


def _matcher(patterns: str | Iterable[str] | None) -> Callable[[str], bool]:
    """Make a test for names: a pattern may have wildcards, and a name that has them matches itself."""
    if patterns is None:
        return lambda _: True
    listed = [patterns] if isinstance(patterns, str) else list(patterns)
    known: dict[str, bool] = {}

    def matches(name: str) -> bool:
        if name not in known:
            known[name] = any(name == pattern or fnmatchcase(name, pattern) for pattern in listed)
        return known[name]

    return matches
