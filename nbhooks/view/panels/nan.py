"""Whether the loss is finite: calm, a warning, or an alert."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbhooks.model.records import Checkpoint, Event, EventKind, SourceKind
from nbhooks.view import formatting
from nbhooks.view.panels.panel import Panel

if TYPE_CHECKING:
    from nbhooks.model.snapshot import Snapshot, SourceView

_LEVELS: dict[str, str] = {EventKind.NAN: "alert", EventKind.INF: "warning"}


class NanPanel(Panel):
    """One line while the loss is finite; else the step, the value before, and the checkpoint to go to.

    Example:
        >>> from nbhooks.model.records import Source
        >>> NanPanel(Source("NanTensorHook", "nan"), request_draw=lambda: None).source
        'NanTensorHook'
    """

    kind = SourceKind.NAN

    def body(self, view: SourceView, snapshot: Snapshot) -> str:
        """Write the last value, or the alert."""
        now = [
            f"{formatting.escape(formatting.name(tag))} = {formatting.number(series.last)}"
            f" at step {formatting.count(series.step)}"
            for tag, series in view.series.items()
        ]
        alerts = {event.kind: event for event in view.every(Event)}
        alert = alerts.get(EventKind.NAN, alerts.get(EventKind.INF))
        level = "calm" if alert is None else _LEVELS[alert.kind]
        if alert is None:
            words = now or ["no value yet"]
        else:
            name = "NaN" if level == "alert" else "infinite"
            times = sum(series.nonfinite for series in view.series.values())
            words = [
                f"<strong>{name} at step {formatting.count(alert.step or 0)}</strong>",
                formatting.escape(formatting.name(alert.detail)),
                f"{formatting.count(times)} non-finite so far" if times > 1 else "",
                _way_back(snapshot),
                *(now if level == "warning" else []),
            ]
        role = ' role="alert"' if level == "alert" else ""
        line = " · ".join(word for word in words if word)
        return f'<div class="nbhooks-alert" data-level="{level}"{role}>{line}</div>'


def _way_back(snapshot: Snapshot) -> str:
    kept = [
        checkpoint for view in snapshot.sources for checkpoint in view.every(Checkpoint) if checkpoint.kept
    ]
    if not kept:
        return "no checkpoint was kept"
    last = kept[-1]
    path = formatting.escape(formatting.name(last.path))
    return f"last checkpoint: <code>{path}</code> (step {formatting.count(last.step)})"
