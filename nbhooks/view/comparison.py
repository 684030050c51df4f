"""One tag of several saved runs in one card, each run in a colour of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from nbhooks.figures import Mark, MarkKind, Plot
from nbhooks.view import formatting
from nbhooks.view.cards import end_of
from nbhooks.view.outbox import Held

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from nbhooks.model.recording import Recording
    from nbhooks.model.series import SeriesView, Tail
    from nbhooks.model.snapshot import Snapshot

_NOTHING = Held()


class Compared(NamedTuple):
    """A run that is compared.

    Attributes:
        hue: the number of its colour.
        recording: where its series are.
        snapshot: of it.
    """

    hue: int
    recording: Recording
    snapshot: Snapshot


class _Line(NamedTuple):
    run: str
    hue: int
    recording: Recording
    source: str


class Comparison:
    """The first part of a board of several runs (see `nbhooks.view.outbox.Part`): a card with a line a run.

    Example:
        >>> comparison = Comparison()
        >>> comparison.compare("loss", {})
        >>> comparison.cards[0]["tag"]
        'loss'
    """

    key = "compare"

    def __init__(self) -> None:
        """Begin with nothing to compare."""
        self.head: dict[str, Any] = {"name": "runs compared", "state": "compared", "words": ""}
        self.attention: list[dict[str, str]] = []
        self.cards: list[dict[str, Any]] = []
        self.lines: dict[str, list[dict[str, Any]]] = {}
        self.marks: dict[str, Any] = {"restarts": [], "checkpoints": [], "cursor": None}
        self.sections: list[dict[str, Any]] = []
        self.news: dict[str, str] = {}
        self._shown: tuple[str, tuple[_Line, ...]] | None = None
        self._made = 0
        self._plot = Plot("", "", {})

    def compare(self, tag: str, runs: Mapping[str, Compared]) -> None:
        """Show a tag.

        Args:
            tag: its name.
            runs: those that are compared, by their names.
        """
        found = {run: (one, tagged(one.snapshot).get(tag)) for run, one in runs.items()}
        drawn = {run: (one, *hit) for run, (one, hit) in found.items() if hit is not None}
        lines = tuple(_Line(run, one.hue, one.recording, source) for run, (one, source, _) in drawn.items())
        if (tag, lines) != self._shown:
            self._shown = tag, lines
            self._list(tag, lines)
        snapshots = [one.snapshot for one, _, _ in drawn.values()]
        restarts = {step for one in snapshots for step in one.restarts if step is not None}
        cursor = next((one.snapshot.cursor for one in runs.values()), None)
        self.marks = {"restarts": sorted(restarts), "checkpoints": [], "cursor": cursor}
        marks = [
            Mark(step, f"{run}: a new session begins", MarkKind.RESTART)
            for run, (one, _, _) in drawn.items()
            for step in one.snapshot.restarts
            if step is not None
        ]
        marks += [
            Mark(step, f"{run} is not finite", MarkKind.NONFINITE)
            for run, (_, _, series) in drawn.items()
            for step in series.marks
        ]
        views = {run: series for run, (_, _, series) in drawn.items()}
        hues = tuple(line.hue for line in lines)
        self._plot = Plot(tag, "", views, tuple(marks), cursor=cursor, hues=hues)

    def _list(self, tag: str, lines: tuple[_Line, ...]) -> None:
        """List a card with a key of its own: what pages have of the one before is of no use for it."""
        key = f"k{self._made}"
        self._made += 1
        name = end_of(tag)
        card = {"key": key, "tag": name, "label": name, "group": "", "source": "", "first": True, "unit": ""}
        self.cards = [card]
        self.lines = {key: [{"name": formatting.name(one.run), "hue": one.hue} for one in lines]}

    def plots(self) -> list[Plot]:
        """Return what is compared, for a figure."""
        return [self._plot]

    def content(self, section: str) -> None:
        """Give nothing: there are no sections."""

    def tails(
        self, cards: Iterable[str], held: Mapping[tuple[str, int], Held]
    ) -> list[tuple[str, int, Tail]]:
        """Give the bins that a page does not have."""
        if self._shown is None or self.cards[0]["key"] not in cards:
            return []
        tag, lines = self._shown
        key = self.cards[0]["key"]
        found = []
        for number, line in enumerate(lines):
            wanted = (line.source, tag, *held.get((key, number), _NOTHING))
            [tail] = line.recording.store.tails([wanted])
            if tail is not None:
                found.append((key, number, tail))
        return found


def tagged(snapshot: Snapshot) -> dict[str, tuple[str, SeriesView]]:
    """Return every series of a run by its tag, with its source."""
    return {tag: (view.source, series) for view in snapshot.sources for tag, series in view.series.items()}
