"""Holds the head of a recording, and what asks for attention, to what there is."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from nbhooks.model.events import Event, State
from nbhooks.model.lifecycle import Phase
from nbhooks.model.records import Checkpoint, Progress, Scalar, Source
from nbhooks.model.store import Store
from nbhooks.view import head as room
from nbhooks.view.attention import NOTICES, notices
from nbhooks.view.head import Head


def store_of(*records: Any, **sources: str) -> Store:
    """A store with sources, by their kinds, and records."""
    store = Store()
    for source, kind in sources.items():
        store.write(Source(source, kind))
    for record in records:
        store.write(record)
    return store


def running(step: int, wall_time: float = 0.0) -> State:
    return State(Phase.RUNNING, step, wall_time)


@pytest.mark.parametrize(
    ("state", "reason", "line"),
    [
        ("waiting", "", "waiting for the session · step 1,200"),
        ("waiting", "global step 500", "waiting for global step 500 · step 1,200"),
        ("running", "", "running · step 1,200"),
        ("paused", "", "paused · step 1,200"),
        ("open", "", "open: the cell has ended, the session has not · step 1,200"),
        ("finished", "", "finished · step 1,200"),
        ("stopped", "StopAtStepHook", "stopped by StopAtStepHook · step 1,200"),
        ("stopped", "", "stopped: a stop was requested · step 1,200"),
        ("interrupted", "", "interrupted · step 1,200"),
        ("died", "InvalidArgumentError", "died of InvalidArgumentError · step 1,200"),
        ("died", "", "died of an error that was not seen · step 1,200"),
    ],
)
def test_a_status_line(state: str, reason: str, line: str) -> None:
    snapshot = store_of(State(Phase(state), 1200, 0.0, reason)).snapshot()
    assert room.line(snapshot) == line
    assert room.line(snapshot, "session 2") == f"session 2 · {line}"
    made = Head().draw(snapshot, "session 2")
    assert (made["state"], made["name"], made["step"]) == (state, "session 2", 1200)
    assert f"{made['words']} · step 1,200" == line


def test_a_head_before_anything() -> None:
    assert Head().draw(Store().snapshot()) == {
        "name": "",
        "state": "waiting",
        "words": "waiting for the session",
        "step": None,
        "until": None,
        "progress": None,
        "left": "",
        "rate": "",
        "rate_trend": [],
        "health": {"level": "none", "words": "", "tag": ""},
        "checkpoint": None,
        "can_stop": False,
        "can_pause": False,
        "stopping": False,
    }


def test_progress_rate_and_time_left() -> None:
    head, store = Head(), store_of(stop="progress", hours="wait")
    store.write(Progress("hours", 0, 0.0, 0, 10))  # what is waited for is no end
    for second in range(5):
        store.write(running(100 * second, float(second)))
        store.write(Progress("stop", 100 * second, float(second), 0, 1000))
        made = head.draw(store.snapshot())
    assert (made["until"], made["progress"], made["left"]) == (1000, 0.4, "6.0 s")
    assert made["rate"] == "100 steps/s"
    assert made["rate_trend"] == [100.0, 100.0]
    store.write(State(Phase.STOPPED, 400, 5.0))
    assert head.draw(store.snapshot())["left"] == ""


def test_of_several_ends_the_first_one_counts() -> None:
    store = store_of(running(50), far="progress", near="progress", evaluations="progress")
    store.write(Progress("far", 50, 0.0, 0, 1000))
    store.write(Progress("near", 50, 0.0, 0, 100))
    store.write(Progress("evaluations", 1, 0.0, 0, 2, "evaluation"))
    assert Head().draw(store.snapshot())["until"] == 100


def test_evaluations_are_progress_without_a_global_step() -> None:
    store = store_of(running(5000), evaluations="progress")
    store.write(Progress("evaluations", 1, 0.0, 0, 4, "evaluation"))
    made = Head().draw(store.snapshot())
    assert (made["until"], made["progress"]) == (None, 0.25)


def test_a_rate_that_a_hook_measured_has_a_trend() -> None:
    store = store_of(steps="steps")
    for step, rate in ((10, 50.0), (20, 100.0)):
        store.write(Scalar("steps", "global_step/sec", step, 1.0, rate))
    made = Head().draw(store.snapshot())
    assert (made["rate"], made["rate_trend"]) == ("100 steps/s", [0, 99])


@pytest.mark.parametrize(
    ("values", "level", "words"),
    [
        ([1.0, 2.0], "finite", "finite"),
        ([1.0, math.nan, 2.0], "nan", "not finite at step 1"),
        ([1.0, math.inf], "inf", "not finite at step 1"),
    ],
)
def test_health_without_a_hook_for_it_is_that_of_the_loss(
    values: list[float], level: str, words: str
) -> None:
    store = store_of(mine="tensors")
    for step, value in enumerate(values):
        store.write(Scalar("mine", "loss", step, 1.0, value))
    made = Head().draw(store.snapshot(), losses=[("mine", "loss")])
    assert made["health"] == {"level": level, "words": words, "tag": "loss"}
    assert Head().draw(store.snapshot())["health"]["level"] == "none"


def test_the_newest_checkpoint_that_is_kept() -> None:
    store = store_of(saver="checkpoints")
    for step, state in ((1, "kept"), (2, "kept"), (3, "failed"), (4, "writing")):
        store.write(Checkpoint("saver", f"/logs/model.ckpt-{step}", step, float(step), state))
    assert Head().draw(store.snapshot())["checkpoint"] == {
        "words": "model.ckpt-2",
        "step": 2,
        "wall_time": 2.0,
        "path": "/logs/model.ckpt-2",
    }
    store.write(Checkpoint("saver", "/logs/model.ckpt-9", 9, math.inf, "kept"))
    assert Head().draw(store.snapshot())["checkpoint"]["wall_time"] is None


def test_at_a_cursor_the_head_has_its_step() -> None:
    store = store_of(State(Phase.SAVED, 90, 5.0))
    assert Head().draw(store.snapshot(45))["step"] == 45
    assert Head().draw(store.snapshot(500))["step"] == 90
    assert room.line(store.snapshot(45)).endswith("step 45 of 90")


# Attention


def test_a_nan_comes_first_with_the_way_back() -> None:
    store = store_of(
        Event("fault", 3, 1.0, "a panel failed"),
        Event("nan", 31, 1.0, "it was 0.5 at step 30", "watch"),
        Checkpoint("saver", "/logs/model.ckpt-20", 20, 1.0, "kept"),
        watch="nan",
        saver="checkpoints",
    )
    alert, fault = notices(store.snapshot())
    assert (alert["level"], alert["title"]) == ("error", "NaN at step 31")
    assert alert["text"] == "it was 0.5 at step 30 · last checkpoint: /logs/model.ckpt-20 (step 20)"
    assert (fault["level"], fault["text"]) == ("warning", "a panel failed")
    assert Head().draw(store.snapshot())["health"]["words"] == "NaN at step 31"


def test_what_is_waited_for_asks_for_attention() -> None:
    store = store_of(State(Phase.WAITING, 0, 0.0, "global step 500"), waiter="wait")
    store.write(Progress("waiter", 120, 0.0, 0, 500))
    assert notices(store.snapshot()) == [
        {"level": "info", "title": "waiting for global step 500", "text": "now 120"}
    ]
    store.write(running(500))
    assert notices(store.snapshot()) == []


def test_notices_are_bounded_and_can_be_sent() -> None:
    store = store_of(*(Event("fault", n, 1.0, "x \ud800" * 1000) for n in range(100)))
    found = notices(store.snapshot())
    assert len(found) == NOTICES
    assert len(json.dumps(found, ensure_ascii=False).encode("utf-8")) < 50_000
