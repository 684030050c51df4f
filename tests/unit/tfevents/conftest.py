"""What tests of event files share."""

from __future__ import annotations

import pytest

from nbhooks.tfevents import files, tfrecord


@pytest.fixture(params=["lanes", "one by one", "in pieces"])
def every_way_to_frame(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Find the records of short files as those of long ones are found, too.

    A module may set PIECE, the bytes of a piece.
    """
    if request.param == "lanes":
        monkeypatch.setattr(tfrecord, "LANES", 0)
    elif request.param == "in pieces":
        monkeypatch.setattr(files, "BATCH", getattr(request.module, "PIECE", 1000))
