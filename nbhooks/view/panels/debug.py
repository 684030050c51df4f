"""The debugger: what is watched, at what to pause, what can be changed, and where the run stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbhooks.model.debugging import Debugging
from nbhooks.model.kinds import SourceKind
from nbhooks.view import formatting, requests
from nbhooks.view.blocks import Cell, Choice, Entry, Row, Table, Text, more, name_cell, number_cell
from nbhooks.view.panels.panel import Panel

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from nbhooks.model.commands import Command
    from nbhooks.model.snapshot import Snapshot, SourceView
    from nbhooks.view.blocks import Block

ROWS = 100
"""Rows of a table at most."""


class DebugPanel(Panel):
    """Tables of what a debugger has, and entries that ask it for more.

    Example:
        >>> from nbhooks.model.records import Source
        >>> DebugPanel(Source("NotebookDebugHook", "debug")).command("watch", "loss")
        Watch(name='loss')
    """

    kind = SourceKind.DEBUG

    def body(self, view: SourceView, snapshot: Snapshot) -> list[Block]:
        """Make the tables and the entries."""
        state = view.latest(Debugging)
        if state is None:
            return [Text("no session yet")]
        here: list[Block] = []
        if state.note:
            here.append(Text(formatting.name(state.note), "warning"))
        if state.closing and state.paused:
            here.append(Text("No further run comes: Resume lets the session close."))
        elif state.stop_runs_once and state.paused:
            here.append(Text("A Stop still makes the run that has begun.", "muted"))
        ended = snapshot.state is not None and snapshot.state.phase.ended
        return [
            *here,
            *_conditions(state, ended=ended),
            *_watched(state, ended=ended),
            *_changes(state),
            *_around(state),
        ]

    def news(self, view: SourceView) -> str:
        """Say why it is paused, or how much is watched."""
        state = view.latest(Debugging)
        if state is None:
            return "no session yet"
        if state.paused:
            return formatting.name(f"paused: {state.reason}" if state.reason else "paused")
        watched, armed = len(state.watched), len(state.conditions)
        found = (
            formatting.plural(watched, "tensor") + " watched" if watched else "",
            formatting.plural(armed, "condition") if armed else "",
        )
        return ", ".join(filter(None, found)) or "nothing watched"

    def command(self, name: str, value: str) -> Command | None:
        """Make the command that was asked for."""
        return requests.command(name, value)


def _conditions(state: Debugging, *, ended: bool) -> list[Block]:
    rows = [
        Row((name_cell(one.text), Cell("on" if one.on else "off"), _words(one.note)), one.text)
        for one in state.conditions[:ROWS]
    ]
    blocks = _table(("pauses when", "", ""), rows, len(state.conditions))
    if state.last:
        values = " · ".join(f"{formatting.number(value)}" for _, value in state.last)
        first = formatting.count(state.last[0][0])
        blocks.append(Text(f"its values from step {first} on: {values}"))
    if not ended:
        blocks.append(Entry("pause when", "pause when", "loss > 3"))
        blocks += _removal("remove", "remove a condition …", (one.text for one in state.conditions))
    return blocks


def _watched(state: Debugging, *, ended: bool) -> list[Block]:
    rows = [
        Row(
            (name_cell(one.name), Cell(formatting.valid(one.shape)), Cell(one.dtype), _words(one.note)),
            one.name,
        )
        for one in state.watched[:ROWS]
    ]
    blocks = _table(("watched", "shape", "dtype", ""), rows, len(state.watched))
    if not ended:
        blocks.append(Entry("watch", "watch", "name of a tensor"))
        blocks += _removal("unwatch", "watch no more …", (one.name for one in state.watched))
    return blocks


def _changes(state: Debugging) -> list[Block]:
    rows = [
        Row(
            (name_cell(one.name), _value(one.value), Cell("fed" if one.set else one.kind)),
            one.name,
        )
        for one in state.fields[:ROWS]
    ]
    blocks = _table(("can be set", "value", ""), rows, len(state.fields))
    if state.fields:
        blocks.append(Entry("set", "set", "name = number"))
        blocks += _removal("unset", "set no more …", (one.name for one in state.fields if one.set))
    return blocks


def _around(state: Debugging) -> list[Block]:
    rows = [
        Row((name_cell(one.hook), name_cell(one.asked), name_cell(one.got)), f"{number} {one.hook}")
        for number, one in enumerate(state.turns[:ROWS])
    ]
    blocks = _table(("in the last run", "asked for", "got"), rows, len(state.turns))
    found = [Row((name_cell(name), name_cell(value)), name) for name, value in state.evaluated]
    blocks += _table(("evaluated", "value"), found, len(found))
    if state.paused:
        blocks.append(Entry("evaluate", "evaluate", "names of tensors"))
    return blocks


def _table(heads: tuple[str, ...], rows: Sequence[Row], count: int) -> list[Block]:
    return [Table(heads, tuple(rows), more(count - ROWS, "more"))] if rows else []


def _removal(name: str, words: str, values: Iterable[str]) -> list[Block]:
    options = tuple((formatting.valid(value), formatting.name(value)) for value in list(values)[:ROWS])
    return [Choice(name, (("", words), *options), "")] if options else []


def _words(text: str) -> Cell:
    return Cell(formatting.name(text))


def _value(value: float) -> Cell:
    return number_cell(str(value).lower() if isinstance(value, bool) else formatting.number(value))
