"""What stands in for TensorFlow, and for what shows records, where a recording is tested without them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from nbhooks.model.events import Event, State
from nbhooks.model.recording import Recording

RUN = SimpleNamespace(stop_requested=False, original_args=SimpleNamespace(fetches="train_op"))
"""The run context of a run that fetches what trains."""


class Graph:
    """Something that can be held weakly."""


class Coordinator:
    """The coordinator of a session: it has ended when `joined`, and is to stop when `stopping`."""

    def __init__(self) -> None:
        self.joined = False
        self.stopping = False

    def should_stop(self) -> bool:
        return self.stopping


class Clock:
    """A clock that a test sets."""

    def __init__(self, now: float = 0.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


class ListSink:
    """A sink that takes records one by one, and keeps them."""

    def __init__(self) -> None:
        self.records: list[Any] = []

    def write(self, record: Any) -> None:
        self.records.append(record)

    def of(self, kind: type) -> list[Any]:
        """The records of a kind."""
        return [record for record in self.records if type(record) is kind]


def running(*hooks: str, step: int = 0) -> tuple[Recording, Coordinator]:
    """Begin the first run of a recording with these hooks, or with MyHook, from a global step."""
    recording, coordinator = Recording(), Coordinator()
    for hook in hooks or ("MyHook",):
        recording.begin_attempt(coordinator, recording.join("steps", hook), lambda: step)
    recording.begin_run(RUN, lambda: 0)
    return recording, coordinator


def end(recording: Recording, how: str) -> None:
    """End a recording with MyHook: it has finished, is interrupted or dies."""
    if how == "finished":
        recording.leave("MyHook")
    elif how == "interrupted":
        recording.die(KeyboardInterrupt())
    else:
        recording.die(ValueError("x"))


def reported(recording: Recording) -> list[str]:
    """Every state and the kind of every event of a recording, in order."""
    records = [record for _, record in recording.store.columns().rows(Event)]
    return [record.phase.value if isinstance(record, State) else record.kind for record in records]


class FailingError(OSError):
    """The error of `fail`."""


def fail(*_: object, **__: object) -> Any:
    """Stand in for any function that fails."""
    raise FailingError("the disk is full")


def faults(recording: Recording) -> list[str]:
    """The faults that were reported to a recording."""
    return [
        event.detail
        for _, event in recording.store.columns().rows(Event)
        if getattr(event, "kind", "") == "fault"
    ]
