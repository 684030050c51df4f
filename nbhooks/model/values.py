"""Records of values that are not one real number: tensors, histograms, images, audio, text."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from nbhooks.model.record import Keep, Record

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    import numpy.typing as npt


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
