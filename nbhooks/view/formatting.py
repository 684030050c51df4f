"""Numbers, times and names as a person reads them."""

from __future__ import annotations

import html
import math
import time

MINUTE, HOUR, DAY = 60, 3600, 86400
NAME = 500
"""Characters of a name on a page, in a tooltip too; the frames have all."""

WORD = 60
"""Characters of a name in a line of news."""

SHORT = 24
"""Characters that no column cuts."""


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


def tip(whole: str) -> str:
    """Cut hostile text to a tooltip; where it is cut it says how much there is."""
    rest = f" ({count(len(whole))} characters, in the frames)" if len(whole) > NAME else ""
    return valid(cut(whole, NAME) + rest)


def plural(number: int, what: str) -> str:
    """Write a number of things: ``"1 tag"``, ``"2 tags"``."""
    return f"{count(number)} {what}" if number == 1 else f"{count(number)} {what}s"
