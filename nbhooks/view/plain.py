"""A board as plain text, for terminals: state, step, latest scalars and alerts in ten lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbhooks.model.events import Alert, Event
from nbhooks.model.lifecycle import Phase
from nbhooks.view import formatting
from nbhooks.view.head import state_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from nbhooks.model.snapshot import Snapshot

LINES = 10
"""Lines of the text."""

ALERTS = 3
"""Of them for alerts, at the most."""

NAME = 40
"""Characters of a name."""

TEXT = 100
"""Characters of an alert."""


def text(snapshots: Sequence[Snapshot]) -> str:
    """Write what a board shows.

    Args:
        snapshots: of its sessions, the latest last; of this one the scalars are written.

    Returns:
        At most `LINES` lines. What came from tags and alerts is bounded, and its control characters are
        written as escapes, so that a terminal does not act on them.
    """
    latest = snapshots[-1] if snapshots else None
    alerts = [] if latest is None else _bounded(list(_alerts(latest)), ALERTS, "alerts")
    scalars = [] if latest is None else _bounded(_scalars(latest), LINES - 1 - len(alerts), "scalars")
    return "\n".join([_head(latest, len(snapshots)), *scalars, *alerts])


def _head(snapshot: Snapshot | None, count: int) -> str:
    phase, detail = Phase.WAITING, ""
    if snapshot is not None and snapshot.state is not None:
        phase, detail = snapshot.state.phase, snapshot.state.reason
    parts = ["nbhooks board", state_words(phase, name(detail))]
    if snapshot is not None and snapshot.step is not None:
        parts.append(f"step {formatting.count(snapshot.step)}")
    if count > 1:
        parts.append(f"the latest of {formatting.count(count)} sessions")
    return " · ".join(parts)


def _scalars(snapshot: Snapshot) -> list[str]:
    latest = {
        tag: (formatting.number(series.last), f"step {formatting.count(series.step)}")
        for view in snapshot.sources
        for tag, series in view.series.items()
    }
    width = max(map(len, map(name, latest)), default=0)
    return [f"  {name(tag):{width}}  {value:>9}  {step}" for tag, (value, step) in latest.items()]


def _alerts(snapshot: Snapshot) -> Iterator[str]:
    """Write each alert, the latest last."""
    events: list[Event | Alert] = [event for view in snapshot.sources for event in view.every(Event)]
    events += snapshot.alerts
    for event in sorted(events, key=lambda event: event.wall_time):
        at = "" if event.step is None else f" at step {formatting.count(event.step)}"
        yield f"! {event.kind}{at}: {visible(event.detail, TEXT)}"


def _bounded(lines: list[str], most: int, what: str) -> list[str]:
    """Keep so many lines, the last of which says how many are left out."""
    if len(lines) <= most:
        return lines
    return [*lines[: most - 1], f"  and {formatting.count(len(lines) - most + 1)} more {what}"]


def name(written: str) -> str:
    """Cut a hostile name in its middle: names of TensorFlow's scopes differ at their ends."""
    if len(written) > NAME:
        begin = NAME // 3
        written = f"{written[:begin]}…{written[begin + 1 - NAME :]}"
    return visible(written, NAME)


def visible(written: str, most: int) -> str:
    r"""Write control characters as escapes, and cut what is longer than `most`.

    Example:
        >>> visible("\x1b[31mred\n", 40)
        '\\x1b[31mred\\n'
    """
    shown = (
        letter if letter.isprintable() else letter.encode("unicode_escape").decode("ascii")
        for letter in written[:most]
    )
    return formatting.cut("".join(shown), most) if len(written) <= most else f"{''.join(shown)[: most - 1]}…"
