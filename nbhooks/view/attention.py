"""The alerts of a session as HTML, the latest first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbhooks.model.records import AlertLevel
from nbhooks.view import formatting

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbhooks.model.records import Alert

SHOWN = 5
"""Alerts that are shown; of earlier ones the number."""

_LEVELS = {AlertLevel.INFO: "calm", AlertLevel.WARNING: "warning", AlertLevel.ERROR: "alert"}


def html(alerts: Sequence[Alert]) -> str:
    """Write alerts as HTML that needs no widget, ``""`` where there are none."""
    shown = "".join(_line(alert) for alert in alerts[: -SHOWN - 1 : -1])
    return shown + formatting.more(len(alerts) - SHOWN, "earlier alerts")


def _line(alert: Alert) -> str:
    at = "" if alert.step is None else f" · step {formatting.count(alert.step)}"
    parts = [f"<strong>{formatting.escape(formatting.name(alert.title))}</strong>"]
    if alert.text:
        parts.append(formatting.escape(formatting.name(alert.text)))
    role = ' role="alert"' if alert.level is AlertLevel.ERROR else ""
    level = _LEVELS[alert.level]
    return f'<div class="nbhooks-alert" data-level="{level}"{role}>{" · ".join(parts)}{at}</div>'
