"""Holds the panel of checkpoints to its list."""

from drawn_panels import drawn, panel_of

from nbhooks.model.records import Checkpoint
from nbhooks.view.panels import checkpoints as checkpoints_room


def test_checkpoints_are_listed_latest_first() -> None:
    kept, panel = panel_of("checkpoints")
    for number, state in enumerate(("deleted", "kept", "failed", "writing")):
        seconds, size = (0.5, 1_500) if state in ("kept", "deleted") else (None, None)
        kept.write(Checkpoint("mine", f"/logs/run/model.ckpt-{number}", number, 0.0, state, seconds, size))
    read = drawn(kept, panel)
    assert read.values("data-state") == ["writing", "failed", "kept", "deleted"]
    assert "writing …run/model.ckpt-3" in read.text
    assert "500 ms1.5 kBkeptrun/model.ckpt-1" in read.text
    assert "/logs/run/model.ckpt-3" in read.values("title")


def test_a_long_list_of_checkpoints_is_cut_and_says_so() -> None:
    kept, panel = panel_of("checkpoints")
    for number in range(1_020):
        kept.write(Checkpoint("mine", f"model.ckpt-{number}", number, 0.0, "kept"))
    read = drawn(kept, panel)
    assert len(read.values("data-state")) == checkpoints_room.ROWS
    assert f"and {1_020 - checkpoints_room.ROWS:,} earlier" in read.text
    assert "model.ckpt-1019" in read.text
