"""The scalar tags of a recording as cards: their names, labels, groups and order."""

from __future__ import annotations

import re
from collections import Counter, deque
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from nbhooks.model.kinds import SourceKind
from nbhooks.view import formatting

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from nbhooks.model.series import SeriesView
    from nbhooks.model.snapshot import Snapshot, SourceView

KINDS = frozenset({SourceKind.STEPS, SourceKind.TENSORS, SourceKind.NAN, SourceKind.SUMMARIES})
"""Kinds of sources whose scalars are drawn. Results come once, at the end, and have a section."""

LONG = 6
"""Characters that the ends of scopes may share before they are left out."""

COMPARED = 20
"""Tags of two sources that are compared in one refresh; of more the others are compared in the next."""

_LOSS = re.compile(r"(^|[^a-z])(loss|losses|cost|objective|error|nll|perplexity)([^a-z]|$)", re.IGNORECASE)


@dataclass(slots=True)
class Card:
    """A scalar tag.

    Attributes:
        key: names it within its recording.
        source, tag: whose it is, and its name, as they were reported.
        group: the scope that it is shown in, ``""`` for none.
        label: what distinguishes it from the others of its group.
        first: whether it is shown before the others.
        unit: of the numbers.
    """

    key: str
    source: str
    tag: str
    group: str = ""
    label: str = ""
    first: bool = False
    unit: str = ""

    @property
    def name(self) -> str:
        """The tag without what a hook adds to it: NanTensorHook reports a tensor's name."""
        return self.tag.removesuffix(":0")

    def json(self) -> dict[str, Any]:
        """Give what a page is sent: valid text, bounded."""
        return {
            "key": self.key,
            "tag": end_of(self.tag),
            "label": self.label,
            "group": self.group,
            "source": formatting.name(self.source),
            "first": self.first,
            "unit": self.unit,
        }


class Cards:
    """The cards of one recording, in the order in which their tags were first reported.

    A tag that two sources report, such as a loss that is logged and summed up, is one card for as long as
    their values agree.

    Attributes:
        cards: all there are.
        losses: those of loss-like tags.
        listed: all, as a page is sent them; replaced when a card is added or named anew.
    """

    def __init__(self) -> None:
        """Begin without cards."""
        self.cards: list[Card] = []
        self.listed: list[dict[str, Any]] = []
        self._by_key: dict[str, Card] = {}
        self.losses: list[Card] = []
        self._seen: dict[str, int] = {}  # of each source, how many of its tags
        self._of_tag: dict[str, Card] = {}
        self._twins: deque[tuple[Card, Card]] = deque()  # a card, and what would be one more of the same tag

    def find(self, key: str) -> Card | None:
        """Find a card by its key, None where there is none."""
        return self._by_key.get(key)

    def add(self, snapshot: Snapshot) -> bool:
        """Add a card for every tag that is new, and for one that turned out not to be another's.

        Returns:
            Whether there was any.
        """
        fresh = [card for view in snapshot.sources for card in self._new(view)]
        if self._twins:
            fresh += self._parted({view.source: view for view in snapshot.sources})
        if fresh:
            for card in fresh:
                card.key = f"k{len(self.cards)}"
                self.cards.append(card)
                self._by_key[card.key] = card
            self.losses += [card for card in fresh if is_loss(card.tag)]
            label(self.cards)
            self.listed = [card.json() for card in self.cards]
        return bool(fresh)

    def _new(self, view: SourceView) -> list[Card]:
        seen = self._seen.get(view.source, 0)
        if view.kind not in KINDS or len(view.series) == seen:
            return []
        self._seen[view.source] = len(view.series)
        fresh = []
        for tag in islice(view.series, seen, None):
            card = Card(
                "", view.source, tag, first=view.kind in (SourceKind.STEPS, SourceKind.NAN) or is_loss(tag)
            )
            card.unit = "steps/s" if view.kind == SourceKind.STEPS else ""
            name = (
                tag.removesuffix(":0") if view.kind == SourceKind.NAN else tag
            )  # there it is a tensor's name
            other = self._of_tag.setdefault(name, card)
            if other is card:
                fresh.append(card)
            else:
                self._twins.append((other, card))
        return fresh

    def _parted(self, views: dict[str, SourceView]) -> list[Card]:
        """Compare some of the tags that two sources report; return those whose values differ."""
        parted = []
        for _ in range(min(COMPARED, len(self._twins))):
            one, other = self._twins.popleft()
            agree = _agree(views[one.source].series[one.tag], views[other.source].series[other.tag])
            if agree is None:  # not known yet
                self._twins.append((one, other))
            elif not agree:
                parted.append(other)
        return parted


