"""What a source can report: frozen records, and the sink that takes them.

A live hook and a saved event file report the same records, so that a view shows both alike.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    import numpy.typing as npt

    from nbhooks.model.lifecycle import Phase


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


class SourceKind(str, Enum):
    """What a source reports, which decides how it is shown. Compares equal to its plain name."""

    STEPS = "steps"
    TENSORS = "tensors"
    NAN = "nan"
    CHECKPOINTS = "checkpoints"
    PROGRESS = "progress"
    WAIT = "wait"
    RESULTS = "results"
    SUMMARIES = "summaries"
    FEEDS = "feeds"
    FILES = "files"
    DEBUG = "debug"

    __str__ = str.__str__


class EventKind(str, Enum):
    """What happened. Compares equal to its plain name."""

    STOP = "stop requested"
    NAN = "nan"
    INF = "inf"
    FAULT = "fault"
    THINNED = "thinned"
    COMMAND = "command"
    STATE = "state"
    FILE = "file"
    SESSION = "session started"
    ALERT = "alert"
    PAUSE = "pause"

    __str__ = str.__str__


class AlertLevel(str, Enum):
    """How urgent an alert is. Compares equal to its plain name."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"

    __str__ = str.__str__


class CheckpointState(str, Enum):
    """What has become of a checkpoint. Compares equal to its plain name."""

    WRITING = "writing"
    KEPT = "kept"
    DELETED = "deleted"
    FAILED = "failed"

    __str__ = str.__str__


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

    def row(self) -> tuple[Any, ...]:
        """Return an item for each of the columns."""
        return tuple([getattr(self, name) for name in self.COLUMNS])


@dataclass(frozen=True, slots=True)
class Source(Record):
    """Something is going to report.

    Attributes:
        source: its name, unique within the session, such as ``"LoggingTensorHook 2"``.
        kind: a SourceKind, which decides how it is shown; one of any other kind is not shown.
        detail: what is known before the first report, such as the tags that will come.
    """

    KEEP = Keep.SESSION
    source: str
    kind: str
    detail: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Attempt(Record):
    """A session was created: the first one, or one more after a recovery."""

    KEEP = Keep.SESSION
    wall_time: float
    step: int | None = None


@dataclass(frozen=True, slots=True)
class Scalar(Record):
    """One number of one tag.

    Attributes:
        source: who reports it.
        tag: its name, as written by the user. Hostile until escaped.
        step: the global step after the run that computed it.
        wall_time: seconds since the epoch.
        value: the number. NaN and infinities are kept.
    """

    KEEP = Keep.SERIES
    FRAME = "scalars"
    source: str
    tag: str
    step: int
    wall_time: float
    value: float

    @property
    def global_step(self) -> int:
        """The global step."""
        return self.step


