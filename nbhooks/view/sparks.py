"""Pictures the size of a word: a series as a line, a histogram as bars; their numbers, and them in SVG."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nbhooks import figures

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from nbhooks.model.series import SeriesView

POINTS = 24
"""Points of a line."""

TALL = 99
"""The height of its highest point."""

BARS = 24

BUCKETS = 1_000_000
"""Buckets of a histogram beyond which it is not drawn."""

COLOUR = "#3387c8"  # legible on white and on Lab's dark grey
WIDTH, HEIGHT = 72, 16


def trend(view: SeriesView) -> tuple[int, ...]:
    """Return the shape of a series: at most `POINTS` heights from 0 to `TALL`.

    Returns:
        None where a line needs more points. Whole numbers take a third of what the values would in a message.
    """
    middle = (view.low.astype(np.float64) + view.high) / 2
    middle = middle[np.isfinite(middle)]
    if len(middle) < 2:  # noqa: PLR2004 - one point has no trend
        return ()
    if len(middle) > POINTS:
        middle = middle[np.linspace(0, len(middle) - 1, POINTS).round().astype(int)]
    low, span = middle.min(), np.ptp(middle)
    share = (middle - low) / span if span > 0 else np.full(len(middle), 0.5)
    return tuple((share * TALL).round().astype(int).tolist())


def heights(edges: npt.NDArray[np.float64], counts: npt.NDArray[np.float64]) -> tuple[float, ...]:
    """Return a histogram's counts, spread over `BARS` bars of one width, as shares of the highest.

    Returns:
        Numbers from 0 to 1; none where there is nothing to draw.
    """
    if len(counts) == 0 or not np.isfinite(edges).all() or edges[-1] <= edges[0]:
        return ()
    spread = figures.spread(edges, counts, np.linspace(edges[0], edges[-1], BARS + 1))
    most = spread.max()
    return tuple((spread / most).round(3).tolist()) if most > 0 else ()


def line_svg(shape: Sequence[int]) -> str:
    """Draw heights from 0 to `TALL` as a line; ``""`` if there are fewer than two."""
    if len(shape) < 2:  # noqa: PLR2004 - as above
        return ""
    x = np.linspace(1, WIDTH - 1, len(shape)).round().astype(int)
    y = (1 + (1 - np.array(shape) / TALL) * (HEIGHT - 2)).round().astype(int)
    corners = " ".join(f"{left},{top}" for left, top in zip(x, y, strict=True))
    return _svg(f'<polyline points="{corners}" fill="none" stroke="{COLOUR}" stroke-width="1.3"/>')


def bars_svg(shares: Sequence[float]) -> str:
    """Draw bars of these heights, from 0 to 1; ``""`` if there are none."""
    if not shares:
        return ""
    tall = np.ceil(np.array(shares) * HEIGHT).astype(int)
    each = WIDTH / len(shares)
    drawn = "".join(
        f"M{number * each:g} {HEIGHT}v-{size}h{each:g}v{size}z" for number, size in enumerate(tall) if size
    )
    return _svg(f'<path d="{drawn}" fill="{COLOUR}"/>')


def _svg(inside: str) -> str:
    size = f'width="{WIDTH}" height="{HEIGHT}"'
    return f'<svg class="nbhooks-trend" {size} aria-hidden="true">{inside}</svg>'
