"""Saved runs as DataFrames, plots and boards."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from nbhooks.frames import Frames
from nbhooks.model.events import Event
from nbhooks.replay import frames, plots
from nbhooks.replay.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd
    from matplotlib.figure import Figure
    from PIL.Image import Image as Picture
    from tensorboard.compat.proto.graph_pb2 import GraphDef

    from nbhooks.model.record import Record
    from nbhooks.tfevents.logdir import LogDir
    from nbhooks.view.dashboard import Dashboard


class Runs(Frames):
    """The contents of event files, as DataFrames that are made when they are first used.

    Args:
        logdir: reads the files.
        resolve: ``"keep"`` every row, or only those that no ``"last"`` session has overtaken.

    Example:
        >>> runs = load("logs")  # doctest: +SKIP
        >>> runs.scalars.groupby("tag").value.last()  # doctest: +SKIP
    """

    def __init__(self, logdir: LogDir, *, resolve: str = "keep") -> None:
        """Make no frame yet."""
        self.logdir = logdir
        self._resolve = resolve
        self._frames: tuple[object, dict[str, pd.DataFrame]] = (None, {})

    def reload(self) -> Runs:
        """Read only what is new (see `nbhooks.tfevents.logdir.LogDir.reload`).

        Returns:
            Itself.

        Raises:
            FileNotFoundError: if there is nothing at the path.
        """
        with Progress() as progress:
            self.logdir.reload(progress)
        self._frames = (None, {})  # a checkpoint may be gone, though nothing was written
        return self

    def poll(self) -> bool:
        """Do as `reload`, in microseconds where nothing is new. A path that does not exist yet is no error.

        Returns:
            Whether there was anything new.
        """
        return self.logdir.poll()

    # What it holds

    @property
    def hparams(self) -> pd.DataFrame:
        """One row a run that has hyper-parameters: column run, and one for each of them, called as it is.

        A hyper-parameter that is itself called ``run`` is in the column ``hparam run``. Lists stay lists,
        numbers are floats, and what is not set is missing.
        """
        return self._made("hparams", lambda: frames.hparams(self.logdir.all_files("hparams")))

    @property
    def experiments(self) -> pd.DataFrame:
        """Every hyper-parameter and metric that an experiment describes; of the kind ``"hparams"``.

        Columns run, session, name, kind (``"hparam"`` or ``"metric"``), domain (a list of values, a tuple of
        the least and the greatest one, or None) and dtype (``"string"``, ``"bool"``, ``"float64"``, or empty
        where it is not written).
        """
        return self._made("experiments", lambda: frames.experiments(self.logdir.all_files("hparams")))

    @property
    def problems(self) -> pd.DataFrame:
        """Every fault: columns file, offset, bytes, reason. Nothing else was lost."""
        return self._made("problems", self._problems)

    # What can be made of it

    def plot(self, tag: str, *, smoothing: float = 0.0) -> Figure:
        """Draw a tag of every run (see `nbhooks.replay.plots.plot`)."""
        return plots.plot(self.scalars, tag, smoothing=smoothing)

    def plot_histogram(self, tag: str, *, run: str | None = None) -> Figure:
        """Draw a histogram over the steps (see `nbhooks.replay.plots.plot_histogram`)."""
        return plots.plot_histogram(self.histograms, tag, run=run)

    def image(self, tag: str, step: int | None = None, *, run: str | None = None) -> Picture:
        """Decode an image (see `nbhooks.replay.plots.image`)."""
        return plots.image(self.images, tag, step, run=run)

    def show(self) -> Dashboard:
        """Show every run on the panels that show live sessions.

        Returns:
            The board, which has been displayed where there is a notebook.
        """
        from nbhooks.replay import viewer

        return viewer.show(self.logdir, partial(getattr, self))

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
        return self.logdir.graph(run)

    def only(self, run: str) -> Runs:
        """Leave out all other runs. Nothing is read."""
        return Runs(self.logdir.only(run), resolve=self._resolve)

    @property
    def path(self) -> str:
        """Where it was read from."""
        return self.logdir.path

    @property
    def names(self) -> list[str]:
        """The runs, in order."""
        return self.logdir.names

    def wide(self, *, orphaned: bool = False) -> pd.DataFrame:
        """Put the scalars side by side.

        Args:
            orphaned: whether rows that a later session has overtaken are among them.

        Returns:
            A row for each run and step, a column for each tag; of several values the last one counts.
        """
        rows = self.scalars  # once: another thread may read on meanwhile
        rows = rows if orphaned else rows[~rows["orphaned"]]
        # Files stand in the order of their names; a NaN is a value, which a pivot_table would pass over.
        rows = rows.sort_values("session", kind="stable").drop_duplicates(["run", "step", "tag"], keep="last")
        return rows.pivot(index=["run", "step"], columns="tag", values="value")  # noqa: PD010 - nothing to sum up

    def __repr__(self) -> str:
        problems = len(self.problems)
        more = f", {problems} problems" if problems else ""
        return f"<Runs of {self.path!r}: {len(self.names)} runs, {len(self.scalars):,} scalars{more}>"

    def _frame(self, kind: type[Record]) -> pd.DataFrame:
        name = None if kind is Event else kind.FRAME  # whatever is kept of a file, it begins
        return self._made(kind.FRAME, lambda: frames.saved(kind, self.logdir.all_files(name)))

    def _made(self, name: str, make: Callable[[], pd.DataFrame]) -> pd.DataFrame:
        version, made = self._frames
        if version is not self.logdir.version:
            made = {}
            self._frames = (self.logdir.version, made)  # at once: another thread may read on meanwhile
        if name not in made:
            frame = make()
            own = name not in ("events", "hparams")  # whose columns may be called anything
            if "step" in frame and own:
                inside = self.logdir.inside(frame["step"].to_numpy())
                frame = frame if inside.all() else frame[inside].reset_index(drop=True)
            if self._resolve == "last" and name == "scalars":
                frame = frame[~frame["orphaned"]].reset_index(drop=True)
            made[name] = frame
        return made[name]

    def _problems(self) -> pd.DataFrame:
        logdir = self.logdir
        others = [(logdir.path, logdir.missing)] if logdir.missing else []
        return frames.problems(logdir.all_files(), [*others, *sorted(logdir.unreadable.items())])
