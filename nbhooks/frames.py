"""What Stores hold, as tidy DataFrames; pandas is imported when the first one is made."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from nbhooks import tables
from nbhooks.model.records import Audio, Histogram, Image, State, Tensor, Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import numpy.typing as npt
    import pandas as pd

    from nbhooks.model.records import Feeds
    from nbhooks.model.snapshot import Columns

LIVE = ""
"""The run of everything that was not read from files."""

_Value = TypeVar("_Value", Tensor, Histogram, Image, Audio, Text)


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
    return _scalars(stores, attrgetter("scalars"))


def progress(stores: Sequence[Columns]) -> pd.DataFrame:
    """Give every report of a source on its way a row.

    Returns:
        The columns of `scalars`. The tag is what was counted, such as ``"step"`` or ``"evaluation"``; both
        ``step`` and ``value`` are the count.
    """
    return _scalars(stores, attrgetter("progress"))


def _scalars(stores: Sequence[Columns], pick: Callable[[Columns], Any]) -> pd.DataFrame:
    import pandas as pd

    tags: list[str] = []
    steps, wall_times, values, sessions = [], [], [], []
    for offset, columns in _numbered(stores):
        for tag, step, wall_time, value, attempt in pick(columns):
            tags.append(tag)
            steps.append(step)
            wall_times.append(wall_time)
            values.append(value)
            sessions.append(attempt + np.int32(offset))
    lengths = [len(step) for step in steps]
    known = list(dict.fromkeys(tags))
    place = {tag: number for number, tag in enumerate(known)}
    codes = np.repeat(np.array([place[tag] for tag in tags], np.int64), lengths)
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
    """Give every kept tensor that is not one real number a row.

    Returns:
        Columns ``run``, ``session``, ``tag``, ``step``, ``wall_time``, ``dtype`` (TensorFlow's name),
        ``shape`` (tuple) and ``value`` (numpy array; None where the tensor was too large to keep).
    """
    return tables.of_values(Tensor, _values(stores, Tensor))


def histograms(stores: Sequence[Columns]) -> pd.DataFrame:
    """Give every kept histogram a row.

    Returns:
        Columns ``run``, ``session``, ``tag``, ``step``, ``wall_time``, ``edges`` (numpy float64, one
        more than bins), ``counts`` (numpy float64), ``min``, ``max``, ``sum``, ``sum_squares`` (NaN
        where it was not written) and ``num``.
    """
    return tables.of_values(Histogram, _values(stores, Histogram))


def images(stores: Sequence[Columns]) -> pd.DataFrame:
    """Give every kept picture a row.

    Returns:
        Columns ``run``, ``session``, ``tag``, ``step``, ``wall_time``, ``index``, ``width``, ``height``
        (pixels) and ``encoded`` (bytes).
    """
    return tables.of_values(Image, _values(stores, Image))


def audio(stores: Sequence[Columns]) -> pd.DataFrame:
    """Give every kept sound a row.

    Returns:
        Columns ``run``, ``session``, ``tag``, ``step``, ``wall_time``, ``index``, ``rate`` (samples a second)
        and ``encoded`` (bytes).
    """
    return tables.of_values(Audio, _values(stores, Audio))


def text(stores: Sequence[Columns]) -> pd.DataFrame:
    """Give every kept text a row.

    Returns:
        Columns ``run``, ``session``, ``tag``, ``step``, ``wall_time``, ``index`` and ``value`` (str).
    """
    return tables.of_values(Text, _values(stores, Text))


def files(stores: Sequence[Columns]) -> pd.DataFrame:
    """Give every file that was written a row, checkpoints aside.

    Returns:
        Columns ``run``, ``session``, ``step``, ``wall_time``, ``path`` and ``bytes``.
    """
    rows = [
        (LIVE, offset + attempt, record.step, record.wall_time, record.path, record.size or 0)
        for offset, columns in _numbered(stores)
        for attempt, record in columns.files
    ]
    return tables.table(rows, ("run", "session", "step", "wall_time", "path", "bytes"), bytes="int64")


def feeds(fed: Feeds | None) -> pd.DataFrame:
    """Give every tensor that was fed last a row.

    Returns:
        Columns ``name``, ``dtype`` (TensorFlow's name) and ``shape`` (tuple, None where it is not known).
    """
    return tables.table(list(fed.tensors) if fed is not None else [], ("name", "dtype", "shape"))


def results(pairs: Sequence[tuple[str, Any]]) -> pd.DataFrame:
    """Give every final result a row.

    Returns:
        Columns ``name`` and ``value``, which is whatever the session gave.
    """
    return tables.table(list(pairs), ("name", "value"), value="object")


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
    return tables.table(
        rows,
        ("run", "session", "step", "wall_time", "path", "bytes", "seconds", "kept"),
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
                detail = f"{record.phase}: {record.detail}" if record.detail else record.phase.value
            else:
                kind, detail = record.kind, record.detail
            rows.append((LIVE, offset + attempt, record.wall_time, record.step, kind, detail))
    return tables.table(
        rows, ("run", "session", "wall_time", "step", "kind", "detail"), step="Int64", kind="category"
    )


def _numbered(stores: Sequence[Columns]) -> Iterator[tuple[int, Columns]]:
    """Pair what each Store holds with the number of attempts before it."""
    offset = 0
    for columns in stores:
        yield offset, columns
        offset += columns.attempts


def _values(stores: Sequence[Columns], kind: type[_Value]) -> Iterator[tuple[tuple[Any, ...], _Value]]:
    """Pair what every row of a tagged value begins with, and the record."""
    for offset, columns in _numbered(stores):
        for attempt, record in columns.tagged:
            if isinstance(record, kind):
                yield (LIVE, offset + attempt, record.tag, record.step, record.wall_time), record


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
