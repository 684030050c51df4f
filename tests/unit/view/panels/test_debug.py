"""Holds the debugger's panel to what is watched, armed, set and evaluated."""

from __future__ import annotations

import pytest
from drawn_panels import read
from markup import HOSTILE

from nbhooks.model.commands import Pause, Watch
from nbhooks.model.debugging import Armed, Debugging, Field, Turn, Watched
from nbhooks.model.records import Source
from nbhooks.view.panels.debug import DebugPanel

FULL = Debugging(
    "mine",
    1.0,
    40,
    paused=True,
    reason="loss < 2: 1.6",
    stop_runs_once=True,
    watched=(
        Watched("loss", "float32", "()"),
        Watched("x", "float32", "(?, 8)", "this run does not compute it"),
    ),
    conditions=(
        Armed("loss < 2", note="loss < 2: 1.6 at step 40"),
        Armed("broken", on=False, note="KeyError"),
    ),
    fields=(Field("rate", "fed", "float32", 0.5, set=True), Field("on", "variable", "bool", value=True)),
    turns=(Turn("session.run", "update, loss", "None, 1.6"), Turn("StepCounterHook", "", "")),
    last=((39, 2.5), (40, 1.6)),
    evaluated=(("weights", "[1. 2.]"),),
    note="it was refused",
)


def test_a_panel_before_anything() -> None:
    assert read("debug").text == "no session yet"


def test_everything_is_shown() -> None:
    markup = read("debug", FULL)
    for shown in ("it was refused", "A Stop still makes the run", "its values from step 39 on: 2.5 · 1.6"):
        assert shown in markup.text
    cells = "|".join(markup.cells)
    for row in (
        ("loss < 2", "on", "loss < 2: 1.6 at step 40"),
        ("broken", "off", "KeyError"),
        ("x", "(?, 8)", "float32", "this run does not compute it"),
        ("rate", "0.5", "fed"),
        ("on", "true", "variable"),
        ("session.run", "update, loss", "None, 1.6"),
        ("weights", "[1. 2.]"),
    ):
        assert "|".join(row) in cells


def test_hostile_names_are_text() -> None:
    for name in HOSTILE:
        full = Debugging(
            "mine",
            1.0,
            watched=(Watched(name, name, name, name),),
            conditions=(Armed(name, note=name),),
            fields=(Field(name, name, name, 1.0),),
            turns=(Turn(name, name, name),),
            evaluated=((name, name),),
            note=name,
        )
        assert name in read("debug", full).text


def test_an_entry_is_a_command_and_anything_else_is_none() -> None:
    panel = DebugPanel(Source("mine", "debug"))
    assert panel.command("watch", "loss") == Watch("loss")
    assert panel.command("pause", "") == Pause()
    assert panel.command("tensor", "loss") is None


@pytest.mark.parametrize(
    ("state", "news"),
    [
        (FULL, "paused: loss < 2: 1.6"),
        (Debugging("mine", 1.0), "nothing watched"),
        (
            Debugging("mine", 1.0, watched=FULL.watched, conditions=FULL.conditions),
            "2 tensors watched, 2 conditions",
        ),
    ],
)
def test_news(state: Debugging, news: str) -> None:
    class View:
        def latest(self, _: object) -> Debugging:
            return state

    assert DebugPanel(Source("mine", "debug")).news(View()) == news
