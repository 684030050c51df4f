"""Holds blocks to one meaning in JSON, in HTML and as text, and to text that stays text."""

from __future__ import annotations

import json

import pytest
from markup import HOSTILE, Markup

from nbhooks.view import blocks
from nbhooks.view.blocks import Bar, Bars, Cell, Choice, Code, Image, Row, Table, Text, Trend

PIXEL = "data:image/png;base64,iVBORw0KGgo="


def every(word: str) -> list[blocks.Block]:
    """Every block, with a word wherever there is one."""
    cells = (
        Cell(word, word, "name"),
        Cell(word),
        Trend((0, 50, 99), word),
        Bars((0.5, 1.0)),
        Image(PIXEL, word),
    )
    return [
        Text(word, "alert", word),
        Table((word, "b"), (Row(cells, word, word),), word),
        Bar(3, 10),
        Code(word),
        Choice(word, ((word, word),), word),
    ]


@pytest.mark.parametrize("word", HOSTILE)
def test_hostile_text_becomes_no_element(word: str) -> None:
    read, expected = (Markup(blocks.to_html(every(one))) for one in (word, "x" * len(word)))
    assert read.elements == expected.elements
    assert read.values("title") == [word, word]
    assert word in read.text


@pytest.mark.parametrize("word", HOSTILE)
def test_json_has_the_text_itself(word: str) -> None:
    sent = json.loads(json.dumps(blocks.to_json(every(word)), allow_nan=False))
    assert [block["type"] for block in sent] == ["text", "table", "bar", "code", "choice"]
    assert sent[0] == {"type": "text", "text": word, "level": "alert", "title": word}
    assert sent[1]["heads"] == [word, "b"]
    assert sent[1]["rows"][0]["cells"] == [
        {"text": word, "title": word, "kind": "name"},
        word,
        {"trend": [0, 50, 99], "text": word},
        {"bars": [0.5, 1.0]},
        {"image": PIXEL, "alt": word},
    ]
    assert sent[2] == {"type": "bar", "value": 3, "max": 10}
    assert sent[4] == {"type": "choice", "name": word, "options": [[word, word]], "value": word}


def test_text_is_what_there_is_to_read() -> None:
    assert blocks.to_text(every("x")).splitlines() == ["x", "x  x  x  x", "x", "30 %", "x"]


@pytest.mark.parametrize(
    "source",
    [
        "javascript:alert(1)",
        "https://example.com/a.png",
        "data:image/svg+xml;base64,AAAA",
        "data:text/html;base64,AAAA",
        'data:image/png;base64,AAAA" onerror="alert(1)',
        "data:image/png;base64,AAAA\n",
        " data:image/png;base64,AAAA",
        "",
    ],
)
def test_an_image_is_a_data_uri_of_a_picture_and_nothing_else(source: str) -> None:
    with pytest.raises(ValueError, match="a data URI of a PNG, JPEG or GIF is needed"):
        Image(source)


def test_rows_of_a_table_have_keys_of_their_own() -> None:
    long = "x" * 600
    rows = tuple(Row((blocks.name_cell(tag),), blocks.formatting.name(tag)) for tag in (long, long + "y"))
    first, second = Table(("tag",), rows).json()["rows"]
    assert first["key"] != second["key"]


def test_a_long_cell_is_cut_and_says_how_much_there_is() -> None:
    cell = blocks.name_cell("x" * 600)
    assert (len(cell.text), cell.text[-1]) == (500, "…")
    assert cell.title.endswith("… (600 characters, in the frames)")
    assert blocks.name_cell("short").title == ""
    assert blocks.text_cell("short", "path", "/a/longer/path/of/it").title == "/a/longer/path/of/it"


def test_a_bar_without_an_end_is_no_element() -> None:
    assert Bar(3, None).html() == Bar(3, None).plain() == ""
    assert Bar(3, None).json() == {"type": "bar", "value": 3, "max": None}
