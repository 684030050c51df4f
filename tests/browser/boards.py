"""Messages of boards to look at: one that runs, one that died, hostile names, saved runs, a long log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from framed import card, curve, head, packed, points

if TYPE_CHECKING:
    from framed import Framed

HOSTILE = "<img src=x onerror='window.hacked=1'>\u202egnp.exe"
LONG = "a/" + "very_long_scope/" * 31 + "weights"
IMAGE = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAGUlEQVR4nGP8z4APMOGVHbHSjHilGfBLA"
    "wCyYgEXHHqi8gAAAABJRU5ErkJggg=="
)
TAGS = {
    "loss": "",
    "accuracy": "",
    "global_step/sec": "",
    "encoder/layer_0/w_grad_norm": "encoder",
    "encoder/layer_1/w_grad_norm": "encoder",
    "decoder/attention/entropy": "decoder",
}
SECTIONS = [
    {"key": "steps", "title": "StepCounterHook", "kind": "steps", "news": "152 steps/s"},
    {"key": "tensors", "title": "LoggingTensorHook", "kind": "tensors", "news": "4 tensors · step 12,340"},
    {"key": "nan", "title": "NanTensorHook", "kind": "nan", "news": "finite"},
    {"key": "saver", "title": "CheckpointSaverHook", "kind": "checkpoints", "news": "12 checkpoints, 5 kept"},
    {"key": "summaries", "title": "SummarySaverHook", "kind": "summaries", "news": "3 histograms, 2 images"},
]
EARLIER = {"state": "finished", "words": "finished", "can_stop": False}

Message = dict[str, Any]


def cell(text: str, kind: str, **more: Any) -> Message:
    return {"text": text, "kind": kind, **more}


def row(key: str, *cells: Any, state: str = "") -> Message:
    return {"key": key, "state": state, "cells": list(cells)}


def tensors(*tags: str, latest: str = "0.10342") -> list[Message]:
    """The contents of a section of tensors."""
    numbers = [cell(value, "number") for value in (latest, "0.09", "4.21")]
    trend = {"trend": [3, 2, 2.4, 1.7, 1.5, 1.1, 1.0, 0.9]}
    rows = [row(tag, cell(tag, "name"), *numbers, trend, cell("12,340", "number")) for tag in tags]
    options = [["", "show the values of …"], ["t1", "logits"]]
    heads = ["tag", "latest", "min", "max", "trend", "step"]
    return [
        {"type": "code", "text": f"loss = {latest}, accuracy = 0.9312 (0.812 sec)"},
        {"type": "table", "heads": heads, "rows": rows, "more": "and 12 more tags"},
        {"type": "choice", "name": "values", "options": options, "value": ""},
    ]


def contents() -> dict[str, list[Message]]:
    """What the sections hold."""
    checkpoints = [
        row(
            str(step),
            cell(f"model.ckpt-{step}", "path", title=f"/runs/model.ckpt-{step}"),
            cell(f"{step:,}", "number"),
            "14:03:20",
            state="deleted" if step < 10_000 else "kept",
        )
        for step in range(7000, 12_001, 1000)
    ]
    bars = {"bars": [0.1, 0.2, 0.4, 0.7, 1, 0.8, 0.5, 0.2, 0.1]}
    pictures = [
        row("weights", cell("encoder/weights", "name"), bars, "-0.3 to 0.3"),
        row("image", cell("input/image/0", "name"), {"image": IMAGE, "alt": "the image"}, "28×28"),
        row("evil", cell("input/image/1", "name"), {"image": "javascript:window.hacked=1", "alt": ""}, "–"),
    ]
    return {
        "steps": [{"type": "text", "text": "152 steps/s"}],
        "tensors": tensors("loss", "encoder/layer_0/a_rather_long_scope_name/that_goes_on/weights"),
        "nan": [{"type": "text", "level": "calm", "text": "loss is finite at step 12,340"}],
        "saver": [{"type": "table", "heads": ["checkpoint", "step", "written"], "rows": checkpoints}],
        "summaries": [
            {"type": "table", "heads": ["tag", "picture", "range"], "rows": pictures},
            {"type": "text", "level": "warning", "text": "a warning"},
            {"type": "text", "level": "alert", "text": "an alert"},
            {"type": "bar", "value": 3, "max": 10},
            {"type": "bar", "value": 3, "max": None},
        ],
    }


def lines(first: int, last: int) -> list[str]:
    """Lines of a log, by their numbers."""
    levels = {0: "WARNING", 1: "ERROR"}
    return [f"{levels.get(i % 40, 'INFO')}:tensorflow:step = {i}" for i in range(first, last)]


def full(*parts: str, **more: Any) -> Message:
    """The first message of a board; the last part is the one that runs."""
    parts = parts or ("p0",)
    cards = [card(f"k{i}", tag, group, first=i < 3) for i, (tag, group) in enumerate(TAGS.items())]
    heads = {key: head(name=f"session {i}", **EARLIER) for i, key in enumerate(parts)}
    return {
        "type": "update",
        "full": True,
        "now": 1e9,
        "parts": list(parts),
        "heads": {**heads, parts[-1]: head(name=f"session {len(parts) - 1}" if len(parts) > 1 else "")},
        "attention": {key: [] for key in parts},
        "cards": {key: {"from": 0, "list": cards} for key in parts},
        "sections": {key: {"from": 0, "list": SECTIONS} for key in parts},
        "contents": {key: contents() for key in parts},
        "log": {"from": 0, "list": lines(0, 152), "dropped": 0, "note": ""},
        **more,
    }


def running(page: Framed) -> None:
    page.feed(full()).feed(*_points("p0"))


def _points(part: str) -> tuple[Message, list[bytes]]:
    entries, bins = points(part, list(TAGS))
    return {"type": "update", "points": entries}, bins


def empty(page: Framed) -> None:
    page.feed({"type": "update", "full": True, "now": 1e9, "parts": [], "heads": {}})


def died(page: Framed) -> None:
    error = "NanLossDuringTrainingError"
    more = {
        "state": "died",
        "words": f"died of {error}: NaN loss during training.",
        "can_stop": False,
        "health": {"level": "nan", "words": "NaN at step 12,340", "tag": "loss"},
    }
    alerts = [
        {"level": "error", "title": error, "text": "NaN loss during training.\n  at session.run(train_op)"},
        {"level": "warning", "title": "gradient norm above 100", "text": "it was 431.2 at step 12,330"},
        {"level": "info", "title": "a note of mine", "text": ""},
        {"level": "info", "title": "another note", "text": ""},
    ]
    page.feed(full(heads={"p0": head(**more)}, attention={"p0": alerts})).feed(*_points("p0"))


def paused(page: Framed) -> None:
    health = {"level": "inf", "words": "Inf at step 99", "tag": "encoder/layer_0/w_grad_norm"}
    page.feed(full(heads={"p0": head(state="paused", words="paused at step 12,340", health=health)}))


def hostile(page: Framed) -> None:
    more = {
        "name": LONG,
        "words": f"running {HOSTILE}",
        "checkpoint": {"words": LONG, "step": 1, "wall_time": 1e9 - 4000, "path": LONG},
        "health": {"level": "nan", "words": "NaN at step 12,340", "tag": LONG},
    }
    sections = [{**SECTIONS[1], "title": HOSTILE}, {**SECTIONS[3], "title": LONG}]
    update = full(
        heads={"p0": head(**more)},
        attention={"p0": [{"level": "error", "title": HOSTILE, "text": LONG}]},
        sections={"p0": {"from": 0, "list": sections}},
        log={"from": 0, "list": [HOSTILE, LONG], "dropped": 0, "note": ""},
    )
    update["contents"]["p0"]["tensors"] = tensors(HOSTILE, LONG, latest=HOSTILE)
    page.feed(update)


def three_parts(page: Framed) -> None:
    note = [{"level": "warning", "title": "slow input", "text": ""}]
    page.feed(full("p0", "p1", "p2", attention={"p1": note})).feed(*_points("p2"))


def saved_runs(page: Framed, count: int = 40) -> None:
    names = [f"experiments/2026-11/lr_{i / 1000}/seed_{i}" for i in range(count)]
    runs = [{"name": name, "hue": i if i < 8 else None, "open": i < 2} for i, name in enumerate(names)]
    blank = {"until": None, "progress": None, "left": "", "rate": "", "rate_trend": [], "elapsed": ""}
    saved = {**blank, "state": "saved", "words": "saved run", "can_stop": False, "checkpoint": None}
    compared = head(**{**saved, "state": "compared", "words": "loss of 8 runs", "step": None})
    chooser = {"runs": runs, "most": 8, "tags": ["loss", "accuracy"], "tag": "loss", "first": 0, "last": 1481}
    lists = {"r0": {"from": 0, "list": SECTIONS[3:]}}
    page.feed(
        {
            "type": "update",
            "full": True,
            "now": 1e9,
            "parts": ["compare", "r0", "r1"],
            "heads": {
                "compare": {**compared, "name": "runs compared"},
                **{f"r{i}": head(**{**saved, "name": names[i]}) for i in range(2)},
            },
            "cards": {"compare": {"from": 0, "list": [card("c1", "loss", first=True)]}},
            "lines": {"compare": {"c1": [{"name": run["name"], "hue": run["hue"]} for run in runs[:8]]}},
            "sections": lists,
            "contents": {"r0": contents()},
            "chooser": {**chooser, "step": 250, "status": "watching /home/me/logs", "watching": True},
        }
    )
    entries, bins = [], []
    for i in range(8):
        steps, values = curve(i)
        entries.append({"part": "compare", "card": "c1", "line": i, "from": 0, "count": len(steps)})
        bins.append(packed(steps, values))
    page.feed({"type": "update", "points": entries}, bins)


def long_log(page: Framed) -> None:
    page.feed(full(log={"from": 4000, "list": lines(4000, 5000), "dropped": 4000, "note": ""}))


CASES = {
    "empty": empty,
    "running": running,
    "died": died,
    "paused": paused,
    "hostile": hostile,
    "parts": three_parts,
    "saved": saved_runs,
    "log": long_log,
}
