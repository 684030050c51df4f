"""A recording at a glance: its state, step, progress, rate, health and newest checkpoint."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

from nbhooks.model.kinds import EventKind, SourceKind
from nbhooks.model.lifecycle import Phase
from nbhooks.model.records import Checkpoint, Progress
from nbhooks.view import formatting, sparks
from nbhooks.view.panels import nan
from nbhooks.view.rate import Rate

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nbhooks.model.series import SeriesView
    from nbhooks.model.snapshot import Snapshot, SourceView


TREND_EVERY = 1.0
"""Seconds from one trend of a rate to the next."""


class Controls(NamedTuple):
    """What a page can ask of a recording.

    Attributes:
        can_stop: whether a Stop button is shown.
        can_pause: whether the buttons of a debugger are.
        stopping: whether a stop was requested already.
    """

    can_stop: bool = False
    can_pause: bool = False
    stopping: bool = False


NO_CONTROLS = Controls()


class Head:
    """Makes the head of one recording, which a page shows on top of everything else.

    It has what there is: without a hook that knows the last step there is no progress.

    Example:
        >>> from nbhooks.model.store import Store
        >>> Head().draw(Store().snapshot())["words"]
        'waiting for the session'
    """

    def __init__(self) -> None:
        """Begin without a rate."""
        self._rate = Rate()
        self._rates: tuple[SeriesView | None, list[int]] = (None, [])
        self._trended = -math.inf

    def draw(
        self,
        snapshot: Snapshot,
        name: str = "",
        *,
        losses: Iterable[tuple[str, str]] = (),
        controls: Controls = NO_CONTROLS,
    ) -> dict[str, Any]:
        """Make the head.

        Args:
            snapshot: of the recording.
            name: ``""`` where none is needed.
            losses: sources and tags by which to judge the health where no NanTensorHook does.
            controls: what is offered.

        Returns:
            Plain values by their names, as the page has them.
        """
        phase = Phase.WAITING if snapshot.state is None else snapshot.state.phase
        step = snapshot.step
        if step is not None and snapshot.cursor is None and phase is not Phase.SAVED:
            self._rate.add(snapshot.wall_time, step)
        rate = (self._rate.value or _counted(snapshot)) if phase is not Phase.PAUSED else None
        way = _way(snapshot)
        return {
            "name": formatting.name(name),
            "state": phase.value,
            "words": words(snapshot),
            "step": step if snapshot.cursor is None or step is None else min(snapshot.cursor, step),
            **self._progress(way, step, self._rate.value if phase is Phase.RUNNING else None),
            "rate": f"{formatting.rate(rate)} steps/s" if rate else "",
            "rate_trend": self._trend(snapshot),
            "health": health(snapshot, losses),
            "checkpoint": _described(_newest(snapshot)),
            **controls._asdict(),
        }

    def _progress(self, way: Progress | None, step: int | None, rate: float | None) -> dict[str, Any]:
        """Return the end of the way, the share that is done, and the time left."""
        until, left, share = None, "", None
        if way is not None and way.last is not None:
            at = step if way.unit == "step" and step is not None else way.step
            until = way.last if way.unit == "step" else None
            share = round(min(max(at - way.first, 0) / max(way.last - way.first, 1), 1), 4)
            if rate and way.unit == "step" and way.last > at:
                left = formatting.duration((way.last - at) / rate)
        return {"until": until, "progress": share, "left": left}

    def _trend(self, snapshot: Snapshot) -> list[int] | list[float]:
        """Return the rates that a StepCounterHook measured, or else those that were seen here."""
        if self._rates[1] and 0 <= snapshot.wall_time - self._trended < TREND_EVERY:
            return self._rates[1]  # it is most of a message's bytes
        self._trended = snapshot.wall_time
        for view in snapshot.sources:
            if view.kind == SourceKind.STEPS:
                for series in view.series.values():
                    if series is not self._rates[0]:
                        self._rates = series, list(sparks.trend(series))
                    return self._rates[1]
        return list(self._rate.trend)


def words(snapshot: Snapshot | None) -> str:
    """Say what the session is doing, and who or what ended it."""
    state = None if snapshot is None else snapshot.state
    if state is None:
        return state_words(Phase.WAITING, "")
    said = state_words(state.phase, formatting.name(state.reason))
    if snapshot is not None and state.phase is Phase.SAVED and snapshot.wall_time:
        return f"{said} · last written {formatting.date(snapshot.wall_time)}"
    return said


def state_words(phase: Phase, detail: str) -> str:
    """Write a state, with what it waits for, or who or what ended it."""
    if phase is Phase.PAUSED and detail:
        return f"paused {detail}" if detail.startswith(("by ", "before ")) else f"paused: {detail}"
    words = {
        Phase.SAVED: "saved run",
        Phase.WAITING: f"waiting for {detail or 'the session'}",
        Phase.OPEN: "open: the cell has ended, the session has not",
        Phase.STOPPED: f"stopped by {detail}" if detail else "stopped: a stop was requested",
        Phase.DIED: f"died of {detail}" if detail else "died of an error that was not seen",
    }
    return words.get(phase, str(phase))


def line(snapshot: Snapshot, name: str = "") -> str:
    """Write the state and the step in one line."""
    parts = [formatting.name(name), words(snapshot)]
    if snapshot.step is not None:
        before = snapshot.cursor is not None and snapshot.cursor < snapshot.step
        at = f"{formatting.count(snapshot.cursor or 0)} of " if before else ""
        parts.append(f"step {at}{formatting.count(snapshot.step)}")
    return " · ".join(filter(None, parts))


def health(snapshot: Snapshot, losses: Iterable[tuple[str, str]] = ()) -> dict[str, str]:
    """Say whether the loss is finite: by a NanTensorHook, or else by the series of `losses`."""
    watched = [view for view in snapshot.sources if view.kind == SourceKind.NAN]
    for view in watched:
        alert = nan.alert_of(view)
        if alert is not None:
            name = "NaN" if alert.kind == EventKind.NAN else "Inf"
            at = formatting.count(alert.step or 0)
            return _health(str(alert.kind), f"{name} at step {at}", next(iter(view.series), ""))
    views = {view.source: view for view in snapshot.sources}
    found = [(tag, series) for view in watched for tag, series in view.series.items()]
    found = found or [(tag, views[source].series[tag]) for source, tag in losses]
    for tag, series in found:
        if series.marks:
            level = "inf" if math.isinf(series.last) else "nan"
            return _health(level, f"not finite at step {formatting.count(series.marks[0])}", tag)
    return _health("finite", "finite", found[0][0]) if found else _health("none", "", "")


def _health(level: str, said: str, tag: str) -> dict[str, str]:
    return {"level": level, "words": said, "tag": formatting.name(tag)}


def _way(snapshot: Snapshot) -> Progress | None:
    """Return the progress towards the end that comes first; one that counts steps, if there is one."""
    ways = [
        way
        for view in snapshot.sources
        if view.kind == SourceKind.PROGRESS and (way := view.latest(Progress)) is not None
    ]
    ends = [way for way in ways if way.last is not None]
    return min(ends, key=lambda way: (way.unit != "step", way.last), default=None)


def _counted(snapshot: Snapshot) -> float | None:
    """Return the latest rate that a StepCounterHook measured."""
    for view in snapshot.sources:
        if view.kind == SourceKind.STEPS:
            for series in view.series.values():
                return series.last if series.reached and math.isfinite(series.last) else None
    return None


def _newest(snapshot: Snapshot) -> Checkpoint | None:
    newest = map(_newest_of, snapshot.sources)
    kept = [one for one in newest if one is not None]
    return max(kept, key=lambda one: one.wall_time, default=None)


def _newest_of(view: SourceView) -> Checkpoint | None:
    return next((one for one in reversed(view.every(Checkpoint)) if one.kept), None)


def _described(checkpoint: Checkpoint | None) -> dict[str, Any] | None:
    if checkpoint is None:
        return None
    finite = math.isfinite(checkpoint.wall_time)
    return {
        "words": formatting.name(checkpoint.path.rpartition("/")[2]),
        "step": checkpoint.step,
        "wall_time": checkpoint.wall_time if finite else None,
        "path": formatting.name(checkpoint.path),
    }