def _agree(one: SeriesView, other: SeriesView) -> bool | None:
    """Whether two series have the same value at the latest step of both, None where that is not the same."""
    if not one.count or not other.count or one.step != other.step:
        return None
    values = sorted((one.last, other.last))
    return values[1] - values[0] <= 1e-6 * abs(values[1]) or repr(one.last) == repr(other.last)


def is_loss(tag: str) -> bool:
    """Whether a tag is named like what a training minimizes."""
    return _LOSS.search(tag) is not None


def end_of(name: str) -> str:
    """Cut a hostile name to what a page has room for; its end stays, in which names differ."""
    cut = name if len(name) <= formatting.NAME else f"…{name[1 - formatting.NAME :]}"
    return formatting.valid(cut)


def label(cards: Sequence[Card]) -> None:
    """Give each card its group and its label: its tag without what all of its group share.

    Labels of one group never look alike: signs that cannot be seen are written out, and what is still the
    same has the name of its source, or else a number.
    """
    groups: dict[str, list[Card]] = {}
    for card in cards:
        scoped = "/" in card.tag and not card.unit  # a rate's tag is a ratio: global_step/sec
        groups.setdefault(card.tag.partition("/")[0] if scoped else "", []).append(card)
    for group, members in groups.items():
        shared = len(_shared([card.tag for card in members])) if group else 0
        labels = [end_of(_visible(rest)) for rest in _short([card.tag[shared:] for card in members])]
        names = _distinguished(labels, [formatting.name(card.source) for card in members])
        for card, name in zip(members, names, strict=True):
            card.group, card.label = end_of(_visible(group)) if group else "", name


def _shared(tags: Sequence[str]) -> str:
    """Return the scopes that all tags begin with, the last name of each left out."""
    same = _common(tags)
    return same[: same.rfind("/") + 1]


def _common(names: Sequence[str]) -> str:
    """Return what all names begin with: what the first and the last of them in order do."""
    low, high = min(names), max(names)
    same = next((n for n, (one, other) in enumerate(zip(low, high, strict=False)) if one != other), len(low))
    return low[:same]


def _short(names: list[str]) -> list[str]:
    """Leave out the ends of scopes that all names share: of long ones they hide where these differ.

    Example:
        >>> _short(["layer_0_with_attention/w", "layer_1_with_attention/w"])
        ['layer_0…/w', 'layer_1…/w']
    """
    rows = [name.split("/") for name in names]
    if len({len(row) for row in rows}) > 1:
        return names
    for column in range(len(rows[0]) - 1):  # the last is a name of its own
        scopes = {row[column] for row in rows}
        end = _common([scope[::-1] for scope in scopes])[::-1] if len(scopes) > 1 else ""
        if len(end) > LONG:
            for row in rows:
                row[column] = f"{row[column][: -len(end)]}…"
    return ["/".join(row) for row in rows]


def _distinguished(labels: Iterable[str], sources: Iterable[str]) -> list[str]:
    """Add to each label that looks like another what it takes to distinguish them."""
    pairs = list(zip(labels, sources, strict=True))
    alike = Counter(_look(name) for name, _ in pairs)
    found: set[str] = set()
    distinct = []
    for name, source in pairs:
        words = f"{name} · {source}" if alike[_look(name)] > 1 else name
        number, unique = 1, words
        while _look(unique) in found:
            number += 1
            unique = f"{words} ({number})"
        found.add(_look(unique))
        distinct.append(unique)
    return distinct


def _look(name: str) -> str:
    """Return what a name looks like: blanks at its ends, and more than one in a row, cannot be seen."""
    return " ".join(name.split())


def _visible(name: str) -> str:
    """Write out signs that cannot be seen, or that turn the direction of what follows."""
    if name.isprintable():
        return name or "(no name)"
    return "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in name)