@dataclass(frozen=True, slots=True)
class Value(Record):
    """Whatever has a tag and a step and is not one real number.

    Attributes:
        source: who reports it.
        tag: its name, as written by the user. Hostile until escaped.
        step: the global step after the run that computed it.
        wall_time: seconds since the epoch.
    """

    KEEP = Keep.RECENT
    HEAD: ClassVar[Mapping[str, str]] = {"tag": "category", "step": "int64", "wall_time": "float64"}
    source: str
    tag: str
    step: int
    wall_time: float

    @property
    def global_step(self) -> int:
        """The global step."""
        return self.step

    @property
    def payload(self) -> tuple[npt.NDArray[Any] | bytes | str, ...]:
        """What takes the most of its memory."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Tensor(Value):
    """A value that is not one real number: a vector, an image, a string, a complex number.

    Attributes:
        source, tag, step, wall_time: as of a Scalar.
        dtype: TensorFlow's name of the type, such as ``"float32"`` or ``"string"``.
        shape: of the whole tensor.
        value: a copy of the whole tensor, or of every n-th element of its flat form.
        sampled: whether `value` is such a sample, because the tensor is too large to keep.
    """

    FRAME = "tensors"
    COLUMNS: ClassVar[Mapping[str, str]] = {**Value.HEAD, "dtype": "", "shape": "", "value": ""}
    dtype: str
    shape: tuple[int, ...]
    value: npt.NDArray[Any]
    sampled: bool = False

    @property
    def payload(self) -> tuple[npt.NDArray[Any]]:
        """The array."""
        return (self.value,)

    def row(self) -> tuple[Any, ...]:
        """Return an item for each of the columns; the value is None where it was too large to keep."""
        return (
            self.tag,
            self.step,
            self.wall_time,
            self.dtype,
            self.shape,
            None if self.sampled else self.value,
        )


@dataclass(frozen=True, slots=True)
class Histogram(Value):
    """How often values of each size came, as a summary holds it.

    Attributes:
        source, tag, step, wall_time: as of a Scalar.
        edges: float64 (n + 1,), where the bins begin and where the last one ends.
        counts: float64 (n,), how many values fell into each bin.
        minimum, maximum, sum, num: of all values.
        sum_squares: of all values; NaN where it was not written, as by TensorFlow 2.
    """

    FRAME = "histograms"
    COLUMNS: ClassVar[Mapping[str, str]] = {
        **Value.HEAD,
        "edges": "",
        "counts": "",
        "min": "float64",
        "max": "float64",
        "sum": "float64",
        "sum_squares": "float64",
        "num": "float64",
    }
    edges: npt.NDArray[np.float64]
    counts: npt.NDArray[np.float64]
    minimum: float
    maximum: float
    sum: float
    num: float
    sum_squares: float = math.nan

    @property
    def payload(self) -> tuple[npt.NDArray[Any], ...]:
        """Both arrays."""
        return self.edges, self.counts

    @property
    def min(self) -> float:
        """The minimum, as the column is called."""
        return self.minimum

    @property
    def max(self) -> float:
        """The maximum, as the column is called."""
        return self.maximum


@dataclass(frozen=True, slots=True)
class Image(Value):
    """A picture, still encoded; the bytes and the size are hostile until a decoder has looked at them.

    Attributes:
        source, tag, step, wall_time: as of a Scalar.
        index: which of the pictures of this tag and step, from 0.
        width, height: in pixels, as claimed.
        encoded: usually a PNG.
    """

    FRAME = "images"
    COLUMNS: ClassVar[Mapping[str, str]] = {
        **Value.HEAD,
        "index": "int64",
        "width": "int64",
        "height": "int64",
        "encoded": "",
    }
    index: int
    width: int
    height: int
    encoded: bytes

    @property
    def payload(self) -> tuple[bytes]:
        """The bytes."""
        return (self.encoded,)


@dataclass(frozen=True, slots=True)
class Audio(Value):
    """A sound, still encoded.

    Attributes:
        source, tag, step, wall_time, index: as of an Image.
        rate: samples a second, as claimed.
        encoded: usually a WAV.
    """

    FRAME = "audio"
    COLUMNS: ClassVar[Mapping[str, str]] = {**Value.HEAD, "index": "int64", "rate": "float64", "encoded": ""}
    index: int
    rate: float
    encoded: bytes

    @property
    def payload(self) -> tuple[bytes]:
        """The bytes."""
        return (self.encoded,)


@dataclass(frozen=True, slots=True)
class Text(Value):
    """A text that was summed up. Hostile until escaped.

    Attributes:
        source, tag, step, wall_time, index: as of an Image.
        value: the text.
    """

    FRAME = "text"
    COLUMNS: ClassVar[Mapping[str, str]] = {**Value.HEAD, "index": "int64", "value": ""}
    index: int
    value: str

    @property
    def payload(self) -> tuple[str]:
        """The text."""
        return (self.value,)


@dataclass(frozen=True, slots=True)
class Feeds(Record):
    """What was fed in one run.

    Attributes:
        source: who fed it.
        step: the global step before the run, where it is known.
        wall_time: seconds since the epoch.
        tensors: of each its name, its dtype as TensorFlow names it, and its shape, None where that is not
            known.
    """

    KEEP = Keep.LATEST
    source: str
    step: int | None
    wall_time: float
    tensors: tuple[tuple[str, str, tuple[int, ...] | None], ...]


@dataclass(frozen=True, slots=True)
class File(Record):
    """A file that was written or has grown; a later record of the same path replaces it.

    Attributes:
        source: who wrote it.
        path: where it is. Hostile until escaped.
        step: the global step.
        wall_time: seconds since the epoch.
        size: bytes; None until it is known.
    """

    KEEP = Keep.BY_PATH
    FRAME = "files"
    COLUMNS: ClassVar[Mapping[str, str]] = {
        "step": "int64",
        "wall_time": "float64",
        "path": "",
        "bytes": "int64",
    }
    source: str
    path: str
    step: int
    wall_time: float
    size: int | None = None

    @property
    def bytes(self) -> int:
        """The size, 0 while it is not known."""
        return self.size or 0


@dataclass(frozen=True, slots=True)
class Line(Record):
    """A line of text that replaces the one before it, such as a formatter's."""

    KEEP = Keep.LATEST
    source: str
    step: int
    wall_time: float
    text: str


@dataclass(frozen=True, slots=True)
class Progress(Record):
    """How far a source has come on the way from `first` to `last`.

    Attributes:
        source: who is on the way.
        step: where it is.
        wall_time: seconds since the epoch.
        first: where it began.
        last: where it ends, None where nobody knows.
        unit: what is counted: ``"step"`` for global steps, or the name of something else.
        began: when it began, in seconds since the epoch; None where that is not known.
    """

    KEEP = Keep.COUNT
    FRAME = "progress"
    source: str
    step: int
    wall_time: float
    first: int
    last: int | None
    unit: str = "step"
    began: float | None = None

    @property
    def global_step(self) -> int | None:
        """The global step, where that is what is counted."""
        return self.step if self.unit == "step" else None

    @property
    def tag(self) -> str:
        """What is counted."""
        return self.unit


