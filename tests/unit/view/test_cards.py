"""Holds cards to their names: short, in groups, never two that look alike; and to one card a tag."""

from __future__ import annotations

import math

import pytest
from markup import HOSTILE

from nbhooks.model.records import Scalar, Source
from nbhooks.model.store import Store
from nbhooks.view import cards as room
from nbhooks.view.cards import Cards

LAYERS = [
    f"encoder/layer_{n}_with_a_rather_long_scope/{what}" for n in range(3) for what in ("w_grad", "b_grad")
]


def cards_of(*tags: str, kind: str = "summaries") -> Cards:
    """The cards of one source that has reported these tags."""
    store, cards = Store(), Cards()
    store.write(Source("mine", kind))
    for tag in tags:
        store.write(Scalar("mine", tag, 1, 1.0, 1.0))
    cards.add(store.snapshot())
    return cards


def labels(*tags: str) -> list[tuple[str, str]]:
    """Group and label of each."""
    return [(card["group"], card["label"]) for card in cards_of(*tags).listed]


def test_a_label_leaves_out_what_its_group_shares_and_keeps_the_end() -> None:
    assert labels(*LAYERS, "loss", "train/accuracy") == [
        ("encoder", "layer_0…/w_grad"),
        ("encoder", "layer_0…/b_grad"),
        ("encoder", "layer_1…/w_grad"),
        ("encoder", "layer_1…/b_grad"),
        ("encoder", "layer_2…/w_grad"),
        ("encoder", "layer_2…/b_grad"),
        ("", "loss"),
        ("train", "accuracy"),
    ]


def test_scopes_that_all_share_are_left_out() -> None:
    assert labels("a/b/x", "a/b/y") == [("a", "x"), ("a", "y")]
    assert labels("a/b/x", "a/c/x") == [("a", "b/x"), ("a", "c/x")]
    assert labels("a/b", "a/b/c") == [("a", "b"), ("a", "b/c")]


@pytest.mark.parametrize(
    "tags",
    [
        ("loss", "loss ", " loss", "lo ss", "lo  ss"),
        ("loss", "loss\u200b", "loss\x00", "\u202eloss"),
        ("x" * 600, "y" + "x" * 600, "z" + "x" * 600),
        ("a/" + "x" * 600, "a/y" + "x" * 600),
        ("", "(no name)", "a/", "/", "//"),
        HOSTILE,
        [f"{name}/loss" for name in HOSTILE],
    ],
    ids=str,
)
def test_two_labels_never_look_alike(tags: list[str]) -> None:
    cards = cards_of(*tags).listed
    looks = [(card["group"], " ".join(card["label"].split())) for card in cards]
    assert len(set(looks)) == len(tags)
    assert all(card["label"].isprintable() and card["label"].strip() for card in cards)
    assert all(len(card["label"]) <= room.formatting.NAME + 20 for card in cards)
    assert all(len(card["tag"]) <= room.formatting.NAME for card in cards)


def test_of_a_long_name_the_end_is_kept() -> None:
    [card] = cards_of("x" * 1000 + "end").listed
    assert card["tag"] == card["label"] == "…" + "x" * 496 + "end"


@pytest.mark.parametrize(
    ("tag", "first"),
    [
        ("loss", True),
        ("train/loss", True),
        ("cross_entropy_loss", True),
        ("val-Loss:0", True),
        ("total_cost", True),
        ("glossy", False),
        ("closser", False),
        ("accuracy", False),
    ],
)
def test_what_is_named_like_a_loss_comes_first(tag: str, first: bool) -> None:  # noqa: FBT001
    assert cards_of(tag).listed[0]["first"] is first


def test_what_hooks_measure_comes_first() -> None:
    [card] = cards_of("global_step/sec", kind="steps").listed
    assert (card["first"], card["group"], card["label"], card["unit"]) == (
        True, "", "global_step/sec", "steps/s",
    )  # fmt: skip


@pytest.mark.parametrize("kind", ["results", "checkpoints", "weather"])
def test_other_kinds_have_no_cards(kind: str) -> None:
    assert cards_of("loss", kind=kind).listed == []


def test_keys_stay_and_labels_change_when_a_tag_comes() -> None:
    store, cards = Store(), Cards()
    store.write(Source("mine", "summaries"))
    for number, tag in enumerate(("a/b/x", "a/b/y", "a/c/x")):
        store.write(Scalar("mine", tag, 1, 1.0, 1.0))
        before = cards.listed
        cards.add(store.snapshot())
        assert cards.listed is not before
        assert [card["key"] for card in cards.listed] == [f"k{n}" for n in range(number + 1)]
    assert [card["label"] for card in cards.listed] == ["b/x", "b/y", "c/x"]
    before = cards.listed
    store.write(Scalar("mine", "a/b/x", 2, 1.0, 1.0))
    cards.add(store.snapshot())
    assert cards.listed is before  # so that nothing is compared


# One tag of two sources


def two(first: list[tuple[int, float]], second: list[tuple[int, float]], *, kind: str = "tensors") -> Cards:
    """Two sources that report a loss, one point after the other."""
    store, cards = Store(), Cards()
    store.write(Source("summing", "summaries"))
    store.write(Source("logging", kind))
    tag = "loss:0" if kind == "nan" else "loss"
    for points in range(max(len(first), len(second))):
        for source, name, own in (("summing", "loss", first), ("logging", tag, second)):
            if points < len(own):
                store.write(Scalar(source, name, own[points][0], 1.0, own[points][1]))
        cards.add(store.snapshot())
    return cards


@pytest.mark.parametrize("kind", ["tensors", "nan"])
def test_a_tag_that_two_sources_report_alike_is_one_card(kind: str) -> None:
    points = [(1, 1.0), (2, math.nan), (3, 1 / 3)]
    cards = two(points, [(step, float(f"{value:.8g}")) for step, value in points], kind=kind)
    assert [card["source"] for card in cards.listed] == ["summing"]


def test_a_tag_whose_values_differ_is_two_cards_that_name_their_sources() -> None:
    cards = two([(1, 1.0), (2, 2.0)], [(1, 1.5), (2, 2.5)])
    assert [(card["label"], card["source"]) for card in cards.listed] == [
        ("loss · summing", "summing"),
        ("loss · logging", "logging"),
    ]


def test_values_are_compared_once_both_have_one_of_the_same_step() -> None:
    assert len(two([(1, 1.0)], [(2, 5.0)]).listed) == 1
    assert len(two([(1, 1.0), (5, 1.0)], [(2, 5.0), (5, 6.0)]).listed) == 2


def test_two_thousand_tags_of_two_sources_are_not_compared_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    compared = []
    agree = room._agree
    monkeypatch.setattr(room, "_agree", lambda *both: (compared.append(both), agree(*both))[1])
    store, cards = Store(), Cards()
    for source in ("one", "other"):
        store.write(Source(source, "summaries"))
        for number in range(2000):
            store.write(Scalar(source, f"tag {number}", 1, 1.0, float(number)))
    for rounds in range(1, 4):
        cards.add(store.snapshot(lazily=True))
        assert len(compared) == rounds * room.COMPARED
    assert len(cards.listed) == 2000
