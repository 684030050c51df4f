"""The bar of a long load says how long the load has taken, not how long the bar has been there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbhooks.replay.progress import Progress

if TYPE_CHECKING:
    import pytest


def test_the_bar_begins_when_the_load_began(capsys: pytest.CaptureFixture[str]) -> None:
    now = 100.0
    with Progress(lambda: now) as progress:
        progress.begin(1000)
        now += 20.0
        progress.add(400)
        shown = capsys.readouterr().err
    assert "00:00<" not in shown
    assert "40%" in shown
    assert "00:20<00:30" in shown
    assert "20.0B/s" in shown
