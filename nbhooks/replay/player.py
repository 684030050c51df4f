"""Plays saved runs into a Sink, as if they were live."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from nbhooks.records import Attempt, Checkpoint, Scalar, Sink, Source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from nbhooks.records import Record
    from nbhooks.replay.runs import Runs

RATE = "global_step/sec"
"""The tag under which steps per second are written."""

CHECKPOINTS = "checkpoints"
KINDS = {"steps per second": "steps", "summaries": "summaries", CHECKPOINTS: "checkpoints"}
"""Sources of a run, and what each reports."""


def play(
    runs: Runs,
    sink: Sink,
    *,
    speed: float | None = None,
    sleep: Callable[[float], object] = time.sleep,
) -> None:
    """Write everything that was loaded to a sink, in the order of its wall time.

    Each run has up to three sources: its steps per second, its checkpoints, and everything else. Where there
    are several runs their names come first in the sources'. A session after the first is told as an Attempt.

    Args:
        runs: what was loaded.
        sink: a Dashboard, a Store, or whatever has a ``write``.
        speed: how many seconds of the recording pass in one; as fast as can be by default.
        sleep: waits so many seconds.

    Raises:
        ValueError: if `speed` is not positive.

    Example:
        >>> from nbhooks.store import Store
        >>> store = Store()
        >>> play(load("logs"), store)  # doctest: +SKIP
        >>> store.snapshot().sources  # doctest: +SKIP
    """
    if speed is not None and not speed > 0:
        raise ValueError(f"speed={speed}: it is a number greater than 0, or None for no waiting at all")
    played = sorted(_records(runs), key=lambda item: item[0])
    several = len({run for _, run, *_ in played}) > 1
    announced: set[str] = set()
    sessions: dict[str, int] = {}
    before = played[0][0] if played else 0.0
    for wall_time, run, session, name, make in played:
        if speed is not None and wall_time > before:
            sleep((wall_time - before) / speed)
        before = max(before, wall_time)
        source = f"{run} {name}" if several else name
        if source not in announced:
            announced.add(source)
            sink.write(Source(source, KINDS[name]))
        record = make(source)
        if not several and sessions.get(run) != session:
            sessions[run] = session
            sink.write(Attempt(wall_time, record.step))
        sink.write(record)


def _records(runs: Runs) -> Iterator[tuple[float, str, int, str, Callable[[str], Any]]]:
    """Yield wall time, run, session and source of each record, and what makes it of the source's name."""
    scalars = runs.scalars
    columns = (scalars[name].tolist() for name in ("run", "tag", "step", "wall_time", "value", "session"))
    for run, tag, step, wall_time, value, session in zip(*columns, strict=True):
        name = "steps per second" if tag == RATE else "summaries"
        yield wall_time, run, session, name, _scalar(tag, step, wall_time, value)
    for run, session, value in runs.values():
        yield value.wall_time, run, session, "summaries", _named(value)
    for row in runs.checkpoints.to_dict("records"):
        state, size = "kept" if row["kept"] else "deleted", row["bytes"] or None
        made = Checkpoint("", row["path"], row["step"], row["wall_time"], state, None, size)
        yield row["wall_time"], row["run"], row["session"], CHECKPOINTS, _named(made)


def _scalar(tag: str, step: int, wall_time: float, value: float) -> Callable[[str], Record]:
    return lambda source: Scalar(source, tag, step, wall_time, value)


def _named(record: Any) -> Callable[[str], Record]:
    return lambda source: replace(record, source=source)
