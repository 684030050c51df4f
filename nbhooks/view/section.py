"""One recording's part of a board: its head, cards and panels, made of one snapshot."""

from __future__ import annotations

import operator
import threading
import time
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from nbhooks.figures import Mark, MarkKind, Plot
from nbhooks.model.commands import Pause, Stop
from nbhooks.model.records import Checkpoint, Source
from nbhooks.view import attention, blocks, formatting, head
from nbhooks.view.cards import Cards
from nbhooks.view.head import Controls
from nbhooks.view.outbox import Held
from nbhooks.view.panels import panel_for
from nbhooks.view.panels.panel import checkpoint_marks, restart_marks

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from nbhooks.model.commands import Command
    from nbhooks.model.lifecycle import Phase
    from nbhooks.model.recording import Recording
    from nbhooks.model.series import SeriesView, Tail
    from nbhooks.model.snapshot import Snapshot
    from nbhooks.view.blocks import Block
    from nbhooks.view.cards import Card
    from nbhooks.view.panels.panel import Panel
    from nbhooks.view.saved import SavedRun

GRACE = 2.0
"""Seconds after which a session that is gone without an error counts as died: it may be recovering."""

CHECKPOINTS = 60
"""Checkpoints that are marked in the cards, the latest."""

LOSSES = 3
"""Loss-like tags by which a recording's health is judged where no hook does so."""

_NOTHING = Held()


class Board(Protocol):
    """What a section calls of the board it is part of."""

    @property
    def live(self) -> bool:
        """Whether a page has reported that it is ready."""

    def request(self, *, urgent: bool = False) -> None:
        """Draw soon: a record was written. Must neither block nor raise."""

    def recording_ended(self) -> None:
        """Draw once more: the section's recording has ended."""


