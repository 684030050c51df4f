"""What of a recording asks for attention: non-finite values, faults, alerts, and what it waits for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbhooks.model.kinds import EventKind, SourceKind
from nbhooks.model.lifecycle import Phase
from nbhooks.model.records import Progress
from nbhooks.view import blocks, formatting
from nbhooks.view.blocks import Text
from nbhooks.view.panels import nan

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nbhooks.model.events import Alert
    from nbhooks.model.snapshot import Snapshot

NOTICES = 20
"""Notices that a page is sent."""

SHOWN = 5
"""Notices in the picture that stays; of the others the number."""

_LEVELS = {"error": "alert", "warning": "warning", "info": "calm"}


def notices(snapshot: Snapshot) -> list[dict[str, str]]:
    """Return the notices of a recording, the most urgent first.

    Returns:
        Of each its level, ``"error"``, ``"warning"`` or ``"info"``, its title and its text.
    """
    found = [
        _notice("error" if alert.kind == EventKind.NAN else "warning", nan.title(alert), explained)
        for view in snapshot.sources
        if view.kind == SourceKind.NAN and (alert := nan.alert_of(view)) is not None
        for explained in [nan.explanation(alert, view, snapshot)]
    ]
    found += [_of_alert(alert) for alert in reversed(snapshot.alerts)]
    found += [
        _notice("warning", "a fault in what is shown", event.detail) for event in reversed(snapshot.faults)
    ]
    found += _wait(snapshot)
    order = ("error", "warning", "info")
    return sorted(found, key=lambda notice: order.index(notice["level"]))[:NOTICES]


def _of_alert(alert: Alert) -> dict[str, str]:
    at = "" if alert.step is None else f"step {formatting.count(alert.step)}"
    return _notice(
        alert.level.value, alert.title, " · ".join(filter(None, (formatting.name(alert.text), at)))
    )


def _wait(snapshot: Snapshot) -> list[dict[str, str]]:
    """Say what the session waits for, where that is not itself."""
    state = snapshot.state
    if state is None or state.phase is not Phase.WAITING or not state.reason:
        return []
    now = [
        f"now {formatting.count(progress.step)}"
        for view in snapshot.sources
        if view.kind == SourceKind.WAIT and (progress := view.latest(Progress)) is not None
    ]
    return [_notice("info", f"waiting for {state.reason}", " · ".join(now))]


def _notice(level: str, title: str, text: str) -> dict[str, str]:
    return {"level": level, "title": formatting.name(title), "text": formatting.name(text)}


def html(found: Sequence[Mapping[str, str]]) -> str:
    """Write notices as HTML that needs no widget, ``""`` where there are none."""
    left_out = blocks.more(len(found) - SHOWN, "more notices")
    return "".join(map(_line, found[:SHOWN])) + (Text(left_out).html() if left_out else "")


def _line(notice: Mapping[str, str]) -> str:
    level = _LEVELS[notice["level"]]
    role = ' role="alert"' if level == "alert" else ""
    text = f" · {formatting.escape(notice['text'])}" if notice["text"] else ""
    title = formatting.escape(notice["title"])
    return f'<div class="nbhooks-alert" data-level="{level}"{role}><strong>{title}</strong>{text}</div>'
