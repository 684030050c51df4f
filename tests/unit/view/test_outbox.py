"""Holds the one message of a refresh to what is new and in sight, and to its size."""

from __future__ import annotations

import json
import math
import statistics
from typing import TYPE_CHECKING

import pytest
from drawn_boards import Page, life, open_page, recordings
from stand_ins import Clock

from nbhooks.model import series as series_room
from nbhooks.model.events import State
from nbhooks.model.lifecycle import Phase
from nbhooks.model.recording import Recording
from nbhooks.model.records import Scalar
from nbhooks.view import outbox as room

if TYPE_CHECKING:
    from nbhooks.view.dashboard import Dashboard


class Training:
    """A session that reports some tags on a board, a point of each a step."""

    def __init__(self, board: Dashboard, *tags: str, kind: str = "summaries") -> None:
        self.recording, self.tags, self.step = Recording(), tags, 0
        board.show(self.recording)
        self.source = self.recording.join(kind, "SummarySaverHook")
        self.board = board
        self.more(1)

    def more(self, steps: int, value: float = 0.5) -> None:
        for _ in range(steps):
            self.step += 1
            for tag in self.tags:
                self.recording.write(Scalar(self.source, tag, self.step, self.step / 4, value))

    def turn(self, steps: int = 1, value: float = 0.5) -> None:
        """Report, and draw."""
        self.more(steps, value)
        self.board.refresh()


def test_nothing_out_of_sight_is_sent_but_names_and_heads(board: Dashboard) -> None:
    training = Training(board, "loss", "accuracy")
    page = Page(board).ready()
    page.see()
    training.turn()
    assert set(page.messages[-1]) <= {"type", "heads", "news", "now"}
    page.see("accuracy")
    assert [entry["card"] for entry in page.messages[-1]["points"]] == [page.card("accuracy")]
    assert page.line("accuracy").x.tolist() == [1, 2]


def test_the_first_cards_are_sent_at_once(board: Dashboard) -> None:
    tags = [f"tag {n}" for n in range(room.UNSEEN + 5)]
    Training(board, *tags)
    page = Page(board).ready()
    assert len(page.points) == room.UNSEEN


def test_what_comes_into_sight_again_is_sent_what_it_lacks(board: Dashboard) -> None:
    training = Training(board, "loss")
    page = Page(board).ready()
    page.see("loss")
    training.turn(9)
    page.see()
    training.turn(5)
    assert "points" not in page.messages[-1]
    page.see("loss")
    [entry] = page.messages[-1]["points"]
    assert (entry["from"], entry["count"]) == (10, 5)
    assert page.line("loss").x.tolist() == list(range(1, 16))
    assert page.line("loss").times.tolist() == [step / 4 for step in range(1, 16)]


