"""Values of kinds and tags that were not asked for are not converted, and what was asked for is all there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from event_files import NAME, one_of_each, write

from nbhooks.model import summaries
from nbhooks.replay import load

if TYPE_CHECKING:
    from pathlib import Path

KINDS = ("scalars", "histograms", "tensors", "images", "audio", "text")


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_alone_has_what_it_has_among_all(tmp_path: Path, kind: str) -> None:
    write(tmp_path / NAME, one_of_each())
    alone, among = getattr(load(tmp_path, kinds=kind), kind), getattr(load(tmp_path), kind)
    assert len(among)
    assert alone.astype(str).equals(among.astype(str))


def test_nothing_else_is_converted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / NAME, one_of_each())
    for name in ("_histogram", "_tensors", "Image", "Audio"):
        monkeypatch.setattr(summaries, name, lambda *_, name=name: pytest.fail(f"{name} was made"))
    assert load(tmp_path, kinds="scalars").scalars["value"].tolist() == [0.5, 1.0]
    assert len(load(tmp_path, tags="loss").problems) == 0
