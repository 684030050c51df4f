"""The base of every panel: what one source shows, as blocks, as a plot, and in a few words."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, ClassVar

from nbhooks import figures
from nbhooks.model.records import Checkpoint
from nbhooks.view import formatting
from nbhooks.view.blocks import Text

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.figure import Figure

    from nbhooks.figures import Mark, Plot
    from nbhooks.model.commands import Command
    from nbhooks.model.records import Source
    from nbhooks.model.snapshot import Snapshot, SourceView
    from nbhooks.view.blocks import Block

FAULT = 1000
"""Characters of an error that are shown."""


class Panel:
    """Shows one source.

    A subclass defines `body` and `news`, and `plot` where there is something to plot. What it returns is
    plain: whatever renders it sets hostile names as text.

    Attributes:
        kind: the kind of source it shows.
        broad: whether it shows more of a snapshot than its own source.
        source: the name of its source.
        detail: of its Source record.

    Example:
        >>> from nbhooks.model.records import Source
        >>> Panel(Source("mine", "steps")).source
        'mine'
    """

    kind: ClassVar[str] = ""
    broad: ClassVar[bool] = False

    def __init__(self, source: Source) -> None:
        """Begin with nothing to show."""
        self.source, self.detail = source.source, source.detail
        self._seen: tuple[SourceView, Snapshot] | None = None

    # What a subclass defines

    def body(self, view: SourceView, snapshot: Snapshot) -> list[Block]:  # noqa: ARG002 - a subclass needs it
        """Return what is shown."""
        return []

    def news(self, view: SourceView) -> str:  # noqa: ARG002
        """Return in a few words what is there, for who does not look at the rest."""
        return ""

    def plot(self, view: SourceView, snapshot: Snapshot) -> Plot | None:  # noqa: ARG002
        """Return the source's chart."""
        return None

    def choose(self, name: str, value: str) -> bool:  # noqa: ARG002
        """Take the answer to one of the panel's choices; return whether it changed anything."""
        return False

    def command(self, name: str, value: str) -> Command | None:  # noqa: ARG002
        """Return the command that an answer stands for, None where it is a choice of the panel's own."""
        return None

    # What the board calls

    def see(self, view: SourceView, snapshot: Snapshot) -> None:
        """Take what there is to show. Called by one thread at a time."""
        self._seen = view, snapshot

    @property
    def basis(self) -> tuple[object, ...]:
        """The very objects that `content` is made of; it is the same for as long as they are."""
        return () if self._seen is None else (self._seen[1 if self.broad else 0],)

    def content(self, report: Callable[[Exception], object]) -> list[Block]:
        """Return what is shown now; where that fails, the fault in its place.

        Args:
            report: called with what was raised.
        """
        if self._seen is None:
            return []
        try:
            return self.body(*self._seen)
        except Exception as error:  # noqa: BLE001 - a fault of a panel is shown in the panel
            report(error)
            cause = formatting.valid(formatting.cut(f"{type(error).__name__}: {error}", FAULT))
            return [Text(f"This panel could not be drawn: {cause}. The training goes on.", "alert")]

    def plots(self) -> list[Plot]:
        """Return what there is to plot, for a figure."""
        plot = None if self._seen is None else self.plot(*self._seen)
        return [] if plot is None else [plot]

    def figure(self) -> Figure:
        """Draw the chart as a matplotlib Figure."""
        return figures.figure(self.plots())


def checkpoint_marks(snapshot: Snapshot) -> list[Mark]:
    """Return a mark for each checkpoint that any source has written, deleted ones too."""
    return [
        figures.Mark(checkpoint.step, checkpoint.path.rpartition("/")[2], figures.MarkKind.CHECKPOINT)
        for view in snapshot.sources
        for checkpoint in view.every(Checkpoint)
        if checkpoint.framed
    ]


def scalar_plot(title: str, view: SourceView, snapshot: Snapshot) -> Plot:
    """Draw every scalar tag of a source, each non-finite value and each restart marked."""
    marks = [
        figures.Mark(step, f"{formatting.cut(tag, figures.LABEL)} is not finite", figures.MarkKind.NONFINITE)
        for tag, series in islice(view.series.items(), figures.LINES)
        for step in series.marks
    ]
    thinned = max((series.thinned for series in view.series.values()), default=1)
    note = f"to_pandas() keeps one point in {thinned}" if thinned > 1 else ""
    return figures.Plot(
        title, "", view.series, (*marks, *restart_marks(snapshot)), note, cursor=snapshot.cursor
    )


def restart_marks(snapshot: Snapshot) -> list[Mark]:
    """Return a mark for each attempt after the first."""
    return [
        figures.Mark(step, "a new session begins", figures.MarkKind.RESTART)
        for step in snapshot.restarts
        if step is not None
    ]