@dataclass(frozen=True, slots=True)
class Checkpoint(Record):
    """The state of one checkpoint; a later record of the same path replaces it.

    Attributes:
        source: who wrote it.
        path: the checkpoint's prefix, as ``tf.train.load_checkpoint`` takes it.
        step: its global step.
        wall_time: when writing began, in seconds since the epoch.
        state: a CheckpointState.
        seconds: how long writing took; None while it is being written.
        size: bytes on disk, all its files together; None until it is known.
    """

    KEEP = Keep.BY_PATH
    FRAME = "checkpoints"
    COLUMNS: ClassVar[Mapping[str, str]] = {
        "step": "int64",
        "wall_time": "float64",
        "path": "",
        "bytes": "int64",
        "seconds": "float64",
        "kept": "bool",
    }
    source: str
    path: str
    step: int
    wall_time: float
    state: str
    seconds: float | None = None
    size: int | None = None

    @property
    def bytes(self) -> int:
        """The size, 0 where it is not known."""
        return self.size or 0

    @property
    def kept(self) -> bool:
        """Whether it is still there."""
        return self.state == CheckpointState.KEPT

    @property
    def framed(self) -> bool:
        """Whether it was written, even if it is deleted by now."""
        return self.kept or self.state == CheckpointState.DELETED


@dataclass(frozen=True, slots=True)
class Event(Record):
    """Something happened that is neither a value nor a state: a stop request, a NaN, a fault.

    Attributes:
        kind: an EventKind.
        step: the global step, where it is known.
        wall_time: seconds since the epoch.
        detail: the rest, in words. Hostile until escaped.
        source: who noticed it.
    """

    KEEP = Keep.LOG
    FRAME = "events"
    COLUMNS: ClassVar[Mapping[str, str]] = {
        "wall_time": "float64",
        "step": "Int64",
        "kind": "category",
        "detail": "",
    }
    kind: str
    step: int | None
    wall_time: float
    detail: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class State(Record):
    """What the session is doing from now on.

    Attributes:
        phase: the state.
        step: the global step, where it is known.
        wall_time: seconds since the epoch.
        reason: what it waits for where that is not the session, what stopped it, or the name of the error it
            died of.
    """

    KEEP = Keep.LOG
    FRAME = Event.FRAME
    COLUMNS: ClassVar[Mapping[str, str]] = Event.COLUMNS
    phase: Phase
    step: int | None
    wall_time: float
    reason: str = ""

    @property
    def global_step(self) -> int | None:
        """The global step, where it is known."""
        return self.step

    @property
    def kind(self) -> str:
        """The kind of event that a change of state is."""
        return EventKind.STATE

    @property
    def source(self) -> str:
        """Nobody: it is the session's."""
        return ""

    @property
    def detail(self) -> str:
        """The state and the reason, in words."""
        return f"{self.phase}: {self.reason}" if self.reason else self.phase.value


@dataclass(frozen=True, slots=True)
class Alert(Record):
    """A user's own code asks for attention (see `nbhooks.alert`).

    Attributes:
        level: how urgent it is.
        title: what it is about, in a few words. Hostile until escaped.
        text: the rest, ``""`` where the title says it all. Hostile until escaped.
        step: the latest global step known when it was raised, None where there is none.
        wall_time: seconds since the epoch.
    """

    KEEP = Keep.LOG
    FRAME = Event.FRAME
    COLUMNS: ClassVar[Mapping[str, str]] = Event.COLUMNS
    level: AlertLevel
    title: str
    text: str
    step: int | None
    wall_time: float

    @property
    def kind(self) -> str:
        """The kind of event that an alert is."""
        return EventKind.ALERT

    @property
    def source(self) -> str:
        """None of the session's: it is the user's."""
        return ""

    @property
    def detail(self) -> str:
        """Level, title and text, in words."""
        return f"{self.level}: {self.title}" + (f": {self.text}" if self.text else "")


@runtime_checkable
class Sink(Protocol):
    """Whatever takes records.

    A Store keeps them, a Dashboard shows them, a list's ``append`` under this name would do.
    """

    def write(self, record: Record, /) -> None:
        """Take one record. Called on the training thread: be quick, and do not raise."""


@runtime_checkable
class ColumnSink(Sink, Protocol):
    """A sink that takes many scalars of one tag at once, too: a saved run has millions."""

    def write_scalars(
        self,
        source: str,
        tag: str,
        step: npt.NDArray[np.int64],
        wall_time: npt.NDArray[np.float64],
        value: npt.NDArray[np.float64],
    ) -> None:
        """Take points of one tag, in order: each column has one item of each."""
