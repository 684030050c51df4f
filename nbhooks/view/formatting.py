"""Numbers, times and names as a person reads them, escaped where they become HTML."""

from __future__ import annotations

import html
import math
import time
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nbhooks.model.series import SeriesView

MINUTE, HOUR, DAY = 60, 3600, 86400
NAME = 500
"""Characters of a name on a page, in a tooltip too; the frames have all."""

TREND_POINTS = 24
TREND_COLOUR = "#3387c8"  # legible on white and on Lab's dark grey
TREND_WIDTH, TREND_HEIGHT = 72, 16


def number(value: float) -> str:
    """Write a number in at most about nine characters; NaN and infinities as themselves."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "∞" if value > 0 else "-∞"
    if value == int(value) and abs(value) < 1e7:  # noqa: PLR2004
        return f"{int(value):,}"
    return f"{value:.5g}"


def count(value: int) -> str:
    """Write a whole number with its thousands apart."""
    return f"{value:,}"


def rate(value: float) -> str:
    """Write a number of steps per second with three digits."""
    if not math.isfinite(value):
        return number(value)
    return f"{value:,.0f}" if value >= 999.5 else f"{value:.3g}"  # noqa: PLR2004


def size(value: int | None) -> str:
    """Write a number of bytes."""
    if value is None:
        return "–"
    if value < 1000:  # noqa: PLR2004
        return f"{value} B"
    amount = value / 1000
    for unit in ("kB", "MB", "GB"):
        if amount < 999.95:  # noqa: PLR2004 - else it would be written as 1000.0
            return f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:.1f} TB"


def duration(seconds: float | None) -> str:
    """Write a time span with the unit that fits it."""
    if seconds is None or not math.isfinite(seconds):
        return "–"
    if seconds < 0.9995:  # noqa: PLR2004 - else it would be written as 1000 ms
        return f"{seconds * 1000:.0f} ms"
    if seconds < MINUTE:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"  # noqa: PLR2004
    if seconds < HOUR:
        return f"{int(seconds // MINUTE)} min {int(seconds % MINUTE)} s"
    if seconds < DAY:
        return f"{int(seconds // HOUR)} h {int(seconds % HOUR // MINUTE)} min"
    return f"{int(seconds // DAY)} d {int(seconds % DAY // HOUR)} h"


def cut(written: str, length: int) -> str:
    """Cut a text to `length` characters, with an ellipsis."""
    return written if len(written) <= length else f"{written[: length - 1]}…"


def valid(written: str) -> str:
    """Escape lone surrogates, which no message can hold: the name of a file may contain one."""
    return written.encode("utf-8", "backslashreplace").decode("utf-8")


def escape(written: str) -> str:
    """Escape hostile text for HTML."""
    return html.escape(valid(written))


def name(written: str) -> str:
    """Cut a hostile name to what a page has room for, with an ellipsis; it still needs `escape`."""
    return valid(cut(written, NAME))


def share(done: int, of: int) -> int:
    """Return the whole percent that are done, from 0 to 100."""
    return 100 * min(max(done, 0), max(of, 1)) // max(of, 1)


def shape(lengths: tuple[int, ...]) -> str:
    """Write a shape."""
    return "×".join(str(length) for length in lengths) if lengths else "scalar"


def clock(wall_time: float) -> str:
    """Write the local time of day."""
    return _local("%H:%M:%S", wall_time)


def date(wall_time: float) -> str:
    """Write the local date and time of day."""
    return _local("%Y-%m-%d %H:%M:%S", wall_time)


def _local(form: str, wall_time: float) -> str:
    """Write a local time; a file may contain one that no calendar has."""
    try:
        return time.strftime(form, time.localtime(wall_time))
    except (OverflowError, ValueError, OSError):
        return "–"


def cell(text: str, classes: str = "", whole: str = "") -> str:
    """Make a table cell of hostile text; the style cuts a long one, whose tooltip has more of it.

    Args:
        text: what it shows.
        classes: of the cell.
        whole: what the tooltip shows; by default the text where the style may cut it.
    """
    whole = whole or (text if len(text) > 24 else "")  # noqa: PLR2004 - shorter ones are never cut
    tooltip = f' title="{tip(whole)}"' if whole else ""
    kind = f' class="{classes}"' if classes else ""
    return f"<td{kind}{tooltip}>{escape(name(text))}</td>"


def tip(whole: str) -> str:
    """Make the HTML of a tooltip of hostile text; where it is cut it says how much there is."""
    rest = f" ({count(len(whole))} characters, in the frames)" if len(whole) > NAME else ""
    return escape(cut(whole, NAME) + rest)


def tagged(tag: str) -> str:
    """Open a table's row of a hostile tag, with the cell that names it."""
    return f'<tr data-tag="{escape(name(tag))}">{cell(tag, "nbhooks-name")}'


def table(heads: Iterable[str], rows: Iterable[str]) -> str:
    """Return a table of rows below their heads."""
    head = "".join(f"<th>{name}</th>" for name in heads)
    return (
        f'<table class="nbhooks-table"><thead><tr>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table>'
    )


def line(words: str) -> str:
    """Return a line; `words` is HTML already."""
    return f'<div class="nbhooks-line">{words}</div>'


def more(left_out: int, what: str) -> str:
    """Return a line with the number of rows that a table left out, ``""`` if there are none."""
    return line(f"and {count(left_out)} {what}") if left_out > 0 else ""


def trend(view: SeriesView) -> str:
    """Draw a series as a line the size of a word, in SVG."""
    middle = (view.low.astype(np.float64) + view.high) / 2
    middle = middle[np.isfinite(middle)]
    if len(middle) < 2:  # noqa: PLR2004 - one point has no trend
        return ""
    if len(middle) > TREND_POINTS:
        middle = middle[np.linspace(0, len(middle) - 1, TREND_POINTS).round().astype(int)]
    low, span = middle.min(), np.ptp(middle)
    share = (middle - low) / span if span > 0 else np.full(len(middle), 0.5)
    x = np.linspace(1, TREND_WIDTH - 1, len(middle)).round().astype(int)
    y = (1 + (1 - share) * (TREND_HEIGHT - 2)).round().astype(int)
    points = " ".join(f"{left},{top}" for left, top in zip(x, y, strict=True))
    return (
        f'<svg class="nbhooks-trend" width="{TREND_WIDTH}" height="{TREND_HEIGHT}" aria-hidden="true">'
        f'<polyline points="{points}" fill="none" stroke="{TREND_COLOUR}" stroke-width="1.3"/></svg>'
    )
