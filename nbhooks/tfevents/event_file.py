"""An event file: how far it was read, and the records that were found in it."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from nbhooks.tfevents.stretches import NOWHERE, Damage, Stretch

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

    from nbhooks.model.values import Value
    from nbhooks.tfevents.hparams import Described

REPLACED = "replaced, or shorter than it was: read anew"


class Part(NamedTuple):
    """Scalars of one file, as columns.

    Attributes:
        offset: int64 (n,), at which byte of the file the record of each begins.
        wall_time, step, value: float64, int64 and float64 (n,).
        tag: int32 (n,), the number of each one's tag in the file.
    """

    offset: npt.NDArray[np.int64]
    wall_time: npt.NDArray[np.float64]
    step: npt.NDArray[np.int64]
    value: npt.NDArray[np.float64]
    tag: npt.NDArray[np.int32]

    def only(self, of: Any) -> Part:
        """Give some of the rows: a slice, a mask, or their numbers."""
        return Part(self.offset[of], self.wall_time[of], self.step[of], self.value[of], self.tag[of])


NOTHING = Part(np.empty(0, np.int64), np.empty(0), np.empty(0, np.int64), np.empty(0), np.empty(0, np.int32))


def joined(parts: Sequence[Part]) -> Part:
    """Put parts behind one another."""
    return Part(*map(np.concatenate, zip(NOTHING, *parts, strict=True)))


def identity(status: os.stat_result) -> tuple[int, int, int, int]:
    """Give what is another for another file under the same name, and beside the size for other bytes."""
    return status.st_dev, status.st_ino, status.st_mtime_ns, status.st_ctime_ns


@dataclass(slots=True)
class EventFile:
    """A file, and what it said so far.

    Attributes:
        path, run: where it is, and the run that it belongs to.
        identity: device, inode and times of change when it was read last.
        size: as it was when it was read last.
        read: bytes that need not be read again, unless what is damaged among them changes.
        begun: how many times rows were withdrawn: it was replaced, or something before them has healed.
        healed: how many times damaged bytes were found to have changed.
        head, tail: its first bytes, and the last record that was read: both are others in another file.
        damages: what holds no record yet, in the order of the file.
        first, last: wall times of its first and its latest event; NaN before there is one.
        starts: byte, wall time and step of each session start that it records.
        tags: number of each tag of a scalar.
        parts: scalars, in order. None is much smaller than the next: a file that is read on a thousand times
            has few.
        others: pairs of the byte and what is no scalar.
        checkpoints: byte, wall time, step and path of each.
        hparams: hyper-parameters by name.
        experiments: pairs of the byte and a hyper-parameter or metric that an experiment describes.
        graphs: at which bytes graphs are.
        problems: from which byte to which something is lost, and why.
    """

    path: Path
    run: str
    identity: tuple[int, int, int, int] = (0, 0, 0, 0)
    size: int = -1
    read: int = 0
    begun: int = 0
    healed: int = 0
    head: Stretch = NOWHERE
    tail: Stretch = NOWHERE
    damages: list[Damage] = field(default_factory=list)
    first: float = math.nan
    last: float = math.nan
    starts: list[tuple[int, float, int]] = field(default_factory=list)
    tags: dict[str, int] = field(default_factory=dict)
    parts: list[Part] = field(default_factory=list)
    others: list[tuple[int, Value]] = field(default_factory=list)
    checkpoints: list[tuple[int, float, int, str]] = field(default_factory=list)
    hparams: dict[str, Any] = field(default_factory=dict)
    experiments: list[tuple[int, Described]] = field(default_factory=list)
    graphs: list[int] = field(default_factory=list)
    plugins: dict[str, Any] = field(default_factory=dict)
    problems: list[tuple[int, int, str]] = field(default_factory=list)

    @property
    def state(self) -> tuple[object, ...]:
        """What is another after every reading that found something."""
        problems = tuple(self.problems[-8:]), len(self.problems)
        return self.identity[:2], self.size, self.read, self.begun, self.healed, problems

    def changed(self, now: float) -> bool:
        """Return whether there may be anything to read, or nothing where something was.

        Args:
            now: the time, for what is damaged.
        """
        try:
            status = os.stat(self.path)  # noqa: PTH116 - a Path takes twice as long, and this is asked often
        except OSError:
            return True
        if status.st_size != self.size or identity(status) != self.identity:
            return True
        return bool(self.damages) and any(now < damage.until for damage in self.damages)

    def scalars(self, begin: int = 0) -> Part:
        """Give the scalars from the given one on."""
        parts: list[Part] = []
        left = sum(len(part.step) for part in self.parts) - begin
        for part in reversed(self.parts):
            if left > 0:
                parts.insert(0, part.only(slice(-left, None)))
                left -= len(part.step)
        return parts[0] if len(parts) == 1 else joined(parts)

    def held(self) -> Mapping[str, Any]:
        """Remember what the bytes up to `read` said, as `go_back` needs it: lists only grow."""
        if not self.read:
            return _FRESH
        values = {name: getattr(self, name) for name in _SAID}
        return {
            name: len(value)
            if isinstance(value, list)
            else value.copy()
            if isinstance(value, dict)
            else value
            for name, value in values.items()
        }

    def go_back(self, before: Mapping[str, Any]) -> None:
        """Let go of what was read since something was remembered, so that it is read again."""
        for name, value in before.items():
            known = getattr(self, name)
            if isinstance(known, list):
                del known[value:]
            else:
                setattr(self, name, value.copy() if isinstance(value, dict) else value)
        while self.parts and self.parts[-1].offset[-1] >= self.read:
            part = self.parts.pop()
            kept = int(np.searchsorted(part.offset, self.read))
            if kept:
                self.parts.append(part.only(slice(kept)))
        self.settle()
        self.size = self.read

    def settle(self) -> None:
        """Drop problems and damages behind what was read: those bytes are read again."""
        self.damages = [damage for damage in self.damages if damage.stretch.begin < self.read]
        self.problems = [
            (begin, min(end, self.read), reason)
            for begin, end, reason in self.problems
            if reason == REPLACED or (end and begin < self.read)
        ]

    def copy(self) -> EventFile:
        """Make another that can be read on while this one stays as it is."""
        other = EventFile(self.path, self.run)
        for name in EventFile.__slots__:
            value = getattr(self, name)
            setattr(other, name, value.copy() if isinstance(value, (dict, list)) else value)
        return other


_SAID = [
    name
    for name in EventFile.__slots__
    if name not in ("path", "run", "identity", "size", "begun", "healed", "parts", "problems")
]
"""What the bytes of a file say, but for its scalars and problems, which know their places."""

_FRESH: Mapping[str, Any] = {
    name: 0 if isinstance(value, list) else value
    for name, value in ((name, getattr(EventFile(Path(), ""), name)) for name in _SAID)
}
