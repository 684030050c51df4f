"""The bar of a long load: shown when it takes long, and counted from the beginning of the load."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nbhooks.replay import load, progress
from nbhooks.replay.progress import Progress
from nbhooks.tfevents import files

if TYPE_CHECKING:
    from pathlib import Path


def test_the_bar_begins_when_the_load_began(capsys: pytest.CaptureFixture[str]) -> None:
    now = 100.0
    with Progress(lambda: now) as bar:
        bar.begin(1000)
        now += 20.0
        bar.add(400)
        shown = capsys.readouterr().err
    assert "00:00<" not in shown
    assert "40%" in shown
    assert "00:20<00:30" in shown
    assert "20.0B/s" in shown


@pytest.mark.parametrize(("patience", "shown"), [(0.0, True), (1000.0, False)])
def test_a_load_that_takes_long_shows_how_far_it_is(
    tree: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    patience: float,
    shown: bool,  # noqa: FBT001 - pytest's
) -> None:
    monkeypatch.setattr(progress, "PATIENCE", patience)
    monkeypatch.setattr(files, "BATCH", 100)
    load(tree)
    assert ("reading events" in capsys.readouterr().err) == shown
