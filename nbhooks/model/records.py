"""What a source can report: frozen records, and the sink that takes them.

A live hook and a saved event file report the same records, so that a view shows both alike.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    import numpy.typing as npt

    from nbhooks.model.lifecycle import Phase


@dataclass(frozen=True, slots=True)
class Source:
    """Something is going to report.

    Attributes:
        source: its name, unique within the session, such as ``"LoggingTensorHook 2"``.
        kind: what it reports, which decides how it is shown: ``"steps"``, ``"tensors"``, ``"nan"``,
            ``"checkpoints"``, ``"progress"``, ``"wait"``, ``"results"``, ``"summaries"``, ``"feeds"`` or
            ``"files"``; one of any other kind is not shown.
        detail: what is known before the first report, such as the tags that will come.
    """

    source: str
    kind: str
    detail: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Attempt:
    """A session was created: the first one, or one more after a recovery."""

    wall_time: float
    step: int | None = None


@dataclass(frozen=True, slots=True)
class Scalar:
    """One number of one tag.

    Attributes:
        source: who reports it.
        tag: its name, as written by the user. Hostile until escaped.
        step: the global step after the run that computed it.
        wall_time: seconds since the epoch.
        value: the number. NaN and infinities are kept.
    """

    source: str
    tag: str
    step: int
    wall_time: float
    value: float


@dataclass(frozen=True, slots=True)
class Tensor:
    """A value that is not one real number: a vector, an image, a string, a complex number.

    Attributes:
        source: who reports it.
        tag: its name, as written by the user. Hostile until escaped.
        step: the global step after the run that computed it.
        wall_time: seconds since the epoch.
        dtype: TensorFlow's name of the type, such as ``"float32"`` or ``"string"``.
        shape: of the whole tensor.
        value: a copy of the whole tensor, or of every n-th element of its flat form.
        sampled: whether `value` is such a sample, because the tensor is too large to keep.
    """

    source: str
    tag: str
    step: int
    wall_time: float
    dtype: str
    shape: tuple[int, ...]
    value: npt.NDArray[Any]
    sampled: bool = False


@dataclass(frozen=True, slots=True)
class Histogram:
    """How often values of each size came, as a summary holds it.

    Attributes:
        source, tag, step, wall_time: as of a Scalar.
        edges: float64 (n + 1,), where the bins begin and where the last one ends.
        counts: float64 (n,), how many values fell into each bin.
        minimum, maximum, sum, num: of all values.
        sum_squares: of all values; NaN where it was not written, as by TensorFlow 2.
    """

    source: str
    tag: str
    step: int
    wall_time: float
    edges: npt.NDArray[np.float64]
    counts: npt.NDArray[np.float64]
    minimum: float
    maximum: float
    sum: float
    num: float
    sum_squares: float = math.nan


@dataclass(frozen=True, slots=True)
class Image:
    """A picture, still encoded; the bytes and the size are hostile until a decoder has looked at them.

    Attributes:
        source, tag, step, wall_time: as of a Scalar.
        index: which of the pictures of this tag and step, from 0.
        width, height: in pixels, as claimed.
        encoded: usually a PNG.
    """

    source: str
    tag: str
    step: int
    wall_time: float
    index: int
    width: int
    height: int
    encoded: bytes


@dataclass(frozen=True, slots=True)
class Audio:
    """A sound, still encoded.

    Attributes:
        source, tag, step, wall_time, index: as of an Image.
        rate: samples a second, as claimed.
        encoded: usually a WAV.
    """

    source: str
    tag: str
    step: int
    wall_time: float
    index: int
    rate: float
    encoded: bytes


@dataclass(frozen=True, slots=True)
class Text:
    """A text that was summed up. Hostile until escaped.

    Attributes:
        source, tag, step, wall_time, index: as of an Image.
        value: the text.
    """

    source: str
    tag: str
    step: int
    wall_time: float
    index: int
    value: str


Value: TypeAlias = Tensor | Histogram | Image | Audio | Text
"""Whatever has a tag and a step and is not one real number."""


@dataclass(frozen=True, slots=True)
class Feeds:
    """What was fed in one run.

    Attributes:
        source: who fed it.
        step: the global step before the run, where it is known.
        wall_time: seconds since the epoch.
        tensors: of each its name, its dtype as TensorFlow names it, and its shape, None where that is not
            known.
    """

    source: str
    step: int | None
    wall_time: float
    tensors: tuple[tuple[str, str, tuple[int, ...] | None], ...]


@dataclass(frozen=True, slots=True)
class File:
    """A file that was written or has grown; a later record of the same path replaces it.

    Attributes:
        source: who wrote it.
        path: where it is. Hostile until escaped.
        step: the global step.
        wall_time: seconds since the epoch.
        size: bytes; None until it is known.
    """

    source: str
    path: str
    step: int
    wall_time: float
    size: int | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text that replaces the one before it, such as a formatter's."""

    source: str
    step: int
    wall_time: float
    text: str


@dataclass(frozen=True, slots=True)
class Progress:
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

    source: str
    step: int
    wall_time: float
    first: int
    last: int | None
    unit: str = "step"
    began: float | None = None


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The state of one checkpoint; a later record of the same path replaces it.

    Attributes:
        source: who wrote it.
        path: the checkpoint's prefix, as ``tf.train.load_checkpoint`` takes it.
        step: its global step.
        wall_time: when writing began, in seconds since the epoch.
        state: ``"writing"``, ``"kept"``, ``"deleted"`` or ``"failed"``.
        seconds: how long writing took; None while it is being written.
        size: bytes on disk, all its files together; None until it is known.
    """

    source: str
    path: str
    step: int
    wall_time: float
    state: str
    seconds: float | None = None
    size: int | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """Something happened that is neither a value nor a state: a stop request, a NaN, a fault.

    Attributes:
        kind: ``"stop requested"``, ``"nan"``, ``"inf"``, ``"fault"`` or ``"thinned"``.
        step: the global step, where it is known.
        wall_time: seconds since the epoch.
        detail: the rest, in words. Hostile until escaped.
        source: who noticed it.
    """

    kind: str
    step: int | None
    wall_time: float
    detail: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class State:
    """What the session is doing from now on.

    Attributes:
        phase: the state.
        step: the global step, where it is known.
        wall_time: seconds since the epoch.
        detail: what it waits for where that is not the session, what stopped it, or the name of the error it
            died of.
    """

    phase: Phase
    step: int | None
    wall_time: float
    detail: str = ""


Record: TypeAlias = (
    Source | Attempt | Scalar | Value | Feeds | File | Line | Progress | Checkpoint | Event | State
)


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
