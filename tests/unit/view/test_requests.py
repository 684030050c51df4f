"""What a page can ask of a run: each text is a command, or nothing."""

from __future__ import annotations

import pytest

from nbhooks.model.commands import (
    AddCondition,
    Command,
    Evaluate,
    Pause,
    RemoveCondition,
    Resume,
    Save,
    SetValue,
    Step,
    Unset,
    UntilStep,
    Unwatch,
    Watch,
)
from nbhooks.view import messages, requests


@pytest.mark.parametrize(
    ("name", "text", "command"),
    [
        ("pause", "", Pause()),
        ("step", "3", Step(3)),
        ("until", " 500 ", UntilStep(500)),
        ("resume", "", Resume()),
        ("save", "", Save()),
        ("watch", " loss ", Watch("loss")),
        ("unwatch", "loss", Unwatch("loss")),
        ("pause when", "loss > 3", AddCondition("loss > 3")),
        ("remove", "loss > 3", RemoveCondition("loss > 3")),
        ("set", "rate = 0.1", SetValue("rate", 0.1)),
        ("set", "count=3", SetValue("count", 3)),
        ("set", "on = true", SetValue("on", value=True)),
        ("unset", "rate", Unset("rate")),
        ("evaluate", "loss, weights:0", Evaluate(("loss", "weights:0"))),
    ],
)
def test_a_text_is_a_command(name: str, text: str, command: Command) -> None:
    assert requests.command(name, text) == command
    assert messages.parse({"type": "ask", "part": "p0", "name": name, "value": text}) == messages.Ask(
        "p0", command
    )


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("stop everything", ""),
        ("step", "-1"),
        ("step", "1.5"),
        ("step", "9" * 19),
        ("step", "٣"),
        ("until", ""),
        ("watch", "   "),
        ("watch", "x" * 2001),
        ("set", "0.1"),
        ("set", "rate = fast"),
        ("set", "= 1"),
        ("evaluate", ""),
    ],
)
def test_what_means_nothing_is_no_command(name: str, text: str) -> None:
    assert requests.command(name, text) is None
    assert messages.parse({"type": "ask", "part": "p0", "name": name, "value": text}) is None


@pytest.mark.parametrize(
    "content", [{}, {"name": "pause"}, {"name": "pause", "value": 1}, {"name": 1, "value": ""}]
)
def test_a_malformed_message_is_nothing(content: dict[str, object]) -> None:
    assert messages.parse({"type": "ask", "part": "p0", **content}) is None
