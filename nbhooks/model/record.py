"""What every record has, and how a Store keeps it."""

from __future__ import annotations

from dataclasses import replace
from enum import Enum, auto
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from collections.abc import Mapping

    from typing_extensions import Self


class Keep(Enum):
    """How a Store keeps the records of a class."""

    SESSION = auto()
    """As part of what is known of the session: its sources, its attempts."""
    SERIES = auto()
    """The whole history of each `tag` of a source, as numbers."""
    COUNT = auto()
    """The latest of a source, and the history of its `step`, under the latest record's `tag`."""
    RECENT = auto()
    """The latest of each `tag` of a source, up to so many bytes of `payload`."""
    BY_PATH = auto()
    """The latest of each `path` of a source, a bounded number of them."""
    LATEST = auto()
    """The latest of a source."""
    LOG = auto()
    """All, in the order in which they came, a bounded number; and the latest of each `kind` of a source."""


class Record:
    """What every record has: how it is kept, and what its row in a frame holds.

    To add a kind of record, subclass this as a frozen dataclass with slots. A Store keeps it and
    `nbhooks.frames` makes frames of it without further code.

    Attributes:
        KEEP: how a Store keeps it; this decides which attributes it needs (see `Keep`).
        FRAME: name of the frame that it has a row in; ``""`` where it is in none. Classes that are kept as a
            LOG may share a frame, and then have the same columns.
        COLUMNS: the columns of that frame behind ``run`` and ``session``, and their dtypes, ``""`` where
            pandas chooses. Each is an attribute of the record.
    """

    __slots__ = ()
    KEEP: ClassVar[Keep]
    FRAME: ClassVar[str] = ""
    COLUMNS: ClassVar[Mapping[str, str]] = {}
    wall_time: Any

    @property
    def global_step(self) -> int | None:
        """The global step that it makes known; None where its step is not the session's."""
        return None

    @property
    def framed(self) -> bool:
        """Whether it has a row in its frame."""
        return True

    def at(self, step: int) -> Self:
        """Return the same at another step."""
        return replace(self, step=step)  # type: ignore[type-var]

    def row(self) -> tuple[Any, ...]:
        """Return an item for each of the columns."""
        return tuple([getattr(self, name) for name in self.COLUMNS])
