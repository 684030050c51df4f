"""Saved runs as DataFrames, and what else can be made of them."""

from __future__ import annotations

import time
from copy import copy
from typing import TYPE_CHECKING, Any

import numpy as np

from nbhooks.replay import frames, plots
from nbhooks.replay.progress import Progress
from nbhooks.tfevents import files
from nbhooks.tfevents.events import Wanted
from nbhooks.tfevents.tree import Tree

if TYPE_CHECKING:
    import os
    from collections.abc import Callable
    from pathlib import Path

    import pandas as pd
    from matplotlib.figure import Figure
    from PIL.Image import Image as Picture
    from tensorboard.compat.proto.graph_pb2 import GraphDef

    from nbhooks.tfevents.files import EventFile
    from nbhooks.view.dashboard import Dashboard


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
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Read nothing yet; `reload` does. The clock says how long to look at damaged bytes again."""
        self._tree = Tree(path)
        self._clock = clock
        self._runs, self._tags, self._kinds, self._steps, self._resolve = runs, tags, kinds, steps, resolve
        self._files: dict[Path, EventFile] = {}
        self._found: list[tuple[Path, str]] | None = None
        self._followed: list[EventFile] = []
        self._frames: dict[str, pd.DataFrame] = {}
        self._by_run: tuple[dict[Path, EventFile], dict[str, list[EventFile]]] = ({}, {})

    def reload(self) -> Runs:
        """Read only what is new: bytes behind those that were read, new files, and files that were replaced.

        Bytes that held no record are read again for a minute, and whenever their file changes: they may
        not have been written yet. What they hold then is put where it belongs.

        Returns:
            Itself.

        Raises:
            FileNotFoundError: if there is nothing at the path.
        """
        with Progress() as progress:
            self._read(self._tree.find(), progress)
        self._frames = {}  # a checkpoint may be gone, though nothing was written
        return self

    def poll(self) -> bool:
        """Do as `reload`, and tell whether there was anything new; else it costs microseconds.

        A path where there is nothing yet is waited for.
        """
        now = self._clock()
        try:
            found = self._tree.look()
        except FileNotFoundError:
            return False
        if found is self._found and not any(file.changed(now) for file in self._followed):
            return False
        return self._read(found)

    def _read(self, found: list[tuple[Path, str]], progress: Progress | None = None) -> bool:
        """Read what is new in the files found; tell whether there was anything."""
        now, files_now, fresh = self._clock(), dict(self._files), []
        for path, run in found:
            known = self._files.get(path)
            if self._runs(run) and (known is None or known.changed(now)):
                # Whatever was read already stays as it is if this is interrupted: a copy is read on.
                files_now[path] = files.EventFile(path, run) if known is None else known.copy()
                fresh.append(files_now[path])
        if progress is not None:
            progress.begin(sum(map(files.unread, fresh)))
        before = [file.state for file in fresh]
        wanted = Wanted(self._tags, self._kinds)
        files.read(fresh, wanted, _nothing if progress is None else progress.add, now)
        news = before != [file.state for file in fresh]
        self._files, self._found = files_now, found
        self._followed = [files_now[path] for path, run in found if path in files_now]
        if news:  # last, lest a frame of what was there before be kept for what is there now
            self._frames = {}
        return news

    # What it holds

    @property
    def scalars(self) -> pd.DataFrame:
        """Every scalar: columns run, tag, step, wall_time, value, session and orphaned."""
        return self._frame("scalars", lambda: frames.scalars(self._of_kind("scalars")))

    @property
    def histograms(self) -> pd.DataFrame:
        """Every histogram.

        Columns run, session, tag, step, wall_time, edges, counts, min, max, sum, sum_squares and num.
        TensorFlow 2 does not write the sum of squares: it is NaN there.
        """
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
        """One row a run that has hyper-parameters: column run, and one for each of them, called as it is.

        A hyper-parameter that is itself called ``run`` is in the column ``hparam run``. Lists stay lists,
        numbers are floats, and what is not set is missing.
        """
        return self._frame("hparams", lambda: frames.hparams(self._of_kind("hparams")))

    @property
    def experiments(self) -> pd.DataFrame:
        """Every hyper-parameter and metric that an experiment describes; of the kind ``"hparams"``.

        Columns run, session, name, kind (``"hparam"`` or ``"metric"``), domain (a list of values, a tuple of
        the least and the greatest one, or None) and dtype (``"string"``, ``"bool"``, ``"float64"``, or empty
        where it is not written).
        """
        return self._frame("experiments", lambda: frames.experiments(self._of_kind("hparams")))

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
        return self._frame("problems", self._problems)

    # What a player needs of it, and a viewer

    @property
    def missing(self) -> str:
        """Why there is no run, where there is none."""
        if self._files:
            return ""
        if self._found:
            return "none of the runs that there are was asked for"
        return frames.NOTHING

    def files(self, run: str) -> list[EventFile]:
        """The files of a run, in the order of their names."""
        known, by_run = self._by_run
        if known is not self._files:
            known, by_run = self._files, {}
            for file in self._sorted():
                by_run.setdefault(file.run, []).append(file)
            self._by_run = known, by_run
        return by_run.get(run, [])

    def inside(self, step: Any) -> Any:
        """Tell which of some steps were asked for."""
        return np.ones(len(step), bool) if self._steps is None else _within(step, self._steps)

    # What can be made of it

    def plot(self, tag: str, *, smoothing: float = 0.0) -> Figure:
        """Draw a tag of every run (see `nbhooks.replay.plots.plot`)."""
        return plots.plot(self, tag, smoothing=smoothing)

    def plot_histogram(self, tag: str, *, run: str | None = None) -> Figure:
        """Draw a histogram over the steps (see `nbhooks.replay.plots.plot_histogram`)."""
        return plots.plot_histogram(self, tag, run=run)

    def image(self, tag: str, step: int | None = None, *, run: str | None = None) -> Picture:
        """Decode a picture (see `nbhooks.replay.plots.image`)."""
        return plots.image(self, tag, step, run=run)

    def show(self) -> Dashboard:
        """Show every run on the panels that show live sessions.

        Returns:
            The board, which has been displayed where there is a notebook.
        """
        from nbhooks.replay import viewer

        return viewer.show(self)

    def graph(self, run: str | None = None) -> GraphDef:
        """Read the graph that a run wrote, the latest of several.

        It is read from the file and parsed when it is asked for. TensorFlow takes it as
        ``tf.compat.v1.GraphDef.FromString(graph.SerializeToString())``.

        Args:
            run: whose; by default of the first run that has one.

        Returns:
            TensorBoard's ``GraphDef`` message.

        Raises:
            KeyError: if there is none.
            ValueError: if it cannot be read any more: its file was changed, or it makes no sense.
        """
        files_with = [file for file in self._sorted() if file.graphs and run in (None, file.run)]
        if not files_with:
            having = ", ".join(sorted({repr(file.run) for file in self._sorted() if file.graphs}))
            if not having:
                raise KeyError("no run has a graph")
            raise KeyError(f"there is no graph of a run {run!r}; these have one: {having}")
        latest = [file for file in files_with if file.run == files_with[0].run][-1]
        return files.graph(latest, latest.graphs[-1])

    def only(self, run: str) -> Runs:
        """Leave out all runs but one, without reading anything anew."""
        alone = copy(self)
        mine = {path: file for path, file in self._files.items() if file.run == run}
        vars(alone).update(_files=mine, _frames={}, _found=None, _followed=[], _runs=run.__eq__)
        return alone

    @property
    def path(self) -> str:
        """Where it was read from."""
        return str(self._tree.path)

    @property
    def names(self) -> list[str]:
        """The runs, in order."""
        return sorted({file.run for file in self._files.values()})

    def wide(self, *, orphaned: bool = False) -> pd.DataFrame:
        """Put the scalars side by side.

        Args:
            orphaned: whether rows that a later session has overtaken are among them.

        Returns:
            A row for each run and step, a column for each tag; of several values the last one counts.
        """
        rows = self.scalars  # asked for once: another thread may read on meanwhile
        rows = rows if orphaned else rows[~rows["orphaned"]]
        # Files stand in the order of their names; a NaN is a value, which a pivot_table would pass over.
        rows = rows.sort_values("session", kind="stable").drop_duplicates(["run", "step", "tag"], keep="last")
        return rows.pivot(index=["run", "step"], columns="tag", values="value")  # noqa: PD010 - nothing to sum up

    def __repr__(self) -> str:
        problems = len(self.problems)
        said = f", {problems} problems" if problems else ""
        return f"<Runs of {self.path!r}: {len(self.names)} runs, {len(self.scalars):,} scalars{said}>"

    def _frame(self, name: str, make: Callable[[], pd.DataFrame]) -> pd.DataFrame:
        made = self._frames  # whoever reads on puts another one there
        if name not in made:
            frame = make()
            own = name not in ("events", "hparams")  # whose columns may be called anything
            if self._steps is not None and "step" in frame and own:
                frame = frame[self.inside(frame["step"].to_numpy())].reset_index(drop=True)
            if self._resolve == "last" and name == "scalars":
                frame = frame[~frame["orphaned"]].reset_index(drop=True)
            made[name] = frame
        return made[name]

    def _problems(self) -> pd.DataFrame:
        others = [(self.path, self.missing)] if self.missing else []
        return frames.problems(self._sorted(), [*others, *sorted(self._tree.unreadable.items())])

    def _sorted(self) -> list[EventFile]:
        return sorted(self._files.values(), key=lambda file: (file.run, str(file.path)))

    def _of_kind(self, kind: str) -> list[EventFile]:
        return self._sorted() if kind in self._kinds else []


def _nothing(_: int) -> None:
    """Stand in for a progress bar."""


def _within(step: Any, steps: Any) -> Any:
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
