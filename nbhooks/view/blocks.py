"""What a panel shows, as plain values: for a page to render, as HTML for the saved picture, and as text."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from nbhooks.view import formatting, sparks

if TYPE_CHECKING:
    from collections.abc import Sequence

Level: TypeAlias = Literal["", "calm", "warning", "alert", "muted"]

_IMAGE = re.compile(r"data:image/(png|jpeg|gif);base64,[A-Za-z0-9+/=]*")


@dataclass(frozen=True, slots=True)
class Cell:
    """A word of a table, with its whole text where that is longer.

    Attributes:
        text: hostile until escaped; a renderer sets it as text.
        title: shown on hover; ``""`` where there is no more than `text`.
        kind: ``"name"``, ``"number"`` or ``"path"``, which decides how a narrow column cuts it.
    """

    text: str
    title: str = ""
    kind: Literal["", "name", "number", "path"] = ""

    def json(self) -> Any:
        """Give a plain value: a string where that says all."""
        given = {"text": self.text, "title": self.title, "kind": self.kind}
        return {key: value for key, value in given.items() if value} if self.title or self.kind else self.text

    def html(self) -> str:
        """Write what a table's cell holds."""
        title = f' title="{formatting.escape(self.title)}"' if self.title else ""
        kind = f' class="nbhooks-{self.kind}"' if self.kind else ""
        return f"<td{kind}{title}>{formatting.escape(self.text)}</td>"


@dataclass(frozen=True, slots=True)
class Trend:
    """A line the size of a word.

    Attributes:
        points: heights, from left to right (see `nbhooks.view.sparks.trend`).
        text: written behind it.
    """

    points: tuple[int, ...]
    text: str = ""

    def json(self) -> Any:
        """Give a plain value."""
        return {"trend": list(self.points), **({"text": self.text} if self.text else {})}

    def html(self) -> str:
        """Draw it in SVG."""
        return f"<td>{sparks.line_svg(self.points)}{formatting.escape(self.text)}</td>"


@dataclass(frozen=True, slots=True)
class Bars:
    """A histogram the size of a word.

    Attributes:
        heights: shares of the highest, from 0 to 1.
    """

    heights: tuple[float, ...]
    text: str = ""

    def json(self) -> Any:
        """Give a plain value."""
        return {"bars": list(self.heights)}

    def html(self) -> str:
        """Draw it in SVG."""
        return f"<td>{sparks.bars_svg(self.heights)}</td>"


@dataclass(frozen=True, slots=True)
class Image:
    """A thumbnail.

    Attributes:
        source: a data URI of a PNG, JPEG or GIF.
        text: what it is, for those who cannot see it.

    Raises:
        ValueError: if `source` is anything else; nothing that a page would fetch or run may get there.
    """

    source: str
    text: str = "the image"

    def __post_init__(self) -> None:
        """Check the source."""
        if not _IMAGE.fullmatch(self.source):
            raise ValueError(f"a data URI of a PNG, JPEG or GIF is needed, not {self.source[:40]!r}")

    def json(self) -> Any:
        """Give a plain value."""
        return {"image": self.source, "alt": self.text}

    def html(self) -> str:
        """Write the element."""
        alt = formatting.escape(self.text)
        return f'<td><img class="nbhooks-thumbnail" alt="{alt}" src="{self.source}"></td>'


