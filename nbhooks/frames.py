"""What Stores hold, as tidy DataFrames; pandas is imported when the first one is made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from nbhooks.records import State

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy.typing as npt
    import pandas as pd

    from nbhooks.store import Columns

LIVE = ""
"""The run of everything that was not read from files."""


def scalars(stores: Sequence[Columns]) -> pd.DataFrame:
    """Give every scalar a row.

    Args:
        stores: what each Store holds, in the order in which their sessions were opened.

    Returns:
        Columns ``run`` (category), ``tag`` (category), ``step`` (int64), ``wall_time`` (float64, seconds
        since the epoch), ``value`` (float64), ``session`` (int32, which attempt, from 0) and ``orphaned``
        (bool, whether a later session has the same tag at a first step no greater than this one).
        A point that two sources reported alike has one row.
    """
    import pandas as pd

    tags: list[str] = []
    steps, wall_times, values, sessions = [], [], [], []
    for offset, columns in _numbered(stores):
        for tag, step, wall_time, value, attempt in columns.scalars:
            tags.append(tag)
            steps.append(step)
            wall_times.append(wall_time)
            values.append(value)
            sessions.append(attempt + np.int32(offset))
    lengths = [len(step) for step in steps]
    known = list(dict.fromkeys(tags))
    codes = np.repeat(np.array([known.index(tag) for tag in tags], np.int64), lengths)
    frame = pd.DataFrame(
        {
            "run": _category([LIVE], np.zeros(sum(lengths), np.int8)),
            "tag": _category(known, codes),
            "step": _joined(steps, np.int64),
            "wall_time": _joined(wall_times, np.float64),
            "value": _joined(values, np.float64),
            "session": _joined(sessions, np.int32),
        }
    )
    frame["orphaned"] = _orphaned(frame)
    if len(set(tags)) < len(tags):
        frame = frame.drop_duplicates(["tag", "session", "step", "value"], ignore_index=True)
    return frame


def tensors(stores: Sequence[Columns]) -> pd.DataFrame:
    """Give every kept value that is not one real number a row.

    Returns:
        Columns ``run``, ``session``, ``tag``, ``step``, ``wall_time``, ``dtype`` (TensorFlow's name),
        ``shape`` (tuple) and ``value`` (numpy array; None where the tensor was too large to keep).
    """
    rows = [
        (
            LIVE,
            offset + attempt,
            record.tag,
            record.step,
            record.wall_time,
            record.dtype,
            record.shape,
            None if record.sampled else record.value,
        )
        for offset, columns in _numbered(stores)
        for attempt, record in columns.tensors
    ]
    return _frame(rows, ("tag", "step", "wall_time", "dtype", "shape", "value"), tag="category")


def checkpoints(stores: Sequence[Columns]) -> pd.DataFrame:
    """Give every checkpoint that was written a row.

    Returns:
        Columns ``run``, ``session``, ``step``, ``wall_time`` (when writing began), ``path``, ``bytes`` (all
        its files together), ``seconds`` (how long writing took) and ``kept`` (bool).
    """
    rows = [
        (
            LIVE,
            offset + attempt,
            record.step,
            record.wall_time,
            record.path,
            record.size or 0,
            record.seconds,
            record.state == "kept",
        )
        for offset, columns in _numbered(stores)
        for attempt, record in columns.checkpoints
        if record.state in ("kept", "deleted")
    ]
    return _frame(
        rows,
        ("step", "wall_time", "path", "bytes", "seconds", "kept"),
        bytes="int64",
        seconds="float64",
        kept="bool",
    )


def events(stores: Sequence[Columns]) -> pd.DataFrame:
    """Give everything that happened a row: states, stop requests, alerts.

    Returns:
        Columns ``run``, ``session``, ``wall_time``, ``step`` (nullable integer: not every event has one),
        ``kind`` and ``detail``.
    """
    rows = []
    for offset, columns in _numbered(stores):
        for attempt, record in columns.events:
            if isinstance(record, State):
                kind = "state"
                detail = f"{record.name}: {record.detail}" if record.detail else record.name
            else:
                kind, detail = record.kind, record.detail
            rows.append((LIVE, offset + attempt, record.wall_time, record.step, kind, detail))
    return _frame(rows, ("wall_time", "step", "kind", "detail"), step="Int64", kind="category")


def _numbered(stores: Sequence[Columns]) -> Iterator[tuple[int, Columns]]:
    """Pair what each Store holds with the number of attempts before it."""
    offset = 0
    for columns in stores:
        yield offset, columns
        offset += columns.attempts


def _frame(rows: list[tuple[Any, ...]], names: tuple[str, ...], **dtypes: str) -> pd.DataFrame:
    import pandas as pd

    frame = pd.DataFrame(rows, columns=["run", "session", *names])
    types = {"run": "category", "session": "int32", "wall_time": "float64", "step": "int64", **dtypes}
    return frame.astype({name: dtype for name, dtype in types.items() if name in frame})


def _category(known: list[str], codes: Any) -> pd.Categorical:
    import pandas as pd

    return pd.Categorical.from_codes(codes, categories=pd.Index(known, dtype=object))


def _joined(parts: list[npt.NDArray[Any]], dtype: type) -> npt.NDArray[Any]:
    return np.concatenate(parts).astype(dtype, copy=False) if parts else np.empty(0, dtype)


def _orphaned(frame: pd.DataFrame) -> npt.NDArray[np.bool_]:
    orphaned = np.zeros(len(frame), bool)
    if len(frame["session"].unique()) > 1:
        for _, rows in frame.groupby("tag", observed=True):
            firsts = rows.groupby("session")["step"].min()
            later = firsts[::-1].cummin()[::-1].shift(-1)  # the smallest first step of any later session
            step = rows["step"].to_numpy()
            orphaned[rows.index] = (rows["session"].map(later) <= step).to_numpy()
    return orphaned
