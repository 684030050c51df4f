"""What a board of saved runs is asked to show: the step, the runs, the tag to compare."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anywidget
import traitlets

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
        told: how the watching stands, ``""`` where nothing is watched.
        watching: whether it can be stopped.
    """

    runs: tuple[Choice, ...]
    most: int
    tags: tuple[str, ...]
    tag: str
    first: int
    last: int
    step: int | None
    told: str = ""
    watching: bool = False


class Chooser(anywidget.AnyWidget):
    """A slider over the steps; of several runs a list to pick from, and a choice of tags.

    The page says what was clicked and never what is chosen, so that one that is reloaded shows what is so.

    Args:
        act: told what was clicked: its ``"type"`` is ``"seek"``, ``"compare"``, ``"panels"``, ``"tag"`` or
            ``"stop"``.
        greet: called when the page says hello.

    Example:
        >>> chooser = Chooser(print, greet=lambda: None)
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

    def __init__(self, act: Callable[[Mapping[str, Any]], object], greet: Callable[[], object]) -> None:
        """Make the widget, with nothing to choose from yet."""
        super().__init__(**_traits(Chosen((), 0, (), "", 0, 0, None)))
        self._act, self._greet = act, greet
        self.on_msg(self._hear)

    def _hear(self, _: object, content: Mapping[str, Any], __: object) -> None:
        if content.get("type") == "ready":
            self._greet()
            return
        self._act(content)

    def show(self, chosen: Chosen) -> None:
        """Tell the page what is chosen, as far as it has changed."""
        with self.hold_sync():
            for name, value in _traits(chosen).items():
                setattr(self, name, value)

    def next(self) -> None:
        """Say that the step asked for is shown: a page asks for one at a time, lest a drag pile up."""
        self.send({"type": "sought"})


def _traits(chosen: Chosen) -> dict[str, Any]:
    told = asdict(chosen)
    told["runs"] = [{**run, "name": formatting.valid(run["name"])} for run in told["runs"]]
    told["tag"], told["tags"] = formatting.valid(told["tag"]), [formatting.valid(tag) for tag in told["tags"]]
    told["told"] = formatting.valid(told["told"])
    return {"runs": list(told.pop("runs")), "tags": list(told.pop("tags")), "chosen": told}