AnyCell: TypeAlias = Cell | Trend | Bars | Image


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table.

    Attributes:
        cells: from left to right.
        key: names the row from one refresh to the next, such as a tag.
        state: such as ``"kept"``, for the colour.
    """

    cells: tuple[AnyCell, ...]
    key: str = ""
    state: str = ""

    def json(self) -> Any:
        """Give a plain value."""
        state = {"state": self.state} if self.state else {}
        return {"key": self.key, **state, "cells": [cell.json() for cell in self.cells]}

    def html(self) -> str:
        """Write the row."""
        tag = f' data-tag="{formatting.escape(self.key)}"' if self.key else ""
        state = f' data-state="{formatting.escape(self.state)}"' if self.state else ""
        return f"<tr{tag}{state}>{''.join(cell.html() for cell in self.cells)}</tr>"


@dataclass(frozen=True, slots=True)
class Text:
    """A line or a few.

    Attributes:
        text: hostile until escaped.
        level: how much it asks for attention.
        title: shown on hover, ``""`` for nothing more.
    """

    text: str
    level: Level = ""
    title: str = ""

    def json(self) -> Any:
        """Give a plain value."""
        title = {"title": self.title} if self.title else {}
        return {"type": "text", "text": self.text, "level": self.level, **title}

    def html(self) -> str:
        """Write the line."""
        role = ' role="alert"' if self.level == "alert" else ""
        kind = f' data-level="{self.level}"{role}' if self.level else ""
        title = f' title="{formatting.escape(self.title)}"' if self.title else ""
        return f'<div class="nbhooks-line"{kind}{title}>{formatting.escape(self.text)}</div>'

    def plain(self) -> str:
        """Write it without any markup."""
        return self.text


@dataclass(frozen=True, slots=True)
class Table:
    """Rows below their heads.

    Attributes:
        heads: the names of the columns.
        rows: from top to bottom.
        more: says how many rows were left out, ``""`` where none was.
    """

    heads: tuple[str, ...]
    rows: tuple[Row, ...]
    more: str = ""

    def json(self) -> Any:
        """Give a plain value."""
        rows, keys = [row.json() for row in self.rows], Counter[str]()
        for row in rows:  # two long names may have been cut to the same
            keys[row["key"]] += 1
            if keys[row["key"]] > 1:
                row["key"] += f" {keys[row['key']]}"
        return {"type": "table", "heads": list(self.heads), "rows": rows, "more": self.more}

    def html(self) -> str:
        """Write the table."""
        head = "".join(f"<th>{formatting.escape(name)}</th>" for name in self.heads)
        rows = "".join(row.html() for row in self.rows)
        below = Text(self.more).html() if self.more else ""
        return (
            f'<table class="nbhooks-table"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>{below}'
        )

    def plain(self) -> str:
        """Write a line a row."""
        lines = ["  ".join(filter(None, (cell.text for cell in row.cells))) for row in self.rows]
        return "\n".join([*lines, *([self.more] if self.more else [])])


@dataclass(frozen=True, slots=True)
class Bar:
    """How far something has come.

    Attributes:
        value: from 0 to `most`.
        most: None where nobody knows.
    """

    value: int
    most: int | None

    def json(self) -> Any:
        """Give a plain value."""
        return {"type": "bar", "value": self.value, "max": self.most}

    def html(self) -> str:
        """Write the element; nothing where the end is not known."""
        if self.most is None:
            return ""
        return f'<progress max="{self.most}" value="{self.value}" aria-label="progress"></progress>'

    def plain(self) -> str:
        """Write the share that is done."""
        return "" if self.most is None else f"{formatting.share(self.value, self.most)} %"


@dataclass(frozen=True, slots=True)
class Code:
    """Text in which every column counts, such as an array.

    Attributes:
        text: hostile until escaped.
    """

    text: str

    def json(self) -> Any:
        """Give a plain value."""
        return {"type": "code", "text": self.text}

    def html(self) -> str:
        """Write the element."""
        return f'<pre class="nbhooks-values">{formatting.escape(self.text)}</pre>'

    def plain(self) -> str:
        """Write it as it is."""
        return self.text


@dataclass(frozen=True, slots=True)
class Choice:
    """Something that a page can choose; its answer reaches the panel's `choose`.

    Attributes:
        name: which choice of the panel it is.
        options: pairs of a value and its words.
        value: what is chosen.
    """

    name: str
    options: tuple[tuple[str, str], ...]
    value: str

    def json(self) -> Any:
        """Give a plain value."""
        options = [list(option) for option in self.options]
        return {"type": "choice", "name": self.name, "options": options, "value": self.value}

    def html(self) -> str:
        """Write nothing: a picture cannot be asked."""
        return ""

    def plain(self) -> str:
        """Write nothing."""
        return ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A line to type into; what is typed reaches the panel's `command`.

    Attributes:
        name: of what is asked for.
        label: of the button.
        hint: shown while the line is empty.
    """

    name: str
    label: str
    hint: str

    def json(self) -> Any:
        """Give a plain value."""
        return {"type": "entry", "name": self.name, "label": self.label, "hint": self.hint}

    def html(self) -> str:
        """Write nothing: a picture takes no text."""
        return ""

    def plain(self) -> str:
        """Write nothing."""
        return ""


Block: TypeAlias = Text | Table | Bar | Code | Choice | Entry


def name_cell(text: str) -> Cell:
    """Make the cell of a hostile name, cut to what a page has room for; the hover has more of it."""
    return Cell(formatting.name(text), _hover(text), "name")


def text_cell(text: str, kind: Literal["", "name", "number", "path"] = "", whole: str = "") -> Cell:
    """Make a cell of hostile text; the hover has `whole`, or the text itself where a column may cut it."""
    return Cell(formatting.name(text), formatting.tip(whole) if whole else _hover(text), kind)


def number_cell(text: str) -> Cell:
    """Make the cell of a number that is written already."""
    return Cell(text, "", "number")


def _hover(text: str) -> str:
    return formatting.tip(text) if len(text) > formatting.SHORT else ""


def more(left_out: int, what: str) -> str:
    """Say how many rows a table left out, ``""`` if there are none."""
    return f"and {formatting.count(left_out)} {what}" if left_out > 0 else ""


def to_json(blocks: Sequence[Block]) -> list[Any]:
    """Give what a page renders: dicts, lists, strings and numbers."""
    return [block.json() for block in blocks]


def to_html(blocks: Sequence[Block]) -> str:
    """Write blocks as HTML that needs no script; every text in it is escaped."""
    return "".join(block.html() for block in blocks)


def to_text(blocks: Sequence[Block]) -> str:
    """Write blocks as plain text, a line or more each."""
    return "\n".join(filter(None, (block.plain() for block in blocks)))
