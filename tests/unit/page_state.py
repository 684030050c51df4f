"""What a page knows of a board: takes messages as the page does, and fails where they do not fit."""

from __future__ import annotations

import json
from typing import Any

import numpy as np


class Line:
    """The bins of one line of a card.

    Attributes:
        x, times, low, high: as they were sent.
        entry: the latest entry that brought some.
    """

    def __init__(self) -> None:
        self.x, self.times, self.low, self.high = (np.zeros(0) for _ in range(4))
        self.entry: dict[str, Any] = {}

    def take(self, entry: dict[str, Any], packed: bytes) -> None:
        n, begin = entry["count"], entry["from"]
        assert begin <= len(self.x)
        assert begin == 0 or entry["generation"] == self.entry["generation"]
        assert len(packed) == 24 * n
        for name, kind, offset in (
            ("x", "<f8", 0),
            ("times", "<f8", 8),
            ("low", "<f4", 16),
            ("high", "<f4", 20),
        ):
            new = np.frombuffer(packed, kind, n, offset * n)
            setattr(self, name, np.append(getattr(self, name)[:begin], new))
        self.entry = entry


class PageState:
    """Everything a page has been sent, put together.

    Attributes:
        messages: every message, in order.
        parts, heads, attention, cards, marks, sections, contents, lines, chooser: as in the messages.
        points: of each part, card and number of a line, its bins.
    """

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []
        self.sizes: list[int] = []
        self.sought = 0
        self._forget()

    def _forget(self) -> None:
        self.parts: list[str] = []
        self.heads: dict[str, dict[str, Any]] = {}
        self.attention: dict[str, list[dict[str, str]]] = {}
        self.cards: dict[str, list[dict[str, Any]]] = {}
        self.marks: dict[str, dict[str, Any]] = {}
        self.sections: dict[str, list[dict[str, Any]]] = {}
        self.contents: dict[str, dict[str, list[Any]]] = {}
        self.lines: dict[str, dict[str, list[dict[str, Any]]]] = {}
        self.points: dict[tuple[str, str, int], Line] = {}
        self.chooser: dict[str, Any] | None = None
        self.log: list[str] = []
        self.log_from = 0
        self.log_note = ""

    def apply(self, content: dict[str, Any], buffers: list[bytes]) -> None:
        """Take a message."""
        written = json.dumps(content, allow_nan=False, ensure_ascii=False).encode("utf-8")
        self.messages.append(content)
        self.sizes.append(len(written) + sum(map(len, buffers)))
        if content["type"] == "sought":
            self.sought += 1
            return
        assert content["type"] == "update"
        content = json.loads(written)
        if content.get("full"):
            self._forget()
        if "parts" in content:
            self._keep(content["parts"])
        for key, head in content.get("heads", {}).items():
            self.heads[key] = {**self.heads.get(key, {}), **head}
        self.attention.update(content.get("attention", {}))
        self.marks.update(content.get("marks", {}))
        self.lines.update(content.get("lines", {}))
        self._extend(self.cards, content.get("cards", {}))
        self._extend(self.sections, content.get("sections", {}))
        self._renew(content.get("news", {}))
        for key, contents in content.get("contents", {}).items():
            self.contents.setdefault(key, {}).update(contents)
        if "chooser" in content:
            chosen = content["chooser"]
            self.chooser = None if chosen is None else {**(self.chooser or {}), **chosen}
        if "log" in content:
            self._take_log(content["log"])
        self._take_points(content.get("points", []), buffers)

    def _keep(self, parts: list[str]) -> None:
        self.parts = parts
        known = (self.heads, self.attention, self.cards, self.marks, self.sections, self.contents)
        for table in (*known, self.lines):
            for key in set(table) - set(parts):
                del table[key]
        self.points = {key: line for key, line in self.points.items() if key[0] in parts}

    def _renew(self, news: dict[str, dict[str, str]]) -> None:
        for key, words in news.items():
            for section in self.sections[key]:
                section["news"] = words.get(section["key"], section["news"])

    def _extend(self, known: dict[str, list[Any]], lists: dict[str, Any]) -> None:
        for key, given in lists.items():
            assert given["from"] <= len(known.get(key, []))
            known[key] = known.get(key, [])[: given["from"]] + given["list"]

    def _take_log(self, given: dict[str, Any]) -> None:
        begin = given["from"]
        gap = begin < self.log_from or begin > self.log_from + len(self.log)
        self.log = given["list"] if gap else self.log[: begin - self.log_from] + given["list"]
        self.log_from = begin if gap else self.log_from
        self.log_note = given["note"]

    def _take_points(self, entries: list[dict[str, Any]], buffers: list[bytes]) -> None:
        packed = buffers[0] if entries else b""
        assert len(buffers) == bool(entries)
        at = 0
        for entry in entries:
            key = entry["part"], entry["card"], entry.get("line", 0)
            size = 24 * entry["count"]
            self.points.setdefault(key, Line()).take(entry, packed[at : at + size])
            at += size
        assert at == len(packed)

    # Reading

    def card(self, tag: str, part: str = "") -> str:
        """The key of the card of a tag, in a part or in the last."""
        [key] = [card["key"] for card in self.cards[part or self.parts[-1]] if card["tag"] == tag]
        return key

    def line(self, tag: str, part: str = "", number: int = 0) -> Line:
        """The bins of a tag."""
        part = part or self.parts[-1]
        return self.points[part, self.card(tag, part), number]

    def texts(self) -> str:
        """Every text of the contents that were sent, one below the other."""
        return "\n".join(_texts(self.contents))


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for one in value.values() for text in _texts(one)]
    if isinstance(value, list):
        return [text for one in value for text in _texts(one)]
    return [value] if isinstance(value, str) else []
