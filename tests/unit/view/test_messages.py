"""Holds what a page says to what it may say: everything else is nothing, whatever it holds."""

from __future__ import annotations

from typing import Any

import pytest
from drawn_boards import Make, life, open_page, static

from nbhooks.model.commands import Compare, OpenPanels, Seek, SelectTag, StopWatching
from nbhooks.view.messages import SEEN, Choose, Ready, Sight, StopPart, parse


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"type": "ready", "page": "a"}, Ready()),
        ({"type": "ready"}, Ready()),
        ({"type": "sight", "page": "a"}, Sight("a")),
        (
            {"type": "sight", "page": "a", "cards": [["p0", "k1"], ["p1", "k0"], ["p0", "k0"]], "log": True},
            Sight("a", {"p0": ("k1", "k0"), "p1": ("k0",)}, log=True),
        ),
        ({"type": "sight", "page": "a", "sections": [["p0", "X"]]}, Sight("a", {}, {"p0": ("X",)})),
        ({"type": "stop", "part": "p0"}, StopPart("p0")),
        ({"type": "stop", "chooser": True}, StopWatching()),
        (
            {"type": "choose", "part": "p0", "section": "X", "name": "values", "value": "w"},
            Choose("p0", "X", "values", "w"),
        ),
        ({"type": "seek", "step": None}, Seek(None)),
        ({"type": "seek", "step": 5.0}, Seek(5)),
        ({"type": "tag", "tag": "loss"}, SelectTag("loss")),
        ({"type": "compare", "run": "a", "on": True}, Compare("a", on=True)),
        ({"type": "panels", "run": "a", "on": False}, OpenPanels("a", on=False)),
    ],
    ids=str,
)
def test_what_a_page_may_say(content: Any, message: object) -> None:
    assert parse(content) == message


SENSELESS = [
    None,
    "ready",
    [],
    {},
    {"type": None},
    {"type": ["ready"]},
    {"type": "sight"},
    {"type": "sight", "page": 3},
    {"type": "sight", "page": "x" * 1000},
    {"type": "stop"},
    {"type": "stop", "part": 0},
    {"type": "stop", "chooser": "yes"},
    {"type": "choose", "part": "p0", "section": "X", "name": "values"},
    {"type": "choose", "part": "p0", "section": "X", "name": "values", "value": None},
    {"type": "seek", "step": float("nan")},
    {"type": "seek", "step": 2**63},
    {"type": "seek", "step": True},
    {"type": "compare", "run": "a", "on": 1},
]


@pytest.mark.parametrize("content", SENSELESS, ids=str)
def test_what_a_page_may_not_say_is_nothing(content: Any) -> None:
    assert parse(content) is None


@pytest.mark.parametrize(
    "cards",
    [
        None,
        "p0",
        {"p0": "k0"},
        [["p0"]],
        [["p0", "k0", "k1"]],
        [["p0", 3]],
        [[None, "k0"]],
        ["p0", "k0"],
        [[]],
    ],
    ids=str,
)
def test_malformed_sights_are_empty(cards: Any) -> None:
    assert parse({"type": "sight", "page": "a", "cards": cards}) == Sight("a")


def test_a_sight_is_bounded() -> None:
    sight = parse({"type": "sight", "page": "a", "cards": [["p0", f"k{n}"] for n in range(10**5)]})
    assert isinstance(sight, Sight)
    assert len(sight.cards["p0"]) == SEEN


HARMLESS = [
    {"type": "sight", "page": "b", "cards": [["p9", "k0"], ["p0", "k99"], ["p0", "__proto__"]]},
    {"type": "sight", "page": "b", "sections": [["p0", "unknown"], ["", ""]]},
    {"type": "choose", "part": "p9", "section": "X", "name": "values", "value": "w"},
    {"type": "choose", "part": "p0", "section": "X", "name": "values", "value": "w"},
    {"type": "choose", "part": "p0", "section": "StepCounterHook", "name": "values", "value": "w"},
    {"type": "stop", "part": "p9"},
    {"type": "stop", "chooser": True},
    {"type": "seek", "step": 3},
    {"type": "tag", "tag": "loss"},
]


@pytest.mark.parametrize("content", [*SENSELESS, *HARMLESS], ids=str)
def test_no_message_changes_what_a_board_shows_or_raises(boards: Make, content: Any) -> None:
    board = boards()
    life(board.write)
    page = open_page(board)
    before = static(board), len(page.messages)
    board._front_end.widget._handle_custom_msg(content, [])
    assert (static(board), len(page.messages)) == before
