"""Plots with matplotlib, for what stays: papers, saved notebooks, static pictures."""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from nbhooks.model.series import SeriesView

NAMES = 10
"""Names in a legend."""

COLUMNS = 3
"""Small multiples side by side."""

LINES = 100
"""Series in one plot; more would take minutes, and could not be distinguished."""

LABEL = 60
"""Characters of a name that a legend has room for."""


@dataclass(frozen=True, slots=True)
class Mark:
    """An event at a step, such as a checkpoint.

    Attributes:
        kind: ``"checkpoint"``, ``"nonfinite"`` or ``"restart"``.
    """

    step: int
    text: str
    kind: str


@dataclass(frozen=True, slots=True)
class Plot:
    """What one chart shows, wherever it is drawn.

    Attributes:
        title: what it is.
        y_label: the unit.
        series: by name, in order.
        marks: in any order.
        note: a remark, such as that points were left out.
        cursor: a step to mark with a line.
        hues: numbers of the colours of the series, where they are not to be in order.
    """

    title: str
    y_label: str
    series: Mapping[str, SeriesView]
    marks: tuple[Mark, ...] = ()
    note: str = ""
    x_label: str = field(default="global step")
    cursor: int | None = None
    hues: tuple[int, ...] = ()


def figure(plots: Sequence[Plot], *, width: float = 8.0) -> Figure:
    """Draw each plot on axes of its own, one below the other.

    Args:
        plots: if empty, the figure reads "no chart".
        width: in inches.

    Returns:
        A matplotlib Figure with an Agg canvas; it is not registered with pyplot, so it needs no closing.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    drawn = Figure(figsize=(width, 2.6 * max(len(plots), 1)), layout="constrained")
    FigureCanvasAgg(drawn)
    # A notebook displays a Figure by itself only where pyplot's inline backend has been set up.
    setattr(drawn, "_repr_png_", partial(png, drawn))  # noqa: B010 - matplotlib's type has no such name
    if not plots:
        drawn.text(0.5, 0.5, "no chart", ha="center", va="center", color="0.5")
    for axes, plot in zip(drawn.subplots(max(len(plots), 1), squeeze=False)[:, 0], plots, strict=False):
        _draw(axes, plot)
    if not plots:
        drawn.axes[0].set_axis_off()
    return drawn


def small_multiples(plots: Sequence[Plot], *, width: float = 9.0) -> Figure:
    """Draw each plot small, on axes of its own, in as many columns as there is room for.

    Args:
        plots: at least one.
        width: in inches.

    Returns:
        A Figure as `figure` makes it.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    columns = min(COLUMNS, len(plots))
    rows = -(-len(plots) // columns)
    drawn = Figure(figsize=(width * columns / COLUMNS, 1.7 * rows), layout="constrained")
    FigureCanvasAgg(drawn)
    every = drawn.subplots(rows, columns, squeeze=False).ravel()
    for axes, plot in zip(every, plots, strict=False):
        _draw(axes, plot)
        axes.set_xlabel("")
        axes.set_title(plain(plot.title), fontsize="small", loc="left")
        axes.tick_params(labelsize="x-small")
        axes.yaxis.label.set_size("x-small")
        axes.xaxis.get_offset_text().set_size("x-small")
        axes.yaxis.get_offset_text().set_size("x-small")
    for axes in every[len(plots) :]:
        axes.set_axis_off()
    return drawn


def axes(title: str, *, width: float = 8.0, height: float = 4.0) -> tuple[Figure, Axes]:
    """Return a figure with empty axes over the global step.

    Args:
        title: what it is; hostile.
        width: in inches.
        height: in inches.
    """
    drawn = figure([Plot(title, "", {})], width=width)
    drawn.set_size_inches(width, height)
    for text in list(drawn.axes[0].texts):
        text.remove()
    return drawn, drawn.axes[0]


def spread(
    edges: npt.NDArray[np.float64], counts: npt.NDArray[np.float64], ends: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Spread a histogram's counts over other bins, as if the values in each bin lay evenly.

    Args:
        edges: (n + 1,), where the bins begin, and where the last one ends.
        counts: (n,), how many values are in each.
        ends: (m + 1,), the same for the new bins.

    Returns:
        (m,), how many values are in each new bin.
    """
    total = np.concatenate(([0.0], np.cumsum(counts)))
    return np.diff(np.interp(ends, edges, total))


def _draw(axes: Axes, plot: Plot) -> None:
    axes.set_title(plain(plot.title), fontsize="medium", loc="left")
    axes.set_xlabel(plain(plot.x_label))
    axes.set_ylabel(plain(plot.y_label))
    hues = plot.hues or range(len(plot.series))
    for hue, (name, view) in islice(zip(hues, plot.series.items(), strict=True), LINES):
        # A line breaks where an attempt begins.
        bins = np.stack((view.x, view.low, view.high)).astype(np.float64)
        x, low, high = np.insert(bins, view.starts, np.nan, axis=1)
        middle = (low + high) / 2
        marker = "o" if len(view.x) <= 40 else None  # noqa: PLR2004 - beyond that dots hide the line
        (line,) = axes.plot(x, middle, label=plain(name), linewidth=1.2, marker=marker, markersize=3)
        line.set_color(f"C{hue}")
        if view.generation:
            axes.fill_between(x, low, high, color=line.get_color(), alpha=0.25, linewidth=0)
    _mark(axes, plot)
    if len(plot.series) > 1:
        axes.legend(*_named(axes, len(plot.series)), fontsize="small", loc="best")
    if not any(view.count for view in plot.series.values()):
        axes.text(0.5, 0.5, "no points", ha="center", va="center", color="0.5", transform=axes.transAxes)
    left_out = len(plot.series) - LINES
    note = " · ".join(
        filter(None, (plot.note, f"{left_out:,} more tags are not drawn" if left_out > 0 else ""))
    )
    if note:
        axes.text(1, 1.01, plain(note), ha="right", va="bottom", fontsize="x-small", transform=axes.transAxes)
    axes.grid(alpha=0.25)
    axes.margins(x=0.01)
    if plot.cursor is not None:  # which may be far outside the points
        reach = axes.get_xlim()
        axes.axvline(plot.cursor, color="C0", linewidth=1.5)
        axes.set_xlim(reach)


def _mark(axes: Axes, plot: Plot) -> None:
    """Draw the marks of each kind at once: a run may have thousands of checkpoints."""
    steps: dict[str, list[float]] = {}
    for mark in plot.marks:
        steps.setdefault(mark.kind, []).append(mark.step)
    along = axes.get_xaxis_transform()  # x is a step, y a share of the height
    for kind, at in steps.items():
        if kind == "restart":
            ends = np.tile([0, 1, np.nan], len(at))  # one line with gaps, from the foot to the head
            axes.plot(np.repeat(at, 3), ends, "--", color="0.5", linewidth=1, transform=along)
        else:
            shape, height, colour = ("^", 0, "0.3") if kind == "checkpoint" else ("v", 1, "#c62828")
            ends = np.full(len(at), height)
            axes.plot(at, ends, shape, color=colour, markersize=5, clip_on=False, transform=along)


def _named(axes: Axes, number: int) -> tuple[list[Any], list[str]]:
    """Return the lines and names of a legend: at most NAMES of them, and how many more there are."""
    lines, names = axes.get_legend_handles_labels()
    if len(names) > NAMES:
        lines, names = lines[: NAMES + 1], [*names[:NAMES], f"and {number - NAMES:,} more"]
    return lines, names


def png(drawn: Figure) -> bytes:
    """Return a figure as a PNG. Suppresses the warning about letters that the font lacks."""
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing from", UserWarning)
        drawn.savefig(buffer, format="png", dpi=100)
    return buffer.getvalue()


def plain(text: str) -> str:
    """Cut a name to the length of a label, and escape what matplotlib would typeset as mathematics."""
    cut = text if len(text) <= LABEL else f"{text[: LABEL - 1]}…"
    printable = "".join(letter if letter.isprintable() else " " for letter in cut)
    return printable.replace("$", r"\$").lstrip("_") or " "
