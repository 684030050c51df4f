"""What a page may say: its messages, checked one by one; what is malformed is nothing."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, TypeAlias

from nbhooks.model.commands import Command, Compare, OpenPanels, Seek, SelectTag, StopWatching
from nbhooks.view import requests

if TYPE_CHECKING:
    from collections.abc import Mapping

NAME = 200
"""Characters of a page's name, a part's or a section's; a longer one is none that was given out."""

SEEN = 1000
"""Cards or sections that a page can have in sight; a longer list is cut."""


@dataclass(frozen=True, slots=True)
class Ready:
    """A page is there and knows nothing yet."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What a page has in sight now.

    Attributes:
        page: its name.
        cards, sections: of each part the keys, in the page's order.
        log: whether it sees the log.
    """

    page: str = ""
    cards: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sections: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    log: bool = False


@dataclass(frozen=True, slots=True)
class StopPart:
    """Somebody clicked a Stop button."""

    part: str


@dataclass(frozen=True, slots=True)
class Ask:
    """Somebody asked something of a part's run, such as to pause."""

    part: str
    command: Command


@dataclass(frozen=True, slots=True)
class Choose:
    """Somebody chose something in a section."""

    part: str
    section: str
    name: str
    value: str


Message: TypeAlias = Ready | Sight | StopPart | Ask | Choose | Command


def parse(content: object) -> Message | None:  # noqa: PLR0911 - one return for each kind
    """Make of a page's message what it asks for, or None where it is malformed.

    A page is not trusted: whatever it sends becomes one of these values or nothing.
    """
    match content:
        case {"type": "stop", "chooser": True}:
            return StopWatching()
        case {"type": "ready"}:
            return Ready()
        case {"type": "sight", "page": str(page), **rest} if len(page) <= NAME:
            cards, sections = _pairs(rest.get("cards")), _pairs(rest.get("sections"))
            return Sight(page, cards, sections, log=rest.get("log") is True)
        case {"type": "stop", "part": str(part)}:
            return StopPart(part)
        case {"type": "ask", "part": str(part), "name": str(name), "value": str(value)}:
            command = requests.command(name, value)
            return None if command is None else Ask(part, command)
        case {
            "type": "choose",
            "part": str(part),
            "section": str(section),
            "name": str(name),
            "value": str(value),
        }:
            return Choose(part, section, name, value)
        case {"type": str()}:
            return _command(content)
    return None


def _command(content: object) -> Command | None:
    """Make the command of a chooser, or None where there is none such."""
    command: Command | None = None
    match content:
        case {"type": "seek", "step": None}:
            command = Seek(None)
        case {"type": "seek", "step": int() | float() as step} if _is_step(step):
            command = Seek(int(step))
        case {"type": "tag", "tag": str(tag)}:
            command = SelectTag(tag)
        case {"type": "compare", "run": str(run), "on": bool(on)}:
            command = Compare(run, on)
        case {"type": "panels", "run": str(run), "on": bool(on)}:
            command = OpenPanels(run, on)
    return command


def _is_step(step: float) -> bool:
    """Whether a number fits a step: an int64, and not a bool, which Python counts as an int."""
    return not isinstance(step, bool) and math.isfinite(step) and -(2**63) <= step < 2**63


def _pairs(given: object) -> dict[str, tuple[str, ...]]:
    """Read a list of pairs of a part and a key; what is no such pair is left out."""
    found: dict[str, dict[str, None]] = {}
    for pair in islice(given, SEEN) if isinstance(given, list) else ():
        match pair:
            case [str(part), str(key)]:
                found.setdefault(part, {})[key] = None
    return {part: tuple(keys) for part, keys in found.items()}
