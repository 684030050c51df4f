"""Steps of events stay whole numbers up to the largest that there is, live and replayed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest
from event_files import NAME, scalars, start, write

from nbhooks import frames
from nbhooks.model.events import Event
from nbhooks.model.records import Attempt
from nbhooks.model.store import Store
from nbhooks.replay import load

if TYPE_CHECKING:
    from pathlib import Path

STEPS = [0, 2**53 + 1, 2**63 - 1]


@pytest.mark.parametrize("step", STEPS)
def test_steps_of_replayed_events(tmp_path: Path, step: int) -> None:
    path = write(tmp_path / NAME, [*scalars([1]), start(101.0, 1), start(102.0, step)])
    found = load(path).events["step"]
    assert str(found.dtype) == "Int64"
    assert found.isna().tolist() == [True, False, False]
    assert found.dropna().tolist() == [1, step]


@pytest.mark.parametrize("step", STEPS)
def test_steps_of_live_events(step: int) -> None:
    store = Store()
    store.write(Attempt(0.0, 0))
    store.write(Event("fault", step, 1.0))
    store.write(Event("fault", None, 2.0))
    found = frames.live(Event, [store.columns()])["step"]
    assert str(found.dtype) == "Int64"
    assert found.isna().tolist()[-2:] == [False, True]
    assert found.dropna().tolist()[-1] == step


def test_a_frame_keeps_its_columns_whatever_is_missing() -> None:
    for rows in ([], [(None, "a")], [(2**63 - 1, "a"), (None, "b"), (-(2**63), "c")]):
        made = frames.table(rows, {"step": "Int64", "kind": "category"})
        assert [str(dtype) for dtype in made.dtypes] == ["Int64", "category"]
        assert isinstance(made.index, pd.RangeIndex)
        assert [None if step is pd.NA else step for step in made["step"]] == [step for step, _ in rows]
