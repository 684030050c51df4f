"""Records of event files byte by byte: written, damaged, and framed."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import google_crc32c
import numpy as np
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary

from nbhooks.tfevents import tfrecord

if TYPE_CHECKING:
    from collections.abc import Callable

    from nbhooks.replay import Runs


def masked(data: bytes) -> int:
    """The masked checksum, by Google's own reckoning."""
    crc = google_crc32c.value(data)
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def header(length: int) -> bytes:
    """The length of a record, with its checksum."""
    raw = struct.pack("<Q", length)
    return raw + struct.pack("<I", masked(raw))


def record(data: bytes) -> bytes:
    """The record of some data."""
    return header(len(data)) + data + struct.pack("<I", masked(data))


def scalar(step: int, shift: float = 0.0) -> bytes:
    """The record of a scalar."""
    value = Summary.Value(tag="loss", simple_value=step / 4 + shift)
    return record(
        Event(wall_time=100.0 + step, step=step, summary=Summary(value=[value])).SerializeToString()
    )


def flip(data: bytes, at: int) -> bytes:
    """Data with one bit flipped."""
    return data[:at] + bytes([data[at] ^ 0x10]) + data[at + 1 :]


def frame(*files: bytes) -> tuple[tfrecord.Framed, list[list[bytes]]]:
    """Frame files that lie one behind the other, and cut out what each holds."""
    borders, at = [], 0
    for file in files:
        borders.append((at, at + len(file)))
        at += len(file)
    whole = b"".join(files) + bytes(tfrecord.PADDING)
    framed = tfrecord.frame(np.frombuffer(whole, np.uint8), borders)
    held: list[list[bytes]] = [[] for _ in files]
    for start, length in zip(framed.starts.tolist(), framed.lengths.tolist(), strict=True):
        number = next(place for place, (begin, end) in enumerate(borders) if begin <= start < end)
        held[number].append(whole[start + 12 : start + 12 + length])
    return framed, held


def problems(runs: Runs) -> list[tuple[int, int]]:
    """The offset and the number of bytes of each problem."""
    return list(zip(runs.problems["offset"], runs.problems["bytes"], strict=True))


FAULTS: dict[str, Callable[[bytes, int, int], bytes]] = {
    "data": lambda data, at, _: flip(data, at + 20),
    "checksum": lambda data, at, size: flip(data, at + size - 2),
    "length": lambda data, at, _: flip(data, at + 1),
    "checksum of the length": lambda data, at, _: flip(data, at + 9),
    "giant length": lambda data, at, _: data[:at] + header(2**60) + data[at + 12 :],
    "long length": lambda data, at, _: data[:at] + header(len(data) // 3) + data[at + 12 :],
    "all zero": lambda data, at, size: data[:at] + bytes(size) + data[at + size :],
}
"""Ways to damage a record: of what was written, where it begins, and its size."""
