"""Numbers the attempts of a run: what its frames call ``session``."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from nbhooks.tfevents.event_file import EventFile

_Item = TypeVar("_Item", bound=tuple[Any, ...])


def sessions(files: Iterable[EventFile]) -> dict[int, int]:
    """Give the number of the attempt with which each file begins, by the file's id.

    An attempt begins with a file whose first event is later than the last of all earlier files of the run;
    files that overlap in time are one attempt. Every session start that is recorded in a file begins one
    more, except the first of an attempt.
    """
    begins: dict[int, int] = {}
    runs: dict[str, list[EventFile]] = {}
    for file in files:
        runs.setdefault(file.run, []).append(file)
    for members in runs.values():
        # A file without an event begins nothing; a NaN would upset the order.
        members.sort(key=lambda file: (math.inf if math.isnan(file.first) else file.first, str(file.path)))
        session, further, last = 0, 0, math.nan
        for file in members:
            if file.first > last:
                session, further = session + further + 1, 0
            begins[id(file)] = session
            last = file.last if math.isnan(last) else max(last, file.last)
            further = max(further, len(file.starts) - 1)
    return begins


def sessions_at(file: EventFile, offset: Any, begins: dict[int, int]) -> Any:
    """Give the attempts to which records at some bytes of a file belong.

    Args:
        file: where the records are.
        offset: (n,), the byte at which each begins.
        begins: what `sessions` gave.

    Returns:
        int64 (n,).
    """
    later = np.array([start for start, _, _ in file.starts[1:]], np.int64)
    return begins[id(file)] + np.searchsorted(later, np.asarray(offset, np.int64), side="right")


def placed(file: EventFile, items: Sequence[_Item], begins: dict[int, int]) -> Iterator[tuple[int, _Item]]:
    """Pair tuples that begin with their byte in a file with their attempt; `begins` is as of `sessions`."""
    numbers = sessions_at(file, [item[0] for item in items], begins)
    return zip(numbers.tolist(), items, strict=True)
