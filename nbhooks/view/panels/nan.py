"""Whether the loss is finite: calm, a warning, or an alert."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbhooks.model.events import Event
from nbhooks.model.kinds import EventKind, SourceKind
from nbhooks.model.records import Checkpoint
from nbhooks.view import formatting
from nbhooks.view.blocks import Text
from nbhooks.view.panels.panel import Panel

if TYPE_CHECKING:
    from nbhooks.model.snapshot import Snapshot, SourceView
    from nbhooks.view.blocks import Block, Level

_LEVELS: dict[str, Level] = {EventKind.NAN: "alert", EventKind.INF: "warning"}


class NanPanel(Panel):
    """One line while the loss is finite; else the step, the value before, and the checkpoint to go to.

    Example:
        >>> from nbhooks.model.records import Source
        >>> NanPanel(Source("NanTensorHook", "nan")).source
        'NanTensorHook'
    """

    kind = SourceKind.NAN
    broad = True

    def body(self, view: SourceView, snapshot: Snapshot) -> list[Block]:
        """Write the last value, or the alert."""
        alert = alert_of(view)
        if alert is None:
            return [Text(" · ".join(_now(view)) or "no value yet", "calm")]
        level = _LEVELS[alert.kind]
        words = [
            title(alert),
            explanation(alert, view, snapshot),
            *(_now(view) if level == "warning" else []),
        ]
        return [Text(" · ".join(words), level)]

    def news(self, view: SourceView) -> str:
        """Write the alert in short, or the last value."""
        alert = alert_of(view)
        return title(alert) if alert is not None else formatting.cut(" · ".join(_now(view)), formatting.WORD)


def alert_of(view: SourceView) -> Event | None:
    """Return the event of a source's first NaN, or else of its first infinity, None while all is finite."""
    alerts = {event.kind: event for event in view.every(Event)}
    return alerts.get(EventKind.NAN, alerts.get(EventKind.INF))


def title(alert: Event) -> str:
    """Say what happened, and when."""
    name = "NaN" if alert.kind == EventKind.NAN else "infinite"
    return f"{name} at step {formatting.count(alert.step or 0)}"


def explanation(alert: Event, view: SourceView, snapshot: Snapshot) -> str:
    """Say of what, how often, and which checkpoint to go back to."""
    times = sum(series.nonfinite for series in view.series.values())
    words = (
        formatting.name(alert.detail),
        f"{formatting.count(times)} non-finite so far" if times > 1 else "",
        _way_back(snapshot),
    )
    return " · ".join(filter(None, words))


def _now(view: SourceView) -> list[str]:
    return [
        f"{formatting.name(tag)} = {formatting.number(series.last)} at step {formatting.count(series.step)}"
        for tag, series in view.series.items()
    ]


def _way_back(snapshot: Snapshot) -> str:
    kept = [
        checkpoint for view in snapshot.sources for checkpoint in view.every(Checkpoint) if checkpoint.kept
    ]
    if not kept:
        return "no checkpoint was kept"
    last = kept[-1]
    return f"last checkpoint: {formatting.name(last.path)} (step {formatting.count(last.step)})"
