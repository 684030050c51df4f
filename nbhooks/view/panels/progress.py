"""Progress towards the last step: a bar, the rate, and the time left."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from nbhooks.model.records import Progress, SourceKind
from nbhooks.view import formatting
from nbhooks.view.panels.panel import Panel

if TYPE_CHECKING:
    from collections.abc import Callable

    from nbhooks.model.records import Source
    from nbhooks.model.snapshot import Snapshot, SourceView

WINDOW = 10.0
"""Seconds over which the rate is measured."""


class ProgressPanel(Panel):
    """A progress bar from where the session began to where it ends; a count where that is not known.

    Example:
        >>> from nbhooks.model.records import Source
        >>> ProgressPanel(Source("StopAtStepHook", "progress"), request_draw=lambda: None).source
        'StopAtStepHook'
    """

    kind = SourceKind.PROGRESS

    def __init__(self, source: Source, request_draw: Callable[[], object]) -> None:
        """Make the widgets."""
        super().__init__(source, request_draw)
        self._seen: deque[tuple[float, int]] = deque()

    def body(self, view: SourceView, snapshot: Snapshot) -> str:
        """Write the bar and one line."""
        progress = view.latest(Progress)
        if progress is None:
            return formatting.line("no step yet")
        step, wall_time = progress.step, progress.wall_time
        if progress.unit == "step" and snapshot.step is not None:
            step, wall_time = snapshot.step, snapshot.wall_time
        rate = self._rate(wall_time, step)
        parts = [_position(progress, step)]
        if progress.last is not None:
            parts.append(f"{formatting.share(step - progress.first, progress.last - progress.first)} %")
        if rate:
            parts.append(f"{formatting.rate(rate)} {progress.unit}s/s")
            left = 0 if progress.last is None else progress.last - step
            if left > 0 and not (snapshot.state and snapshot.state.phase.ended):
                parts.append(f"{formatting.duration(left / rate)} left")
        return bar(progress, step) + formatting.line(" · ".join(parts))

    def _rate(self, wall_time: float, step: int) -> float | None:
        """Return the steps per second over the last few seconds, None before there are any."""
        seen = self._seen
        if seen and step < seen[-1][1]:  # restored to an earlier step
            seen.clear()
        if not seen or (wall_time > seen[-1][0] and step > seen[-1][1]):
            seen.append((wall_time, step))
        while len(seen) > 2 and wall_time - seen[1][0] >= WINDOW:  # noqa: PLR2004 - two make a rate
            seen.popleft()
        elapsed = seen[-1][0] - seen[0][0]
        return (seen[-1][1] - seen[0][1]) / elapsed if elapsed > 0 else None


def bar(progress: Progress, step: int) -> str:
    """Draw how far `step` is between the first and the last; ``""`` if the last step is not known."""
    if progress.last is None:
        return ""
    span = max(progress.last - progress.first, 1)
    done = min(max(step - progress.first, 0), span)
    return f'<progress max="{span}" value="{done}" aria-label="progress"></progress>'


def _position(progress: Progress, step: int) -> str:
    if progress.last is None:
        plural = "" if step == 1 else "s"
        return f"{formatting.count(step)} {progress.unit}{plural}, until the data ends"
    return f"{progress.unit} {formatting.count(step)} of {formatting.count(progress.last)}"
