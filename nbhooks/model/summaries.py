"""What a summary says, as records: each value of the message that TensorFlow writes into its event files."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from nbhooks.model.records import Scalar
from nbhooks.model.values import Audio, Histogram, Image, Tensor, Text, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import numpy.typing as npt

    Head: TypeAlias = tuple[str, str, int, float]
    """Source, tag, step and wall time, with which every one of these records begins."""


MANY = 16_384
"""Texts, images or sounds of one value. Each is a record: a hundred times the bytes of an empty string."""

SIDE = 2**31
"""Pixels that no image's side has: TensorFlow 1 writes them as an int32."""

CONSTANT_BINS = 1024
"""Bins at most of a histogram whose tensor is one value that stands for all of them."""


class SenselessError(ValueError):
    """A value that no writer means, with a message that says what it is and what is allowed."""


def records(
    summary: Any, source: str, step: int, wall_time: float, as_array: Callable[[Any], npt.NDArray[Any]]
) -> Iterator[Scalar | Value]:
    """Turn each value of a summary into a record.

    Args:
        summary: a ``Summary`` message, TensorFlow's or TensorBoard's.
        source: who reports it.
        step: its global step.
        wall_time: when it was written, in seconds since the epoch.
        as_array: makes an array of a ``TensorProto``.

    Yields:
        A Scalar, Histogram, Image, Audio, Text or Tensor; nothing for a value of an unknown kind.

    Raises:
        SenselessError: if there are more than `MANY` texts, images or sounds in one value, or an image has a
            side of no sensible size.
        ValueError: if a value is malformed otherwise.
    """
    for value in summary.value:
        head = (source, value.tag, step, wall_time)
        kind = value.WhichOneof("value")
        if kind == "simple_value":
            yield Scalar(*head, value.simple_value)
        elif kind == "histo":
            yield _histogram(head, value.histo)
        elif kind == "image":
            image = value.image
            yield Image(*head, 0, image.width, image.height, image.encoded_image_string)
        elif kind == "audio":
            yield Audio(*head, 0, value.audio.sample_rate, value.audio.encoded_audio_string)
        elif kind == "tensor":
            yield from _tensors(head, as_array(value.tensor), value.metadata.plugin_data.plugin_name)


def _histogram(head: Head, proto: Any) -> Histogram:
    """Make bins of the limits, which are their right ends; the outermost lie far beyond the values."""
    limits = np.array(proto.bucket_limit, np.float64)
    counts = np.array(proto.bucket, np.float64)
    if len(limits) != len(counts):
        raise ValueError(f"a histogram has {len(limits)} limits and {len(counts)} counts")
    low, high = proto.min, proto.max
    if proto.num and low <= high and len(counts):
        edges = np.concatenate(([low], np.clip(limits[:-1], low, high), [high]))
    else:  # nothing was counted
        edges, counts = np.zeros(1), np.zeros(0)
    return Histogram(*head, edges, counts, low, high, proto.sum, proto.num, proto.sum_squares)


def _tensors(head: Head, array: npt.NDArray[Any], plugin: str) -> Iterator[Scalar | Value]:
    """Say what a tensor is: by its plugin's name, where there is one and the tensor has its shape."""
    strings = array.dtype.kind in "OSU"
    if plugin == "text" and strings:
        _bound(array.size, "texts")
        for index, text in enumerate(array.reshape(-1)):
            words = text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)
            yield Text(*head, index, words)
    elif plugin == "images" and strings and array.ndim == 1 and len(array) >= 2:  # noqa: PLR2004 - the size
        _bound(len(array) - 2, "images")
        width, height = _side(array[0]), _side(array[1])
        for index, encoded in enumerate(array[2:].tolist()):
            yield Image(*head, index, width, height, bytes(encoded))
    elif plugin == "audio" and strings and array.ndim >= 1:
        sounds = array if array.ndim == 1 else array[:, 0]  # beside each there may be a label
        _bound(len(sounds), "sounds")
        for index, encoded in enumerate(sounds):
            yield Audio(*head, index, _rate(bytes(encoded)), bytes(encoded))
    elif plugin == "histograms" and _has_bins(array):
        yield _histogram_of_rows(head, array.astype(np.float64, copy=False))
    elif array.ndim == 0 and (array.dtype.kind in "biuf" or array.dtype.name == "bfloat16"):
        yield Scalar(*head, float(array))
    else:
        dtype = "string" if strings else array.dtype.name
        yield Tensor(*head, dtype, array.shape, array)


def _bound(number: int, what: str) -> None:
    if number > MANY:
        raise SenselessError(f"{number} {what} in one value, of {MANY} at most")


def _side(written: Any) -> int:
    """Read how many pixels an image claims to have on a side."""
    pixels = int(written)
    if not 0 <= pixels < SIDE:
        raise SenselessError(f"a side of an image that is not from 0 to {SIDE - 1} pixels")
    return pixels


def _has_bins(array: npt.NDArray[Any]) -> bool:
    """Return whether a tensor is a histogram's: a row of left edge, right edge and count for each bin.

    A giant one whose rows all are the same one is not: as bins it would take memory for each.
    """
    if array.ndim != 2 or array.shape[1] != 3:  # noqa: PLR2004 - left, right, count
        return False
    return len(array) <= CONSTANT_BINS or array.strides[0] != 0


def _histogram_of_rows(head: Head, rows: npt.NDArray[np.float64]) -> Histogram:
    """Make bins of rows of left edge, right edge and count, as TensorFlow 2 writes them."""
    if not len(rows):
        return Histogram(*head, np.zeros(1), np.zeros(0), math.nan, math.nan, 0.0, 0.0)
    left, right, counts = rows.T
    middle = float(np.dot(left + right, counts)) / 2  # the sum itself is not written
    edges = np.concatenate((left, right[-1:]))
    return Histogram(*head, edges, counts, float(left[0]), float(right[-1]), middle, float(counts.sum()))


def _rate(encoded: bytes) -> float:
    """Read the rate that a WAV claims, NaN of anything else."""
    if encoded[:4] != b"RIFF" or len(encoded) < 28:  # noqa: PLR2004 - where the rate ends
        return math.nan
    return float(int.from_bytes(encoded[24:28], "little"))
