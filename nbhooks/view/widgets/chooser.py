"""Chooses what a board of saved runs shows: the step, the runs, the tag to compare."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anywidget
import traitlets

from nbhooks.model.commands import Command, Compare, OpenPanels, Seek, SelectTag, StopWatching
from nbhooks.view import formatting

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Choice:
    """A run that can be chosen.

    Attributes:
        name: of the run. Hostile until escaped.
        hue: the number of its colour where it is compared, None where it is not.
        open: whether its panels are shown.
    """

    name: str
    hue: int | None
    open: bool


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is chosen, and what there is to choose from.

    Attributes:
        runs: all there are.
        most: how many are compared at most.
        tags: of the runs that are compared.
        tag: which of them.
        first: the lowest step of the runs that are shown or compared.
        last: the highest.
        step: the cursor, None for the latest of everything.
        status: of the watching, ``""`` where nothing is watched.
        watching: whether it can be stopped.
    """

    runs: tuple[Choice, ...]
    most: int
    tags: tuple[str, ...]
    tag: str
    first: int
    last: int
    step: int | None
    status: str = ""
    watching: bool = False


class Chooser(anywidget.AnyWidget):
    """A slider over the steps; of several runs a list to pick from, and a choice of tags.

    The page sends what was clicked and never what is chosen, so that a reloaded page shows the state.

    Args:
        submit: called with the command for a click. What a page sends is not trusted: a message that makes
            no valid command is ignored.
        ready: called when a page has loaded.

    Example:
        >>> chooser = Chooser(print, ready=lambda: None)
        >>> chooser.show(Chosen((), 8, (), "", 0, 100, None))
        >>> chooser.chosen["last"]
        100
    """

    _esm = (_HERE / "chooser.js").read_text("utf-8")  # as in chart.py
    _css = (_HERE / "style.css").read_text("utf-8")
    # What changes seldom, and may be long, travels by itself.
    runs: Any = traitlets.List().tag(sync=True)
    tags: Any = traitlets.List().tag(sync=True)
    chosen = traitlets.Dict().tag(sync=True)

    def __init__(self, submit: Callable[[Command], object], ready: Callable[[], object]) -> None:
        """Make the widget, with nothing to choose from yet."""
        super().__init__(**_traits(Chosen((), 0, (), "", 0, 0, None)))
        self._submit, self._ready = submit, ready
        self._names: dict[
            str, str
        ] = {}  # of runs as the page has them: what cannot be sent is replaced there
        self.on_msg(self._receive)

    def _receive(self, _: object, content: Mapping[str, Any], __: object) -> None:
        if content.get("type") == "ready":
            self._ready()
        elif (command := _command(content)) is not None:
            if isinstance(command, (Compare, OpenPanels)):
                command = replace(command, run=self._names.get(command.run, command.run))
            self._submit(command)

    def show(self, chosen: Chosen) -> None:
        """Send the page what is chosen, as far as it has changed."""
        self._names = {formatting.valid(run.name): run.name for run in chosen.runs}
        with self.hold_sync():
            for name, value in _traits(chosen).items():
                setattr(self, name, value)

    def next(self) -> None:
        """Report that the requested step is shown. A page requests one at a time: drags must not pile up."""
        self.send({"type": "sought"})


def _command(content: Mapping[str, Any]) -> Command | None:
    """Make the command that a message of the page asks for, or None where it is malformed."""
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
        case {"type": "stop"}:
            command = StopWatching()
    return command


def _is_step(step: float) -> bool:
    """Whether a number fits a step: an int64, and not a bool, which Python counts as an int."""
    return not isinstance(step, bool) and math.isfinite(step) and -(2**63) <= step < 2**63


def _traits(chosen: Chosen) -> dict[str, Any]:
    values = asdict(chosen)
    values["runs"] = [{**run, "name": formatting.valid(run["name"])} for run in values["runs"]]
    values["tag"] = formatting.valid(values["tag"])
    values["tags"] = [formatting.valid(tag) for tag in values["tags"]]
    values["status"] = formatting.valid(values["status"])
    return {"runs": list(values.pop("runs")), "tags": list(values.pop("tags")), "chosen": values}
