"""Saved runs with matplotlib: what people put into papers."""

from __future__ import annotations

import io
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from nbhooks import figures

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from PIL.Image import Image as Picture

PIXELS = 64_000_000
"""Pixels beyond which an image is not decoded."""


def plot(scalars: pd.DataFrame, tag: str, *, smoothing: float = 0.0) -> Figure:
    """Draw a tag of every run that has it over the global step, restarts marked.

    Args:
        scalars: the rows of `nbhooks.replay.runs.Runs.scalars`.
        tag: its name.
        smoothing: from 0 to 1, as TensorBoard's: an exponential moving average, without its bias at first.

    Raises:
        KeyError: if no run has the tag; the message lists those there are.
        ValueError: if `smoothing` is not from 0 to less than 1.
    """
    if not 0 <= smoothing < 1:
        raise ValueError(f"smoothing={smoothing}: it is from 0, which leaves everything as it is, to below 1")
    rows = scalars[scalars["tag"] == tag]
    if rows.empty:
        raise KeyError(f"no run has the tag {tag!r}; there are: {_listed(scalars['tag'].unique())}")
    figure, axes = figures.axes(tag)
    for name, mine in rows.groupby("run", observed=True):
        colour = None
        for number, (_, session) in enumerate(mine.groupby("session")):
            stays = session[~session["orphaned"]]
            line = _draw(axes, stays, smoothing, figures.plain(str(name)) if not number else None, colour)
            colour = line.get_color()
            if number:
                axes.axvline(session["step"].iloc[0], color="0.5", linestyle="--", linewidth=1)
    axes.legend(fontsize="small")
    return figure


def _draw(axes: Axes, rows: Any, smoothing: float, label: str | None, colour: Any) -> Any:
    step, value = rows["step"].to_numpy(), rows["value"].to_numpy()
    (line,) = axes.plot(step, smooth(value, smoothing), label=label, color=colour, linewidth=1.4)
    if smoothing:
        axes.plot(step, value, color=line.get_color(), alpha=0.25, linewidth=1)
    return line


def smooth(value: Any, smoothing: float) -> Any:
    """Average as TensorBoard does: what is not finite stays where it is, and the first values do not pull."""
    smoothed, last, weight = np.array(value, np.float64), 0.0, 0.0
    if not smoothing:
        return smoothed
    for number, one in enumerate(smoothed):
        if np.isfinite(one):
            last = last * smoothing + (1 - smoothing) * one
            weight = weight * smoothing + (1 - smoothing)
            smoothed[number] = last / weight
    return smoothed


def plot_histogram(histograms: pd.DataFrame, tag: str, *, run: str | None = None) -> Figure:
    """Draw a histogram's bins over the steps, the more values the darker.

    Args:
        histograms: the rows of `nbhooks.replay.runs.Runs.histograms`.
        tag: its name.
        run: whose; by default of the first run that has it.

    Raises:
        KeyError: if there is none; the message lists those there are.
    """
    rows = _of(histograms, tag, run)
    figure, axes = figures.axes(tag)
    low, high = rows["min"].min(), rows["max"].max()
    if not low < high:
        low, high = low - 0.5, low + 0.5
    ends = np.linspace(low, high, 65)
    shares = np.array(
        [
            figures.spread(edges, counts, ends) / max(counts.sum(), 1)
            for edges, counts in zip(rows["edges"], rows["counts"], strict=True)
        ]
    )
    steps = rows["step"].to_numpy(np.float64)
    borders = np.concatenate((steps[:1], (steps[1:] + steps[:-1]) / 2, steps[-1:] + (len(steps) == 1)))
    drawn = axes.pcolormesh(borders, ends, shares.T, cmap="Blues")
    figure.colorbar(drawn, label="share of the values")
    return figure


def image(images: pd.DataFrame, tag: str, step: int | None = None, *, run: str | None = None) -> Picture:
    """Decode an image.

    Args:
        images: the rows of `nbhooks.replay.runs.Runs.images`.
        tag: its name.
        step: its step, the latest by default.
        run: whose; by default of the first run that has it.

    Raises:
        KeyError: if there is none.
        ValueError: if it has more than `PIXELS` pixels, or is no PNG, JPEG or GIF.
    """
    from PIL import Image

    rows = _of(images, tag, run)
    chosen = rows if step is None else rows[rows["step"] == step]
    if chosen.empty:
        raise KeyError(f"{tag!r} has no picture at step {step}; there are: {_listed(rows['step'].unique())}")
    encoded = chosen["encoded"].iloc[-1]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # held below, by our own limit
            opened = Image.open(io.BytesIO(encoded), formats=("PNG", "JPEG", "GIF"))
        if opened.width * opened.height > PIXELS:
            raise ValueError(f"{opened.width}×{opened.height} pixels are more than {PIXELS:,}")
        opened.load()
    except (OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise ValueError(f"the picture of {tag!r} cannot be decoded: {error}") from error
    return opened


def _of(frame: Any, tag: str, run: str | None) -> Any:
    rows = frame[frame["tag"] == tag]
    if run is not None:
        rows = rows[rows["run"] == run]
    if rows.empty:
        whose = "" if run is None else f" in the run {run!r}"
        raise KeyError(f"there is no {tag!r}{whose}; there are: {_listed(frame['tag'].unique())}")
    return rows[rows["run"] == rows["run"].iloc[0]]


def _listed(names: Any, most: int = 20) -> str:
    listed = [repr(name) for name in names]
    return ", ".join(listed[:most]) + (", …" if len(listed) > most else "") or "none"
