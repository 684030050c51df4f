"""What is chosen on a board of saved runs, and what there is to choose from: step, runs, tag."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from nbhooks.view import formatting


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

    Example:
        >>> Chosen((), 8, (), "", 0, 100, None).json()["last"]
        100
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

    def json(self) -> dict[str, Any]:
        """Give plain values, as a page is sent them."""
        values = asdict(self)
        values["runs"] = [{**run, "name": formatting.valid(run["name"])} for run in values["runs"]]
        values["tags"] = [formatting.valid(tag) for tag in self.tags]
        values["tag"], values["status"] = formatting.valid(self.tag), formatting.valid(self.status)
        return values
