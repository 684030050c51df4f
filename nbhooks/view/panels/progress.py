"""Progress towards the last step: a bar, the rate, and the time left."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbhooks.model.kinds import SourceKind
from nbhooks.model.records import Progress
from nbhooks.view import formatting
from nbhooks.view.blocks import Bar, Text
from nbhooks.view.panels.panel import Panel
from nbhooks.view.rate import Rate

if TYPE_CHECKING:
    from nbhooks.model.records import Source
    from nbhooks.model.snapshot import Snapshot, SourceView
    from nbhooks.view.blocks import Block


class ProgressPanel(Panel):
    """A progress bar from where the session began to where it ends; a count where that is not known.

    Example:
        >>> from nbhooks.model.records import Source
        >>> ProgressPanel(Source("StopAtStepHook", "progress")).source
        'StopAtStepHook'
    """

    kind = SourceKind.PROGRESS
    broad = True

    def __init__(self, source: Source) -> None:
        """Begin without a rate."""
        super().__init__(source)
        self._rate = Rate()

    def see(self, view: SourceView, snapshot: Snapshot) -> None:
        """Take what there is to show, and measure the rate."""
        super().see(view, snapshot)
        progress = view.latest(Progress)
        if progress is not None:
            self._rate.add(*_now(progress, snapshot))

    def body(self, view: SourceView, snapshot: Snapshot) -> list[Block]:
        """Make the bar and one line."""
        progress = view.latest(Progress)
        if progress is None:
            return [Text("no step yet")]
        _, step = _now(progress, snapshot)
        parts = [_position(progress, step)]
        if progress.last is not None:
            parts.append(f"{formatting.share(step - progress.first, progress.last - progress.first)} %")
        rate = self._rate.value
        if rate:
            parts.append(f"{formatting.rate(rate)} {progress.unit}s/s")
            left = 0 if progress.last is None else progress.last - step
            if left > 0 and not (snapshot.state and snapshot.state.phase.ended):
                parts.append(f"{formatting.duration(left / rate)} left")
        return [*bar(progress, step), Text(" · ".join(parts))]

    def news(self, view: SourceView) -> str:
        """Say how far it has come."""
        progress = view.latest(Progress)
        if progress is None:
            return "no step yet"
        if progress.unit == "step" and progress.last is not None:
            return f"until step {formatting.count(progress.last)}"  # the board's head counts the steps
        return _position(progress, progress.step)


def bar(progress: Progress, step: int) -> list[Block]:
    """Show how far `step` is between the first and the last; nothing if the last step is not known."""
    if progress.last is None:
        return []
    span = max(progress.last - progress.first, 1)
    return [Bar(min(max(step - progress.first, 0), span), span)]


def _now(progress: Progress, snapshot: Snapshot) -> tuple[float, int]:
    """Return when it was where; of global steps the snapshot knows more than the record."""
    if progress.unit == "step" and snapshot.step is not None:
        return snapshot.wall_time, snapshot.step
    return progress.wall_time, progress.step


def _position(progress: Progress, step: int) -> str:
    if progress.last is None:
        return f"{formatting.plural(step, progress.unit)}, until the data ends"
    return f"{progress.unit} {formatting.count(step)} of {formatting.count(progress.last)}"
