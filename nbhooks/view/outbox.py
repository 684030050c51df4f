"""What pages were sent, and what they have in sight: the one message of a refresh."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from nbhooks.model.lifecycle import Phase

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from nbhooks.model.series import Tail
    from nbhooks.view.messages import Sight

RUNNING = Phase.RUNNING.value

PAGES = 4
"""Pages whose sight counts, the latest that said something: one that was closed does not say so."""

UNREQUESTED = 2.0
"""Seconds between two full messages while no page has requested one: its request may not arrive."""

UNSEEN = 12
"""Cards whose points are sent as long as no page has said what it has in sight."""

UNSEEN_LISTED = 200
"""Cards that are listed as long as no page has requested anything."""

TABLES = 1.0
"""Seconds from one message with tables and news of a recording that runs to the next: they are to be read."""


class Held(NamedTuple):
    """What a page has of a line: a generation of its bins, how many are settled, the points in all."""

    generation: int = -1
    settled: int = 0
    points: int = -1


class Part(Protocol):
    """One recording on a board, as plain values; what has not changed is the same object as before."""

    @property
    def key(self) -> str:
        """Its name in messages."""

    @property
    def head(self) -> dict[str, Any]:
        """Its state at a glance."""

    @property
    def attention(self) -> list[dict[str, str]]:
        """What asks for attention."""

    @property
    def cards(self) -> list[dict[str, Any]]:
        """Its cards."""

    @property
    def lines(self) -> dict[str, list[dict[str, Any]]]:
        """The names and colours of the lines of each card that has several."""

    @property
    def marks(self) -> dict[str, Any]:
        """Steps to mark in every card."""

    @property
    def sections(self) -> list[dict[str, Any]]:
        """Its sections, without their news."""

    @property
    def news(self) -> dict[str, str]:
        """Of each section, what is there in a few words."""

    def content(self, section: str) -> list[Any] | None:
        """Give what a section shows, None where there is no such section."""

    def tails(
        self, cards: Iterable[str], held: Mapping[tuple[str, int], Held]
    ) -> list[tuple[str, int, Tail]]:
        """Give what is new of cards: of each its key, the number of the line, and the bins."""


class Log(Protocol):
    """The log of a board; `nbhooks.view.log.Log` is one."""

    note: str

    @property
    def version(self) -> tuple[int, str]:
        """How many lines have come, and the note."""

    @property
    def dropped(self) -> int:
        """How many lines are not kept any more."""

    def since(self, number: int) -> tuple[int, list[str]]:
        """Return the lines from a number on, with the number of the first."""


@dataclass(slots=True)
class _Sent:
    """What pages have of one part."""

    head: dict[str, Any] = field(default_factory=dict)
    attention: list[dict[str, str]] = field(default_factory=list)
    cards: list[dict[str, Any]] = field(default_factory=list)
    lines: dict[str, Any] = field(default_factory=dict)
    marks: dict[str, Any] = field(default_factory=dict)
    sections: list[dict[str, Any]] = field(default_factory=list)
    news: dict[str, str] = field(default_factory=dict)
    contents: dict[str, list[Any]] = field(default_factory=dict)
    held: dict[tuple[str, int], Held] = field(default_factory=dict)


class Outbox:
    """Composes messages: what is new of everything, and of large things only what is in sight.

    All pages are sent the same. A page that is new requests everything, and all of them begin anew.

    Args:
        clock: seconds, monotonic.

    Attributes:
        requested: whether a page has requested everything at any time.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Begin with nothing sent and no page known."""
        self._clock = clock
        self.requested = False
        self._asked = True
        self._due = 0.0
        self._tables_due = 0.0
        self._sights: dict[str, Sight] = {}
        self._parts: list[str] = []
        self._sent: dict[str, _Sent] = {}
        self._chooser: dict[str, Any] | None = None
        self._log: tuple[object, int] = (None, 0)  # the version that pages have, and the next line

    def ask(self) -> None:
        """Send everything with the next message: a page has requested it."""
        self.requested = self._asked = True

    def begin_anew(self) -> None:
        """Send everything with the next message, if any page is known."""
        self._asked = self._asked or self.requested

    def hurry(self) -> None:
        """Send tables with the next message: somebody has asked for something in them."""
        self._tables_due = 0.0

    def see(self, sight: Sight) -> None:
        """Send from now on what a page has in sight, in place of what it had before."""
        others = [(page, one) for page, one in self._sights.items() if page != sight.page]
        self._sights = dict([*others, (sight.page, sight)][-PAGES:])  # replaced: another thread may read it
        self.hurry()

    @property
    def log_in_sight(self) -> bool:
        """Whether any page sees the log."""
        return any(sight.log for sight in self._sights.values())

    def compose(
        self, parts: Sequence[Part], chooser: dict[str, Any] | None = None, log: Log | None = None
    ) -> tuple[dict[str, Any], list[bytes]] | None:
        """Return the message that brings pages up to date, with its buffers; None if nothing is new.

        Args:
            parts: the recordings, in order.
            chooser: what there is to choose of saved runs; None where there is no choice.
            log: the lines that were logged, None where there is no log.
        """
        now = self._clock()
        full = self._asked or (not self.requested and now >= self._due)
        if not full and not self.requested:
            return None  # whether anything arrives is not known
        message: dict[str, Any] = {"type": "update"}
        if full:
            self._asked, self._due, self._tables_due = False, now + UNREQUESTED, 0.0
            self._parts, self._sent, self._chooser, self._log = [], {}, None, (None, 0)
            message["full"] = True
        keys = [part.key for part in parts]
        if keys != self._parts or full:
            self._parts = message["parts"] = keys
            self._sent = {key: self._sent.get(key) or _Sent() for key in keys}
        due = now >= self._tables_due
        if due:
            self._tables_due = now + TABLES
        buffer: list[bytes] = []
        for part in parts:
            self._add(message, part, self._sent[part.key], due=due, latest=part is parts[-1])
            self._add_points(message, buffer, part, latest=part is parts[-1])
        if chooser != self._chooser or (full and chooser is not None):
            message["chooser"] = _changed(self._chooser or {}, chooser) if chooser is not None else None
            self._chooser = chooser
        if log is not None:
            self._add_log(message, log, due=due or not any(map(_runs, parts)))
        if len(message) == 1:
            return None
        if "heads" in message:
            message["now"] = round(time.time(), 1)
        return message, [b"".join(buffer)] if buffer else []

    def _add(self, message: dict[str, Any], part: Part, sent: _Sent, *, due: bool, latest: bool) -> None:
        """Add what is new of a part, but for its points."""
        key = part.key
        due = due or not _runs(part)
        head = _changed(sent.head, part.head)
        if head:
            message.setdefault("heads", {})[key] = head
            sent.head = part.head
        if part.attention != sent.attention:
            message.setdefault("attention", {})[key] = sent.attention = part.attention
        if part.marks != sent.marks and (due or _moved(sent.marks, part.marks)):
            message.setdefault("marks", {})[key] = sent.marks = part.marks
        if part.cards is not sent.cards:
            cards = part.cards if self.requested else part.cards[:UNSEEN_LISTED]
            _add_list(message.setdefault("cards", {}), key, sent.cards, cards)
            sent.cards = part.cards
        if part.lines != sent.lines:
            message.setdefault("lines", {})[key] = sent.lines = part.lines
        if part.sections is not sent.sections:
            listed = [{**one, "news": part.news.get(one["key"], "")} for one in part.sections]
            _add_list(message.setdefault("sections", {}), key, [], listed)
            sent.sections, sent.news = part.sections, dict(part.news)
        elif due and part.news != sent.news:
            message.setdefault("news", {})[key] = _changed(sent.news, part.news)
            sent.news = dict(part.news)
        for section in self._sections_in_sight(part, latest=latest) if due else ():
            content = part.content(section)
            if content is not None and content != sent.contents.get(section):
                message.setdefault("contents", {}).setdefault(key, {})[section] = content
                sent.contents[section] = content

    def _add_points(self, message: dict[str, Any], buffer: list[bytes], part: Part, *, latest: bool) -> None:
        """Add the bins that pages do not have, of the cards in sight."""
        held = self._sent[part.key].held
        cards = self._cards_in_sight(part, latest=latest)
        for card, number, tail in part.tails(cards, held) if cards else ():
            entry: dict[str, Any] = {
                "part": part.key,
                "card": card,
                "from": tail.begin,
                "count": tail.bins,
                "generation": tail.generation,
                "last": plain(tail.last),
                "step": tail.step,
            }
            if number:
                entry["line"] = number
            if tail.starts:
                entry["starts"] = list(tail.starts)
            if tail.nonfinite:
                entry["nonfinite"], entry["nonfinite_count"] = list(tail.marks), tail.nonfinite
            if tail.thinned > 1:
                entry["thinned"] = tail.thinned
            message.setdefault("points", []).append(entry)
            buffer.append(tail.packed)
            held[card, number] = Held(tail.generation, tail.settled, tail.points)

    def _add_log(self, message: dict[str, Any], log: Log, *, due: bool) -> None:
        """Add the lines that pages do not have; while no page sees them, their number and the last one."""
        version, next_line = self._log
        seen, whole = self.log_in_sight, next_line >= 0
        if version == log.version and (whole or not seen):
            return
        if version is None and log.version == (0, ""):
            return
        if not seen and not due:
            return
        count = log.version[0]
        begin, lines = log.since(max(next_line, 0) if seen else count - 1)
        message["log"] = {"from": begin, "list": lines, "dropped": log.dropped, "note": log.note}
        self._log = log.version, begin + len(lines) if seen else -1

    def _cards_in_sight(self, part: Part, *, latest: bool) -> Iterable[str]:
        if not self._sights:
            return [card["key"] for card in part.cards[:UNSEEN]] if latest or part.lines else []
        seen = [sight.cards[part.key] for sight in self._sights.values() if part.key in sight.cards]
        return seen[0] if len(seen) == 1 else dict.fromkeys(card for cards in seen for card in cards)

    def _sections_in_sight(self, part: Part, *, latest: bool) -> Iterable[str]:
        if not self._sights:
            return [section["key"] for section in part.sections] if latest and not self.requested else []
        sights = self._sights.values()
        return dict.fromkeys(key for sight in sights for key in sight.sections.get(part.key, ()))


def _moved(before: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    """Whether more has changed than the list of checkpoints, which is long, and new with each of them."""
    return any(before.get(key) != now[key] for key in now if key != "checkpoints")


def _runs(part: Part) -> bool:
    return bool(part.head.get("state") == RUNNING)


def plain(value: float) -> float | str:
    """Give a number as JSON has it; it has no NaN and no infinities."""
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _changed(before: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
    """Return the items that are new or have changed."""
    return {key: value for key, value in now.items() if key not in before or before[key] != value}


def _add_list(message: dict[str, Any], key: str, before: list[Any], now: list[Any]) -> None:
    """Add the end of a list, from the first item on that has changed."""
    same = 0
    for one, other in zip(before, now, strict=False):
        if one != other:
            break
        same += 1
    message[key] = {"from": same, "list": now[same:]}
