"""Records as tidy DataFrames, live and saved alike; pandas is imported when the first one is made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from nbhooks.model.events import Event
from nbhooks.model.record import Keep
from nbhooks.model.records import Checkpoint, Scalar
from nbhooks.model.values import Audio, Histogram, Image, Tensor, Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import numpy.typing as npt
    import pandas as pd

    from nbhooks.model.commands import Entry
    from nbhooks.model.record import Record
    from nbhooks.model.records import Feeds
    from nbhooks.model.snapshot import Columns

LIVE = ""
"""The run of everything that was not read from files."""

HEAD = {"run": "category", "session": "int32"}
"""What every row begins with."""


class Frames:
    """The frames that boards and saved runs have in common, one for each kind of record that has rows.

    Each has the columns ``run`` (category; ``""`` live) and ``session`` (int32, which attempt, from 0).
    """

    @property
    def scalars(self) -> pd.DataFrame:
        """Every scalar: columns run, tag, step, wall_time, value, session and orphaned.

        ``orphaned`` says whether a later session of the run has the same tag at a first step no greater than
        the row's. A point that two live sources reported alike has one row.
        """
        return self._frame(Scalar)

    @property
    def tensors(self) -> pd.DataFrame:
        """Every kept value that is not one real number.

        Columns run, session, tag, step, wall_time, dtype (TensorFlow's name), shape (tuple) and value (numpy
        array; None where the tensor was too large to keep).
        """
        return self._frame(Tensor)

    @property
    def histograms(self) -> pd.DataFrame:
        """Every kept histogram.

        Columns run, session, tag, step, wall_time, edges (numpy float64, one more than bins), counts, min,
        max, sum, sum_squares and num. TensorFlow 2 does not write the sum of squares: it is NaN there.
        """
        return self._frame(Histogram)

    @property
    def images(self) -> pd.DataFrame:
        """Every kept image: columns run, session, tag, step, wall_time, index, width, height, encoded."""
        return self._frame(Image)

    @property
    def audio(self) -> pd.DataFrame:
        """Every kept audio clip: columns run, session, tag, step, wall_time, index, rate, encoded."""
        return self._frame(Audio)

    @property
    def text(self) -> pd.DataFrame:
        """Every kept text: columns run, session, tag, step, wall_time, index, value."""
        return self._frame(Text)

    @property
    def checkpoints(self) -> pd.DataFrame:
        """Every checkpoint written, deleted ones too.

        Columns run, session, step, wall_time (when writing began), path, bytes (all its files together),
        seconds (how long writing took) and kept (bool).
        """
        return self._frame(Checkpoint)

    @property
    def events(self) -> pd.DataFrame:
        """What happened, such as states, stop requests, alerts and faults.

        Columns run, session, wall_time, step (nullable integer: not every event has one), kind and detail.
        """
        return self._frame(Event)

    def _frame(self, kind: type[Record]) -> pd.DataFrame:
        """Make the frame of a class of records."""
        raise NotImplementedError


# Frames of what Stores hold


def live(kind: type[Record], stores: Sequence[Columns]) -> pd.DataFrame:
    """Make the frame of a class of records.

    Args:
        kind: the class.
        stores: what each Store holds, in the order in which their sessions were opened.
    """
    if kind.KEEP in (Keep.SERIES, Keep.COUNT):
        return _live_points(kind, stores)
    return of_records(
        kind,
        (
            (LIVE, offset + attempt, record)
            for offset, columns in _numbered(stores)
            for attempt, record in columns.rows(kind)
        ),
    )


def _live_points(kind: type[Record], stores: Sequence[Columns]) -> pd.DataFrame:
    parts, tags = [], []
    for offset, columns in _numbered(stores):
        own: list[str] = []
        pieces = []
        for tag, step, wall_time, value, attempt in columns.points(kind):
            code = np.full(len(step), len(own), np.int32)
            pieces.append(Piece(attempt + np.int32(offset), code, step, wall_time, value))
            own.append(tag)
        parts.append(Part(LIVE, own, pieces))
        tags += own
    frame = of_points([LIVE], parts)
    if len(set(tags)) < len(tags):  # two sources may have reported one point
        frame = frame.drop_duplicates(["tag", "session", "step", "value"], ignore_index=True)
    return frame


def _numbered(stores: Sequence[Columns]) -> Iterator[tuple[int, Columns]]:
    """Pair what each Store holds with the number of attempts before it."""
    offset = 0
    for columns in stores:
        yield offset, columns
        offset += columns.attempts


# Frames of scalars, wherever they came from


class Piece(NamedTuple):
    """Scalars as columns.

    Attributes:
        session: int32 (n,), the attempt of each.
        tag: int (n,), the place of its name among the tags of the part.
        step, wall_time, value: int64, float64 and float64 (n,).
    """

    session: npt.NDArray[np.int32]
    tag: npt.NDArray[np.int32]
    step: npt.NDArray[np.int64]
    wall_time: npt.NDArray[np.float64]
    value: npt.NDArray[np.float64]


class Part(NamedTuple):
    """Scalars of one run that share a list of tags.

    Attributes:
        run: its name.
        tags: their names.
        pieces: the scalars.
    """

    run: str
    tags: Iterable[str]
    pieces: Iterable[Piece]


def of_points(runs: Sequence[str], parts: Iterable[Part]) -> pd.DataFrame:
    """Give every scalar a row.

    Args:
        runs: names of all runs.
        parts: the scalars.

    Returns:
        Columns ``run`` (category), ``tag`` (category), ``step`` (int64), ``wall_time`` (float64, seconds
        since the epoch), ``value`` (float64), ``session`` (int32) and ``orphaned`` (bool).
    """
    import pandas as pd

    numbers = {run: number for number, run in enumerate(runs)}
    tags: dict[str, int] = {}
    columns: dict[str, list[npt.NDArray[Any]]] = {
        name: [np.empty(0, dtype)]
        for name, dtype in (
            ("run", np.int32),
            ("tag", np.int32),
            ("step", np.int64),
            ("wall_time", np.float64),
            ("value", np.float64),
            ("session", np.int32),
        )
    }
    for part in parts:
        codes = np.array([tags.setdefault(tag, len(tags)) for tag in part.tags], np.int32)
        for piece in part.pieces:
            columns["run"].append(np.full(len(piece.step), numbers[part.run], np.int32))
            columns["tag"].append(codes[piece.tag])
            for name in ("step", "wall_time", "value", "session"):
                columns[name].append(getattr(piece, name))
    joined = {name: np.concatenate(pieces) for name, pieces in columns.items()}
    joined["orphaned"] = _orphaned(joined, len(tags))
    for name, known in (("run", numbers), ("tag", tags)):
        joined[name] = pd.Categorical.from_codes(joined[name], categories=pd.Index(list(known), dtype=object))  # type: ignore[assignment]
    return pd.DataFrame(joined, copy=False)


def _orphaned(columns: dict[str, npt.NDArray[Any]], tags: int) -> npt.NDArray[np.bool_]:
    """Find the rows overtaken by a later attempt: one of their run and tag with a first step no later."""
    session = columns["session"]
    orphaned = np.zeros(len(session), bool)
    if not len(session) or not session.max():
        return orphaned
    key = columns["run"].astype(np.int64) * tags + columns["tag"]
    order = np.lexsort((session, key))
    ordered_key, ordered_session = key[order], session[order]
    new = np.flatnonzero(
        np.append(True, (ordered_key[1:] != ordered_key[:-1]) | (ordered_session[1:] != ordered_session[:-1]))
    )
    firsts = np.minimum.reduceat(columns["step"][order], new)
    groups = ordered_key[new]
    later = np.full(len(new), np.iinfo(np.int64).max)
    overtaken = np.append(groups[1:] == groups[:-1], False)  # where there is a later session
    for number in np.flatnonzero(overtaken)[::-1]:
        later[number] = min(later[number + 1], firsts[number + 1])
    lengths = np.diff(np.append(new, len(order)))
    orphaned[order] = np.repeat(overtaken, lengths) & (columns["step"][order] >= np.repeat(later, lengths))
    return orphaned


# Frames of rows


def of_records(kind: type[Record], rows: Iterable[tuple[str, int, Record]]) -> pd.DataFrame:
    """Give every record of a class a row.

    Args:
        kind: the class, which names the columns.
        rows: run, session and record of each.
    """
    items = [(run, session, *record.row()) for run, session, record in rows if record.framed]
    return table(items, {**HEAD, **kind.COLUMNS})


def feeds(fed: Feeds | None) -> pd.DataFrame:
    """Give every tensor that was fed last a row.

    Returns:
        Columns ``name``, ``dtype`` (TensorFlow's name) and ``shape`` (tuple, None where it is not known).
    """
    return table(list(fed.tensors) if fed is not None else [], {"name": "", "dtype": "", "shape": ""})


def results(pairs: Sequence[tuple[str, Any]]) -> pd.DataFrame:
    """Give every final result a row.

    Returns:
        Columns ``name`` and ``value``, which is whatever the session gave.
    """
    return table(list(pairs), {"name": "", "value": "object"})


def history(entries: Iterable[Entry]) -> pd.DataFrame:
    """Give every command that was carried out or refused a row.

    Returns:
        Columns ``step`` (nullable integer), ``wall_time``, ``command``, ``by``, ``outcome`` and ``reason``.
    """
    rows = [
        (entry.step, entry.wall_time, str(entry.command), entry.by, str(entry.outcome), entry.reason)
        for entry in entries
    ]
    columns = {"step": "Int64", "wall_time": "float64", "command": "", "by": "", "outcome": "category"}
    return table(rows, {**columns, "reason": ""})


def table(rows: list[tuple[Any, ...]], columns: Mapping[str, str]) -> pd.DataFrame:
    """Make a frame of rows.

    Args:
        rows: as many items each as there are columns.
        columns: names, and dtypes, ``""`` where pandas chooses. Categories become plain str.
    """
    import pandas as pd

    frame = pd.DataFrame(rows, columns=list(columns))
    types = {name: dtype for name, dtype in columns.items() if dtype}
    for place, (name, dtype) in enumerate(columns.items()):
        if dtype == "Int64":
            # From rows, pandas makes floats of integers among which one is missing: exact up to 2**53 alone.
            frame[name] = _nullable([row[place] for row in rows])
            del types[name]
        elif dtype == "category":
            frame[name] = pd.Series([str(row[place]) for row in rows], dtype=object)
    return frame.astype(types)


def _nullable(items: list[int | None]) -> Any:
    import pandas as pd

    made = pd.array([0 if item is None else item for item in items], "Int64")
    made[pd.isna(items)] = pd.NA
    return made
