"""What of a recording asks for attention: non-finite values, faults, alerts, and what it waits for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbhooks.model.lifecycle import Phase
from nbhooks.model.records import EventKind, Progress, SourceKind
from nbhooks.view import formatting
from nbhooks.view.panels import nan

if TYPE_CHECKING:
    from nbhooks.model.records import Event
    from nbhooks.model.snapshot import Snapshot

NOTICES = 20
"""Notices that are shown, the latest."""


def attention(snapshot: Snapshot) -> list[dict[str, str]]:
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
    found += [_of(event) for event in reversed(snapshot.notices)]
    found += _wait(snapshot)
    order = ("error", "warning", "info")
    return sorted(found, key=lambda notice: order.index(notice["level"]))[:NOTICES]


def _of(event: Event) -> dict[str, str]:
    return _notice("warning", "a fault in what is shown", event.detail)


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
