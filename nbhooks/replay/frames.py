"""The contents of event files as tidy DataFrames; pandas is imported when the first one is made."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from nbhooks import tables
from nbhooks.model.records import Audio, Histogram, Image, Tensor, Text
from nbhooks.tfevents import checkpoints as recorded
from nbhooks.tfevents.sessions import placed, sessions, sessions_at

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy.typing as npt
    import pandas as pd

    from nbhooks.tfevents.event_file import EventFile


def scalars(files: Sequence[EventFile]) -> pd.DataFrame:
    """Make a row for every scalar, run by run."""
    import pandas as pd

    begins = sessions(files)
    runs = sorted({file.run for file in files})
    numbers = {run: number for number, run in enumerate(runs)}
    tags: dict[str, int] = {}
    columns: dict[str, list[npt.NDArray[Any]]] = {
        name: [np.empty(0, kind)]
        for name, kind in (
            ("run", np.int32),
            ("tag", np.int32),
            ("step", np.int64),
            ("wall_time", np.float64),
            ("value", np.float64),
            ("session", np.int32),
        )
    }
    for file in files:
        codes = np.array([tags.setdefault(tag, len(tags)) for tag in file.tags], np.int32)
        for part in file.parts:
            row = (
                np.full(len(part.step), numbers[file.run], np.int32),
                codes[part.tag],
                part.step,
                part.wall_time,
                part.value,
                sessions_at(file, part.offset, begins).astype(np.int32),
            )
            for column, item in zip(columns.values(), row, strict=True):
                column.append(item)
    joined = {name: np.concatenate(parts) for name, parts in columns.items()}
    joined["orphaned"] = _orphaned(joined, len(tags))
    for name, known in (("run", runs), ("tag", list(tags))):
        joined[name] = pd.Categorical.from_codes(joined[name], categories=pd.Index(known, dtype=object))  # type: ignore[assignment]
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


def histograms(files: Sequence[EventFile]) -> pd.DataFrame:
    """Make a row for every histogram."""
    return tables.of_values(Histogram, _tagged(files, Histogram))


def tensors(files: Sequence[EventFile]) -> pd.DataFrame:
    """Make a row for every tensor."""
    return tables.of_values(Tensor, _tagged(files, Tensor))


def images(files: Sequence[EventFile]) -> pd.DataFrame:
    """Make a row for every image."""
    return tables.of_values(Image, _tagged(files, Image))


def audio(files: Sequence[EventFile]) -> pd.DataFrame:
    """Make a row for every audio clip."""
    return tables.of_values(Audio, _tagged(files, Audio))


def text(files: Sequence[EventFile]) -> pd.DataFrame:
    """Make a row for every text."""
    return tables.of_values(Text, _tagged(files, Text))


def checkpoints(files: Sequence[EventFile]) -> pd.DataFrame:
    """Make a row for every checkpoint of the session log; `kept` says whether it is still there."""
    rows = [
        (run, session, step, wall_time, path, size or 0, math.nan, size is not None)
        for run, session, step, wall_time, path, size in recorded.checkpoints(files)
    ]
    names = ("run", "session", "step", "wall_time", "path", "bytes", "seconds", "kept")
    return tables.table(rows, names, bytes="int64", seconds="float64", kept="bool")


def hparams(files: Sequence[EventFile]) -> pd.DataFrame:
    """Make a row for every run with hyper-parameters.

    Columns have the names of the hyper-parameters. Since ``run`` is the name of the run, a hyper-parameter
    called ``run`` is in the column ``hparam run``, one called ``hparam run`` in ``hparam hparam run``, and so
    on: no two share a column.
    """
    import pandas as pd

    found: dict[str, dict[str, Any]] = {}
    for file in files:
        if file.hparams:
            found.setdefault(file.run, {}).update(file.hparams)
    rows = [
        {"run": run, **{_column(name): value for name, value in values.items()}}
        for run, values in found.items()
    ]
    frame = pd.DataFrame(rows)
    return frame if len(frame) else pd.DataFrame({"run": []})


def _column(hparam: str) -> str:
    return f"hparam {hparam}" if re.fullmatch("(hparam )*run", hparam) else hparam


def experiments(files: Sequence[EventFile]) -> pd.DataFrame:
    """Make a row for every hyper-parameter and metric that an experiment describes."""
    begins = sessions(files)
    rows = [
        (file.run, session, *described)
        for file in files
        for session, (_, described) in placed(file, file.experiments, begins)
    ]
    return tables.table(rows, ("run", "session", "name", "kind", "domain", "dtype"), kind="category")


def events(files: Sequence[EventFile]) -> pd.DataFrame:
    """Make a row for the beginning of every file and of every attempt, in the order of wall time."""
    begins = sessions(files)
    rows: list[tuple[Any, ...]] = []
    for file in files:
        if not math.isnan(file.first):
            rows.append((file.run, begins[id(file)], file.first, None, "file", str(file.path)))
        for session, (_, wall_time, step) in placed(file, file.starts, begins):
            rows.append((file.run, session, wall_time, step, "session started", ""))
    names = ("run", "session", "wall_time", "step", "kind", "detail")
    return tables.table(sorted(rows, key=lambda row: (row[0], row[2])), names, step="Int64", kind="category")


def problems(files: Sequence[EventFile], others: Sequence[tuple[str, str]]) -> pd.DataFrame:
    """Make a row for every fault: where it is, how many bytes are lost to it, and why.

    Args:
        files: whose faults to report.
        others: paths of what could not be found or read, and why.
    """
    rows = [
        (str(file.path), begin, end - begin, reason)
        for file in files
        for begin, end, reason in sorted(file.problems)
    ]
    rows += [(path, 0, 0, reason) for path, reason in others]
    return tables.table(rows, ("file", "offset", "bytes", "reason"), offset="int64", bytes="int64")


_Value = TypeVar("_Value", Tensor, Histogram, Image, Audio, Text)


def _tagged(files: Sequence[EventFile], kind: type[_Value]) -> Iterator[tuple[tuple[Any, ...], _Value]]:
    """Yield the first columns of every tagged value, and the value."""
    begins = sessions(files)
    for file in files:
        for session, (_, value) in placed(file, file.others, begins):
            if isinstance(value, kind):
                yield (file.run, session, value.tag, value.step, value.wall_time), value
