"""What one run of hooks leaves behind, what can be read from it, and how two such traces differ."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

Same = Callable[..., "Trace"]
"""What the fixture `same` returns: it runs a scenario with both kits and holds the traces equal."""


@dataclass
class Trace:
    """What one run leaves behind, as plain data."""

    error: tuple[str, str, str] | None = None  # where it came, its type, its text
    returned: list[Any] = field(default_factory=list)  # what the caller of session.run got, run by run
    calls: list[tuple[Any, ...]] = field(default_factory=list)  # seen by the neighbouring hooks and listeners
    fetched: list[tuple[Any, ...]] = field(
        default_factory=list
    )  # what each run of the raw session was asked for
    logs: list[tuple[str, str, str]] = field(default_factory=list)  # logger, level, text
    warned: list[tuple[str, str]] = field(default_factory=list)
    printed: str = ""
    printing: dict[str, Any] = field(default_factory=dict)  # NumPy's options, as they are left
    graph: list[str] = field(default_factory=list)  # the operations, in the order of their making
    files: list[tuple[str, Any]] = field(default_factory=list)

    def named(self, name: str) -> list[Any]:
        """Return what the files of one name hold."""
        return [content for file, content in self.files if file == name]

    def stop_seen(self) -> list[int]:
        """Return after which of the runs the last neighbour saw that a stop was requested."""
        ends = [call for call in self.calls if call[:2] == ("last", "after_run")]
        return [number for number, call in enumerate(ends, start=1) if call[2]]

    def texts(self, level: str) -> list[str]:
        """Return the log lines of one level."""
        return [text for _, given, text in self.logs if given == level]


def checkpoints(left: Trace) -> list[str]:
    """Return the checkpoints that are there at the end."""
    return [name.removesuffix(".index") for name, _ in left.files if name.endswith(".index")]


def saves(left: Trace, name: str = "listener") -> list[int]:
    """Return the steps at which a listener saw a save."""
    return [call[2] for call in left.calls if call[:2] == (name, "after_save")]


def calls(left: Trace) -> list[str]:
    """Return the calls that the last neighbour saw."""
    return [call[1] for call in left.calls if call[0] == "last"]


def events(left: Trace, text: str, file: str = "events.out.tfevents") -> int:
    """Return how many events of the event files hold a text."""
    return sum(text in event for held in left.named(file) for event, _, _ in held)


def rates(left: Trace, file: str = "events.out.tfevents") -> int:
    """Return how many rates the event files hold."""
    return sum('tag: "global_step/sec"' in text for events in left.named(file) for text, _, _ in events)


def info(left: Trace, start: str) -> list[str]:
    """Return the log lines that begin so."""
    return [text for text in left.texts("INFO") if text.startswith(start)]


def loss_lines(left: Trace) -> list[str]:
    """Return the lines of a LoggingTensorHook: all that neither a session nor a saver logs."""
    others = ("Graph was", "Running local", "Done running", "Create Checkpoint", "Restoring parameters")
    return [text for text in left.texts("INFO") if not text.startswith(others)]


def differences(theirs: Trace, ours: Trace, most: int = 12) -> list[str]:
    """Return what differs between two traces, a line each, at most so many a field."""
    found = []
    for name in (item.name for item in fields(Trace)):
        left, right = getattr(theirs, name), getattr(ours, name)
        if left != right:
            lines = list(difflib.unified_diff(list(_lines(left)), list(_lines(right)), lineterm="", n=1))[2:]
            found += [f"{name}: {line}" for line in lines[:most]] or [f"{name}: {left!r} is not {right!r}"]
    return found


def _lines(value: Any, at: str = "") -> Iterator[str]:
    """Yield plain data a line at a time, each with its place, for a difference that can be read."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _lines(item, f"{at}[{key}]")
    elif isinstance(value, tuple) and "\\n" not in repr(value):
        yield f"{at} {value}"
    elif isinstance(value, list | tuple):  # not numbered: one more would else differ in each place after it
        for item in value:
            yield from _lines(item, f"{at}.")
    else:
        for line in str(value).splitlines() or [""]:
            yield f"{at} {line}"


def masked(value: Any, directory: Path, *, real_time: bool) -> Any:
    """Replace in every string what differs between two runs of the same code."""
    if isinstance(value, str):
        value = re.sub(r"0x[0-9a-f]{6,}", "0x#", value.replace(str(directory), "<directory>"))
        if real_time:
            value = re.sub(r"\(\d+\.\d{3} sec\)", "(# sec)", value)
            value = re.sub(r"(/sec: )[0-9.e+]+$", r"\1#", value)
            value = re.sub(r'(tag: "[^"]*/sec"\s+simple_value: )[0-9.e+]+', r"\1#", value)
        return value
    if isinstance(value, Trace):
        items = {item.name: getattr(value, item.name) for item in fields(Trace)}
        return Trace(**masked(items, directory, real_time=real_time))
    if isinstance(value, dict):
        return {key: masked(item, directory, real_time=real_time) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(masked(item, directory, real_time=real_time) for item in value)
    return value
