"""The contract of the frames: their columns and dtypes, and which rows are orphaned."""

from __future__ import annotations

import pandas as pd

_TAGGED = {"run": "category", "session": "int32", "tag": "category", "step": "int64", "wall_time": "float64"}
_POINTS = {
    "run": "category",
    "tag": "category",
    "step": "int64",
    "wall_time": "float64",
    "value": "float64",
    "session": "int32",
    "orphaned": "bool",
}
COLUMNS: dict[str, dict[str, str | None]] = {
    "scalars": _POINTS,
    "progress": _POINTS,
    "histograms": {
        **_TAGGED,
        "edges": None,  # arrays, bytes and text, whose dtype is pandas' affair
        "counts": None,
        "min": "float64",
        "max": "float64",
        "sum": "float64",
        "sum_squares": "float64",
        "num": "float64",
    },
    "tensors": {**_TAGGED, "dtype": None, "shape": None, "value": None},
    "images": {**_TAGGED, "index": "int64", "width": "int64", "height": "int64", "encoded": None},
    "audio": {**_TAGGED, "index": "int64", "rate": "float64", "encoded": None},
    "text": {**_TAGGED, "index": "int64", "value": None},
    "files": {
        "run": "category",
        "session": "int32",
        "step": "int64",
        "wall_time": "float64",
        "path": None,
        "bytes": "int64",
    },
    "checkpoints": {
        "run": "category",
        "session": "int32",
        "step": "int64",
        "wall_time": "float64",
        "path": None,
        "bytes": "int64",
        "seconds": "float64",
        "kept": "bool",
    },
    "events": {
        "run": "category",
        "session": "int32",
        "wall_time": "float64",
        "step": "Int64",
        "kind": "category",
        "detail": None,
    },
    "hparams": {"run": None},  # and a column for each of them
    "problems": {"file": None, "offset": "int64", "bytes": "int64", "reason": None},
}
"""The columns of each frame with their dtypes, in order."""

SAVED = [name for name in COLUMNS if name not in ("files", "progress")]
"""The frames of saved runs."""


def hold(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Hold a frame to its columns, and return it."""
    dtypes = COLUMNS[name]
    assert list(frame.columns)[: len(dtypes)] == list(dtypes), name
    assert name == "hparams" or len(frame.columns) == len(dtypes), name
    assert isinstance(frame.index, pd.RangeIndex), name
    for column, dtype in dtypes.items():
        assert dtype is None or str(frame[column].dtype) == dtype, (name, column)
    return frame


def orphaned_by_definition(frame: pd.DataFrame) -> list[bool]:
    """A row is orphaned where a later session has its tag, from a first step no greater than its own."""
    rows = list(zip(frame["run"], frame["tag"], frame["session"], frame["step"], strict=True))
    firsts: dict[tuple[str, str, int], int] = {}
    for run, tag, session, step in rows:
        firsts[run, tag, session] = min(step, firsts.get((run, tag, session), step))
    return [
        any((run, tag) == key[:2] and key[2] > session and first <= step for key, first in firsts.items())
        for run, tag, session, step in rows
    ]
