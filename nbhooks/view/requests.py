"""What a page can ask of a run, as a name and a text: the command that it means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbhooks.model import commands

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from nbhooks.model.commands import Command

LONGEST = 2000
"""Characters of a text; nobody types more, and a name of the graph is shorter."""

DIGITS = 18
"""Of a whole number, so that it fits a step."""


def _number(text: str) -> int:
    text = text.strip()
    if not (text.isascii() and text.isdigit() and len(text) <= DIGITS):
        raise ValueError(f"a whole number is needed, not {text[:40]!r}")
    return int(text)


def _value(text: str) -> float | int | bool:
    """Read a number as a field has it."""
    known = {"true": True, "false": False}.get(text.strip().lower())
    if known is not None:
        return known
    try:
        return int(text)
    except ValueError:
        return float(text)


def _set(text: str) -> Command:
    name, separator, value = text.rpartition("=")
    if not separator or not name.strip():
        raise ValueError(f"a name, = and a number are needed, not {text[:40]!r}")
    return commands.SetValue(name.strip(), _value(value))


def _named(text: str) -> str:
    if not text.strip():
        raise ValueError("a name is needed")
    return text.strip()


def _names(text: str) -> tuple[str, ...]:
    return tuple(_named(text).replace(",", " ").split())


_MADE: Mapping[str, Callable[[str], Command]] = {
    "pause": lambda _: commands.Pause(),
    "step": lambda text: commands.Step(_number(text)),
    "until": lambda text: commands.UntilStep(_number(text)),
    "resume": lambda _: commands.Resume(),
    "save": lambda _: commands.Save(),
    "watch": lambda text: commands.Watch(_named(text)),
    "unwatch": lambda text: commands.Unwatch(_named(text)),
    "pause when": lambda text: commands.AddCondition(_named(text)),
    "remove": lambda text: commands.RemoveCondition(_named(text)),
    "set": _set,
    "unset": lambda text: commands.Unset(_named(text)),
    "evaluate": lambda text: commands.Evaluate(_names(text)),
}


def command(name: str, text: str) -> Command | None:
    """Make the command that a page asks for, None where there is no such.

    Args:
        name: such as ``"step"``.
        text: what was typed, such as ``"5"``; of no matter where nothing is.

    Example:
        >>> command("step", "5")
        Step(count=5)
        >>> command("set", "learning_rate = 0.1")
        SetValue(name='learning_rate', value=0.1)
        >>> command("step", "many") is None
        True
    """
    make = _MADE.get(name)
    if make is None or len(text) > LONGEST:
        return None
    try:
        return make(text)
    except (ValueError, OverflowError):
        return None
