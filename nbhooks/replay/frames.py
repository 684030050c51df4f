"""What event files hold, as rows for `nbhooks.frames`, and the frames that only saved runs have."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

import numpy as np

from nbhooks.frames import HEAD, Part, Piece, of_points, of_records, table
from nbhooks.model.events import Event
from nbhooks.model.kinds import EventKind
from nbhooks.model.records import Checkpoint, Scalar
from nbhooks.tfevents.checkpoints import checkpoints
from nbhooks.tfevents.sessions import placed, sessions, sessions_at

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pandas as pd

    from nbhooks.model.record import Record
    from nbhooks.tfevents.event_file import EventFile


def saved(kind: type[Record], files: Sequence[EventFile]) -> pd.DataFrame:
    """Make the frame of a class of records.

    Args:
        kind: the class.
        files: in the order of run and path.
    """
    if kind is Scalar:
        return of_points(sorted({file.run for file in files}), _points(files))
    if kind is Checkpoint:
        return of_records(kind, checkpoints(files))
    return of_records(kind, _events(files) if kind is Event else _values(files, kind))


def _points(files: Sequence[EventFile]) -> Iterator[Part]:
    """Yield the scalars of every file."""
    begins = sessions(files)
    for file in files:
        pieces = (
            Piece(
                sessions_at(file, part.offset, begins).astype(np.int32),
                part.tag,
                part.step,
                part.wall_time,
                part.value,
            )
            for part in file.parts
        )
        yield Part(file.run, file.tags, pieces)


def _values(files: Sequence[EventFile], kind: type[Record]) -> Iterator[tuple[str, int, Record]]:
    """Yield every tagged value of a class."""
    begins = sessions(files)
    for file in files:
        for session, (_, value) in placed(file, file.others, begins):
            if isinstance(value, kind):
                yield file.run, session, value


def _events(files: Sequence[EventFile]) -> list[tuple[str, int, Event]]:
    """Return the beginning of every file and of every attempt, run by run in the order of wall time."""
    begins = sessions(files)
    rows = []
    for file in files:
        if not math.isnan(file.first):
            event = Event(EventKind.FILE, None, file.first, str(file.path))
            rows.append((file.run, begins[id(file)], event))
        for session, (_, wall_time, step) in placed(file, file.starts, begins):
            rows.append((file.run, session, Event(EventKind.SESSION, step, wall_time)))
    return sorted(rows, key=lambda row: (row[0], row[2].wall_time))


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
    return table(rows, {**HEAD, "name": "", "kind": "category", "domain": "", "dtype": ""})


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
    return table(rows, {"file": "", "offset": "int64", "bytes": "int64", "reason": ""})