def test_bins_that_merge_are_sent_anew(board: Dashboard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(series_room, "BINS", 8)
    training = Training(board, "loss")
    page = Page(board).ready()
    page.see("loss")
    for _ in range(60):
        training.turn()
    [view] = training.recording.snapshot().sources
    line = page.line("loss")
    assert line.entry["generation"] == view.series["loss"].generation > 2
    assert line.x.tolist() == view.series["loss"].x.tolist()


def test_two_pages_have_what_either_sees(board: Dashboard) -> None:
    training = Training(board, "loss", "accuracy")
    one = Page(board, "one").ready()
    one.see("loss")
    other = Page(board, "other").ready()
    other.see("accuracy")
    training.turn(3)
    for page in (one, other):
        assert page.line("loss").x.tolist() == page.line("accuracy").x.tolist() == [1, 2, 3, 4]
    other.see()
    training.turn()
    assert [entry["card"] for entry in one.messages[-1]["points"]] == [one.card("loss")]


def test_pages_that_are_gone_are_forgotten_when_others_come(board: Dashboard) -> None:
    training = Training(board, "loss", "accuracy")
    page = Page(board, "0").ready()
    page.see("loss")
    for number in range(1, room.PAGES + 1):
        page.name = str(number)
        page.see("accuracy")
    training.turn()
    assert [entry["card"] for entry in page.messages[-1]["points"]] == [page.card("accuracy")]


def test_a_reload_is_sent_everything(board: Dashboard) -> None:
    life(board.write)
    page = open_page(board)
    known = json.dumps([page.heads, page.cards, page.sections, page.contents, page.marks])
    page.ready()
    assert page.messages[-1]["full"]
    assert json.dumps([page.heads, page.cards, page.sections, page.contents, page.marks]) == known
    assert page.line("loss").x.tolist() == [1, 2, 3]  # which is in sight still


def test_numbers_that_json_has_no_sign_for(board: Dashboard) -> None:
    training = Training(board, "loss")
    page = Page(board).ready()
    page.see("loss")
    for value, sign in ((math.nan, "NaN"), (math.inf, "Infinity"), (-math.inf, "-Infinity")):
        training.turn(value=value)
        assert page.line("loss").entry["last"] == sign
    entry = page.line("loss").entry
    assert (entry["nonfinite"], entry["nonfinite_count"]) == ([2, 3, 4], 3)


def test_tables_are_renewed_once_a_second_and_at_once_when_somebody_acts(board: Dashboard) -> None:
    clock = Clock(100.0)
    board._front_end._outbox = room.Outbox(clock)
    life(board.write)
    page = open_page(board)

    def turn(step: int, seconds: float) -> bool:
        clock.now += seconds
        board.write(Scalar("LoggingTensorHook", "loss", step, 1.0, 1.0))
        board.refresh()
        return "contents" in page.messages[-1]

    assert [turn(10 + n, 0.25) for n in range(8)] == [False, False, False, True] * 2
    page.send(type="choose", part="p0", section="LoggingTensorHook", name="values", value="w")
    assert "contents" in page.messages[-1]
    board.write(State(Phase.FINISHED, 20, 1.0))
    assert turn(21, 0.01)  # what is last is shown


# Before a page has answered


def test_a_board_that_is_shown_nowhere_sends_nothing(board: Dashboard) -> None:
    page = Page(board)
    Training(board, "loss").turn()
    assert page.messages == []


def test_until_a_page_answers_everything_is_sent_now_and_then(board: Dashboard) -> None:
    clock = Clock(100.0)
    board._front_end._outbox = room.Outbox(clock)
    board._front_end.displayed = True
    tags = [f"tag {n}" for n in range(room.UNSEEN_LISTED + 5)]
    training, page = Training(board, *tags), Page(board)
    for _ in range(4):
        training.turn()
        clock.now += room.UNREQUESTED / 2
    assert [message.get("full") for message in page.messages] == [True, True]
    assert len(page.points) == room.UNSEEN
    assert len(page.cards["p0"]) == room.UNSEEN_LISTED
    assert list(page.contents["p0"]) == ["SummarySaverHook"]
    page.ready()
    assert len(page.cards["p0"]) == len(tags)
    before = len(page.messages)
    clock.now += 10 * room.UNREQUESTED
    board.refresh()
    assert len(page.messages) == before


# What it costs


def test_a_refresh_of_one_series_is_small(board: Dashboard) -> None:
    training = Training(board, "loss")
    training.recording.write(State(Phase.RUNNING, 0, 0.0))
    page = Page(board).ready()
    page.see("loss")
    begin = len(page.sizes)
    for _ in range(60):
        training.turn(3)
    assert statistics.median(page.sizes[begin:]) <= 500  # beside 700 of the envelope


def test_each_further_series_in_sight_adds_little(board: Dashboard) -> None:
    tags = [f"encoder/layer_{n}/gradient_norm" for n in range(60)]
    training = Training(board, *tags)
    page = Page(board).ready()
    page.see(*tags)
    begin = len(page.sizes)
    for _ in range(20):
        training.turn(3)
    assert statistics.median(page.sizes[begin:]) <= 500 + 59 * 250


def test_of_two_thousand_tags_only_those_in_sight_are_looked_at(
    board: Dashboard, monkeypatch: pytest.MonkeyPatch
) -> None:
    tags = [f"tag {n}" for n in range(2000)]
    training = Training(board, *tags)
    page = Page(board).ready()
    page.see(*tags[:12])
    frozen, packed = [], []
    freeze, tail = series_room.Series._freeze, series_room.Series.tail
    monkeypatch.setattr(series_room.Series, "_freeze", lambda one: (frozen.append(one), freeze(one))[1])
    monkeypatch.setattr(series_room.Series, "tail", lambda *a: (packed.append(a), tail(*a))[1])
    training.turn()
    assert len(page.messages[-1]["points"]) == len(packed) == 12
    assert frozen == []
    assert page.sizes[-1] < 12 * 300


def test_a_full_message_of_eight_series_is_bounded(board: Dashboard) -> None:
    tags = [f"tag {n}" for n in range(8)]
    training = Training(board, *tags)
    training.more(1000)
    page = open_page(board)
    page.ready()
    assert page.messages[-1]["full"]
    assert page.sizes[-1] <= 64_000 + 8 * 8 * 402  # each bin has its wall time too


def test_a_section_in_sight_that_did_not_change_is_not_made_again(
    board: Dashboard, monkeypatch: pytest.MonkeyPatch
) -> None:
    life(board.write)
    open_page(board)
    [recording] = recordings(board)
    monkeypatch.setattr(room, "TABLES", 0.0)
    monkeypatch.setattr(
        "nbhooks.view.panels.tensors.TensorsPanel.body", lambda *_: pytest.fail("it was made again")
    )
    recording.write(Scalar("StepCounterHook", "global_step/sec", 9, 1.0, 1.0))
    board.refresh()


# The log


def test_a_log_out_of_sight_is_its_last_line_and_their_number(board: Dashboard) -> None:
    for number in range(50):
        board._log.log.add(f"line {number}")
    page = Page(board).ready()
    assert (page.log_from, page.log) == (49, ["line 49"])
    page.see_all()
    assert (page.log_from, page.log) == (0, [f"line {number}" for number in range(50)])
    before = len(page.messages)
    board._log.log.add("line 50")
    board.refresh()
    assert page.messages[-1]["log"] == {"from": 50, "list": ["line 50"], "dropped": 0, "note": ""}
    assert len(page.messages) == before + 1
    board.refresh()
    assert len(page.messages) == before + 1
