"""What tests of saved runs share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from event_files import NAME, scalars, write

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A folder with three runs of three steps each, and a file that is no event file."""
    for run in ("a/train", "a/eval", "b/train"):
        write(tmp_path / "logs" / run / NAME, scalars(range(3)))
    (tmp_path / "logs" / "checkpoint").write_text("no event file")
    return tmp_path / "logs"