class Section:
    """Shows one recording; an observer of it, and a part of the board's messages.

    Attributes:
        key: its name in messages.
        recording: what it shows.
        panels: one for each source of a kind that has one, in the order in which they joined.
        head, attention, marks, cards, lines, sections, news: as of a `nbhooks.view.outbox.Part`.
    """

    def __init__(self, key: str, recording: Recording, board: Board) -> None:
        """Prepare; `begin` adds the panels."""
        self.key = key
        self.recording = recording
        self.panels: tuple[Panel, ...] = ()
        self.head: dict[str, Any] = {}
        self.attention: list[dict[str, str]] = []
        self.marks: dict[str, Any] = {}
        self.lines: dict[str, list[dict[str, Any]]] = {}
        self.sections: list[dict[str, Any]] = []
        self.news: dict[str, str] = {}
        self._arranging = threading.Lock()
        self._board = board
        self._head = head.Head()
        self._cards = Cards()
        self._folded = False
        self._behind: tuple[SavedRun, ...] = ()
        self._named: dict[str, Panel] = {}  # by the keys that a page has
        self._contents: dict[str, tuple[tuple[object, ...], list[Any]]] = {}
        self._drawn: tuple[object, ...] | None = None
        self._snapshot: Snapshot | None = None
        self._phase: Phase | None = None  # that was drawn last
        self._name_shown = ""
        self._lost_since: float | None = None

    def begin(self) -> None:
        """Make the panels of the sources that have joined already, and of those that join from now on."""
        self.recording.add_observer(self)  # first, so that no source that joins meanwhile is missed
        for view in self.recording.store.snapshot(lazily=True).sources:
            self.joined(Source(view.source, view.kind, view.detail))

    def joined(self, source: Source) -> None:
        """Make the panel of a source. Called on the training thread."""
        panel = panel_for(source)
        if panel is not None:
            with self._arranging:  # it may be seen by `begin` and reported by the recording, too
                if all(other.source != panel.source for other in self.panels):
                    self.panels = (*self.panels, panel)  # replaced: the renderer may be walking it

    def ended(self) -> None:
        """Notify the board."""
        self._board.recording_ended()

    def written(self) -> None:
        """Request a drawing, an urgent one where the state has changed. Called with every record."""
        self._board.request(urgent=self.recording.lifecycle.phase is not self._phase)

    def draw(self, first: int, *, several: bool, cursor: int | None = None) -> int:
        """Make anew what has changed.

        Args:
            first: the number of the recording's first attempt on the board.
            several: whether the board shows other recordings too.
            cursor: the step at which to show values, None for the latest.

        Returns:
            The number of the next section's first attempt.
        """
        self._look_after()
        self._phase = self.recording.lifecycle.phase
        panels = self.panels  # before the snapshot, which so has the source of each
        snapshot = self.recording.snapshot(cursor, lazily=True)
        behind = first + snapshot.attempts
        name = self.recording.name or (f"session {max(behind - 1, first)}" if several else "")
        controls = self._controls()
        drawn = (snapshot.version, snapshot.step, several, cursor, name, controls, panels)
        if drawn == self._drawn:
            return behind
        if self._cards.add(snapshot):
            self.compare(self._behind)
        self.head = self._head.draw(snapshot, name, losses=self._losses(), controls=controls)
        self._name_shown = name
        self.attention = attention.notices(snapshot)
        self.marks = _marks(snapshot)
        self._snapshot = snapshot
        self._see(panels, snapshot)
        self._drawn = drawn
        return behind

    def _controls(self) -> Controls:
        """Return what a page is offered: nothing where there is none, and so no click."""
        can_stop = self.recording.can_stop and self._board.live
        can_pause = can_stop and self.recording.control.handles(Pause)
        return Controls(can_stop, can_pause, self.recording.stopping and not self.recording.lifecycle.ended)

    def _see(self, panels: tuple[Panel, ...], snapshot: Snapshot) -> None:
        """Let the panels see what there is to show."""
        views = {view.source: view for view in snapshot.sources}
        if len(panels) != len(self._named):
            self._name(panels)
        for key, panel in self._named.items():
            view = views[panel.source]
            try:
                panel.see(view, snapshot)
                self.news[key] = panel.news(view)
            except Exception as error:  # noqa: BLE001 - a fault of a panel is shown in the panel
                self._report(panel, error)
                self.news[key] = "could not be drawn"

    def _name(self, panels: tuple[Panel, ...]) -> None:
        """Give each panel the key that a page knows it by: its source's name, made unique."""
        named: dict[str, Panel] = {}
        for panel in panels:
            name = key = formatting.name(panel.source)
            while key in named:  # two long names, cut
                key = f"{name} ({len(named)})"
            named[key] = panel
        self._named = named
        if not self._folded:
            self.sections = [
                {"key": key, "title": formatting.name(panel.source), "kind": panel.kind}
                for key, panel in named.items()
            ]

    def _losses(self) -> list[tuple[str, str]]:
        return [(card.source, card.tag) for card in self._cards.losses[:LOSSES]]

    def _report(self, panel: Panel, error: BaseException) -> None:
        self.recording.report_fault(f"the panel of {panel.source}", error)

    def _look_after(self) -> None:
        """End a recording whose session is gone without an error: the error was caught elsewhere."""
        if not self.recording.lost:
            self._lost_since = None
        elif self._lost_since is None:
            self._lost_since = time.monotonic()
        elif time.monotonic() - self._lost_since > GRACE:
            self.recording.die()

    # What a page is sent

    @property
    def cards(self) -> list[dict[str, Any]]:
        """The cards, as a page is sent them."""
        return _NONE if self._folded else self._cards.listed

    def content(self, section: str) -> list[Any] | None:
        """Give what a section shows, as plain values; the same object until there is something new."""
        panel = self._named.get(section)
        if panel is None or self._folded:
            return None
        basis = panel.basis
        known = self._contents.get(section)
        if known is None or not _same(known[0], basis):
            known = self._contents[section] = (basis, blocks.to_json(self._blocks(panel)))
        return known[1]

    def tails(
        self, cards: Iterable[str], held: Mapping[tuple[str, int], Held]
    ) -> list[tuple[str, int, Tail]]:
        """Give the bins that a page does not have, of these cards."""
        known = [card for key in cards if (card := self._cards.find(key)) is not None]
        wanted = [(card.source, card.tag, *held.get((card.key, 0), _NOTHING)) for card in known]
        tails = self.recording.store.tails(wanted)
        found = [(card.key, 0, tail) for card, tail in zip(known, tails, strict=True) if tail is not None]
        for card in known if self._behind else ():
            for number, saved in enumerate(self._saved(card), 1):
                generation, settled, points = held.get((card.key, number), _NOTHING)
                series = saved.series[card.name]
                if (series.generation, series.count) != (generation, points):
                    found.append((card.key, number, series.tail(generation, settled)))
        return found

    def compare(self, runs: tuple[SavedRun, ...]) -> None:
        """Draw saved runs behind the cards whose tags they have, in place of those before."""
        self._behind = runs
        self.lines = {
            card.key: [{"name": "", "hue": 0}, *({"name": run.name, "hue": run.hue} for run in saved)]
            for card in self._cards.cards
            if (saved := self._saved(card))
        }

    def _saved(self, card: Card) -> list[SavedRun]:
        return [run for run in self._behind if card.name in run.series]

    # What a page asks for

    def stop(self) -> None:
        """Request the end of the session, where the page was shown a button for it."""
        if self.head.get("can_stop"):  # not from a page that is behind
            self.recording.control.submit(Stop())

    def ask(self, command: Command) -> None:
        """Submit a command of a page, where the run takes such."""
        if self.recording.control.handles(type(command)):
            self.recording.control.submit(command)

    def choose(self, section: str, name: str, value: str) -> bool:
        """Hand a panel what was chosen or typed in it; return whether that changed anything."""
        panel = self._named.get(section)
        command = None if panel is None else panel.command(name, value)
        if command is not None:
            self.ask(command)
            return True
        return panel is not None and panel.choose(name, value)

    # What stays

    def plots(self) -> list[Plot]:
        """Return a plot for each panel that has one."""
        found: list[Plot] = []
        for panel in self.panels:
            try:
                found += panel.plots()
            except Exception as error:  # noqa: BLE001 - as above
                self._report(panel, error)
        return found

    @property
    def line(self) -> str:
        """The state and the step in one line."""
        return head.words(None) if self._snapshot is None else head.line(self._snapshot, self._name_shown)

    def charts(self, most: int) -> list[Plot]:
        """Return a plot of each card, those first that are shown first.

        Args:
            most: how many at most.
        """
        snapshot = self._snapshot
        if snapshot is None:
            return []
        views = {view.source: view for view in snapshot.sources}
        cards = sorted(self._cards.cards, key=lambda card: (not card.first, card.group != ""))[:most]
        drawn = [(card, views[card.source].series[card.tag]) for card in cards]
        checkpoints, restarts = checkpoint_marks(snapshot), restart_marks(snapshot)
        return [
            Plot(
                f"{card.group}/{card.label}" if card.group else card.label,
                card.unit,
                {card.tag: series},
                (
                    *checkpoints,
                    *restarts,
                    *_nonfinite_marks(series),
                ),
                cursor=snapshot.cursor,
            )
            for card, series in drawn
        ]

    @property
    def card_count(self) -> int:
        """How many cards there are."""
        return len(self._cards.cards)

    def static(self) -> str:
        """Return the texts as HTML that needs no widget."""
        bodies = [(panel.source, blocks.to_html(self._blocks(panel))) for panel in self.panels]
        return f"<p>{formatting.escape(self.line)}</p>{attention.html(self.attention)}" + "".join(
            f'<div class="nbhooks-heading">{formatting.escape(formatting.name(source))}</div>{body}'
            for source, body in bodies
            if body
        )

    def _blocks(self, panel: Panel) -> list[Block]:
        return panel.content(partial(self._report, panel))

    def fold(self) -> None:
        """Show the head alone; figures still have what the panels show."""
        self._folded = True
        self.sections = []


_NONE: list[dict[str, Any]] = []


def _same(one: tuple[object, ...], other: tuple[object, ...]) -> bool:
    """Whether these are the very same objects."""
    return len(one) == len(other) and all(map(operator.is_, one, other))


def _nonfinite_marks(series: SeriesView) -> list[Mark]:
    return [Mark(step, "not finite", MarkKind.NONFINITE) for step in series.marks]


def _marks(snapshot: Snapshot) -> dict[str, Any]:
    """Return what is marked in every card: restarts, checkpoints, and the step that is shown."""
    checkpoints = [
        [one.step, formatting.valid(formatting.cut(one.path.rpartition("/")[2], formatting.WORD))]
        for view in snapshot.sources
        for one in view.every(Checkpoint)[-CHECKPOINTS:]
        if one.framed
    ]
    return {
        "restarts": [step for step in snapshot.restarts[-CHECKPOINTS:] if step is not None],
        "checkpoints": checkpoints[-CHECKPOINTS:],
        "cursor": snapshot.cursor,
    }
