"""Saved runs as DataFrames: load() reads them, Runs holds them."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

import numpy as np

from nbhooks.replay import files, frames

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Collection, Iterable

    import pandas as pd

    from nbhooks.replay.files import EventFile

KINDS = ("scalars", "histograms", "tensors", "images", "audio", "text", "hparams", "checkpoints")
"""Kinds of what a run holds, which `load` can be told to leave out."""

RESOLVE = ("keep", "last")

PATIENCE = 2.0
"""Seconds after which a load shows how far it is."""


class Runs:
    """What event files hold, as DataFrames that are made when they are first asked for.

    Example:
        >>> runs = load("logs")  # doctest: +SKIP
        >>> runs.scalars.groupby("tag").value.last()  # doctest: +SKIP
    """

    def __init__(  # noqa: PLR0913 - what `load` was asked for
        self,
        path: str | os.PathLike[str],
        *,
        runs: Callable[[str], bool],
        tags: Callable[[str], bool],
        kinds: frozenset[str],
        steps: Any,
        resolve: str,
    ) -> None:
        """Read nothing yet; `reload` does."""
        self._path = path
        self._runs, self._tags, self._kinds, self._steps, self._resolve = runs, tags, kinds, steps, resolve
        self._files: dict[Any, EventFile] = {}
        self._frames: dict[str, pd.DataFrame] = {}

    def reload(self) -> Runs:
        """Read only what is new: bytes behind those that were read, new files, and files that were replaced.

        Returns:
            Itself.

        Raises:
            FileNotFoundError: if there is nothing at the path.
        """
        from tqdm.auto import tqdm

        found = [(file, run) for file, run in files.find(self._path) if self._runs(run)]
        known = {path: self._files.get(path) or files.EventFile(path, run) for path, run in found}
        # Whatever was read already stays as it is if this is interrupted: a copy is read on.
        fresh = {path: file.copy() for path, file in known.items()}
        with tqdm(
            total=sum(files.unread(file) for file in fresh.values()),
            unit="B",
            unit_scale=True,
            desc="reading events",
            delay=PATIENCE,
            leave=False,
        ) as bar:
            files.read(list(fresh.values()), self._tags, bar.update)
        gone = {path: file for path, file in self._files.items() if path not in fresh}
        self._files = {**gone, **fresh}
        self._frames.clear()
        return self

    # What it holds

    @property
    def scalars(self) -> pd.DataFrame:
        """Every scalar: columns run, tag, step, wall_time, value, session and orphaned."""
        return self._frame("scalars", lambda: frames.scalars(self._of_kind("scalars")))

    @property
    def histograms(self) -> pd.DataFrame:
        """Every histogram: columns run, session, tag, step, wall_time, edges, counts, min, max, sum, num."""
        return self._frame("histograms", lambda: frames.histograms(self._of_kind("histograms")))

    @property
    def tensors(self) -> pd.DataFrame:
        """Every tensor that is no scalar: columns run, session, tag, step, wall_time, dtype, shape, value."""
        return self._frame("tensors", lambda: frames.tensors(self._of_kind("tensors")))

    @property
    def images(self) -> pd.DataFrame:
        """Every picture: columns run, session, tag, step, wall_time, index, width, height, encoded."""
        return self._frame("images", lambda: frames.images(self._of_kind("images")))

    @property
    def audio(self) -> pd.DataFrame:
        """Every sound: columns run, session, tag, step, wall_time, index, rate, encoded."""
        return self._frame("audio", lambda: frames.audio(self._of_kind("audio")))

    @property
    def text(self) -> pd.DataFrame:
        """Every text: columns run, session, tag, step, wall_time, index, value."""
        return self._frame("text", lambda: frames.text(self._of_kind("text")))

    @property
    def hparams(self) -> pd.DataFrame:
        """One row a run that has hyper-parameters: column run, and one for each of them."""
        return self._frame("hparams", lambda: frames.hparams(self._of_kind("hparams")))

    @property
    def checkpoints(self) -> pd.DataFrame:
        """Checkpoints told of: columns run, session, step, wall_time, path, bytes, seconds and kept."""
        return self._frame("checkpoints", lambda: frames.checkpoints(self._of_kind("checkpoints")))

    @property
    def events(self) -> pd.DataFrame:
        """What happened: columns run, session, wall_time, step, kind, detail."""
        return self._frame("events", lambda: frames.events(self._sorted()))

    @property
    def problems(self) -> pd.DataFrame:
        """Every fault: columns file, offset, bytes, reason. Nothing else was lost."""
        return self._frame("problems", lambda: frames.problems(self._sorted(), self._path))

    def wide(self, *, orphaned: bool = False) -> pd.DataFrame:
        """Put the scalars side by side.

        Args:
            orphaned: whether rows that a later session has overtaken are among them.

        Returns:
            A row for each run and step, a column for each tag; of several values the last one counts.
        """
        rows = self.scalars if orphaned else self.scalars[~self.scalars["orphaned"]]
        return rows.pivot_table(
            index=["run", "step"], columns="tag", values="value", aggfunc="last", observed=True
        )

    def __repr__(self) -> str:
        runs = sorted({file.run for file in self._files.values()})
        problems = len(self.problems)
        said = f", {problems} problems" if problems else ""
        return f"<Runs of {str(self._path)!r}: {len(runs)} runs, {len(self.scalars):,} scalars{said}>"

    def _frame(self, name: str, make: Callable[[], pd.DataFrame]) -> pd.DataFrame:
        if name not in self._frames:
            frame = make()
            if self._steps is not None and "step" in frame and name != "events":
                frame = frame[_within(frame["step"].to_numpy(), self._steps)].reset_index(drop=True)
            if self._resolve == "last" and "orphaned" in frame:
                frame = frame[~frame["orphaned"]].reset_index(drop=True)
            self._frames[name] = frame
        return self._frames[name]

    def _sorted(self) -> list[EventFile]:
        return sorted(self._files.values(), key=lambda file: (file.run, str(file.path)))

    def _of_kind(self, kind: str) -> list[EventFile]:
        return self._sorted() if kind in self._kinds else []


def load(  # noqa: PLR0913 - each leaves something out
    path: str | os.PathLike[str],
    *,
    runs: str | Iterable[str] | None = None,
    tags: str | Iterable[str] | None = None,
    kinds: str | Iterable[str] | None = None,
    steps: range | slice | Collection[int] | None = None,
    resolve: str = "keep",
) -> Runs:
    """Read the event files of a run, or of a tree of runs. Nothing is sampled, and every loss is told.

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
    wanted = frozenset(KINDS if kinds is None else [kinds] if isinstance(kinds, str) else kinds)
    if wanted - set(KINDS):
        unknown = ", ".join(map(repr, sorted(wanted - set(KINDS))))
        raise ValueError(f"kinds={unknown}: there are {', '.join(KINDS)}")
    if resolve not in RESOLVE:
        raise ValueError(f"resolve={resolve!r}: it is one of {', '.join(map(repr, RESOLVE))}")
    made = Runs(path, runs=_matcher(runs), tags=_matcher(tags), kinds=wanted, steps=steps, resolve=resolve)
    return made.reload()


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


def _within(step: Any, steps: Any) -> Any:
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
