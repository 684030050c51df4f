"""What the records of event files say: scalars as columns, everything else as records."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from tensorboard.compat.proto.event_pb2 import Event, SessionLog
from tensorboard.compat.proto.summary_pb2 import SummaryMetadata
from tensorboard.compat.proto.types_pb2 import DT_BFLOAT16, DT_STRING, DT_UINT32, DT_UINT64
from tensorboard.plugins.hparams.plugin_data_pb2 import HParamsPluginData
from tensorboard.util.tensor_util import make_ndarray

from nbhooks.model import summaries
from nbhooks.model.records import Scalar
from nbhooks.model.values import Audio, Histogram, Image, Tensor, Text
from nbhooks.tfevents import hparams
from nbhooks.tfevents.checksums import masked, masked_rows
from nbhooks.tfevents.templates import CONTENT, WORD, Template, template
from nbhooks.tfevents.tfrecord import Gap, u32

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy.typing as npt

    from nbhooks.model.values import Value
    from nbhooks.tfevents.hparams import Described
    from nbhooks.tfevents.templates import Rows
    from nbhooks.tfevents.tfrecord import Bytes, Framed, Offsets

FEW = 64
"""Events of one length up to which protobuf is as fast."""

LONG = 4096
"""Bytes of an event beyond which it is read by itself."""

BLOCK = 16_384
"""Events that are read at once: as many as the processor's cache has room for."""

CONSTANT = 1 << 24
"""Elements that a tensor of few bytes may have, such as one that is zero everywhere."""

_CONTENT = {number: np.dtype(kind) for number, kind in CONTENT.items()}
"""How the types of tensors are written that numpy reads as they stand."""

_FURTHER = {
    DT_BFLOAT16: ("half_val", np.uint16),
    DT_UINT32: ("uint32_val", np.uint32),
    DT_UINT64: ("uint64_val", np.uint64),
}
"""Types of tensors that TensorBoard does not read: where their values are, and how they are written."""

LAYOUTS = 32
"""Templates for events of one length, and events without one, before protobuf reads the rest."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for.

    Attributes:
        tags: whether a tag is.
        kinds: names of what is, such as ``"scalars"``.
    """

    tags: Callable[[str], bool]
    kinds: frozenset[str]


_KINDS_OF: dict[type, str] = {
    Scalar: "scalars",
    Histogram: "histograms",
    Image: "images",
    Audio: "audio",
    Text: "text",
    Tensor: "tensors",
}


@dataclass(slots=True)
class Scalars:
    """Scalars in the order in which they stand in the files.

    Attributes:
        record: int64 (n,), which record each came from.
        wall_time, step, value: of each.
        tag: int32 (n,), which of `tags`.
        tags: names.
    """

    record: npt.NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    wall_time: npt.NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    step: npt.NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    value: npt.NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    tag: npt.NDArray[np.int32] = field(default_factory=lambda: np.empty(0, np.int32))
    tags: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Decoded:
    """What a buffer of records says.

    Attributes:
        wall_time: float64 (n,), of every record; NaN of a file's version, and where it cannot be read.
        scalars: as columns.
        values: the record's number, and what is no scalar.
        starts: the record's number, wall time and step, where it says that a session starts.
        checkpoints: the record's number, wall time, step and path.
        hparams: the record's number, and hyper-parameters by name.
        experiments: the record's number, and a hyper-parameter or metric that an experiment describes.
        graphs: numbers of the records that hold a graph.
        gaps: records whose data are damaged or make no sense.
    """

    wall_time: npt.NDArray[np.float64]
    scalars: Scalars = field(default_factory=Scalars)
    values: list[tuple[int, Value]] = field(default_factory=list)
    starts: list[tuple[int, float, int]] = field(default_factory=list)
    checkpoints: list[tuple[int, float, int, str]] = field(default_factory=list)
    hparams: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    experiments: list[tuple[int, Described]] = field(default_factory=list)
    graphs: list[int] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)


def decode(
    buffer: Bytes,
    framed: Framed,
    of: npt.NDArray[np.int64],
    plugins: Sequence[dict[str, Any]],
    wanted: Wanted,
) -> Decoded:
    """Read every record whose data's checksum is right.

    Args:
        buffer: the bytes.
        framed: where the records are.
        of: int64 (n,), which of `plugins` is each record's.
        plugins: metadata by tag; they come with a tag's first value alone, so they are kept here.
        wanted: what is asked for.
    """
    reading = _Reading(buffer, framed, of, plugins, wanted)
    # Numbers of two bytes are sorted in a tenth of the time; what is longer is read by itself anyway.
    lengths = np.minimum(framed.lengths, LONG + 1).astype(np.uint16)
    order = np.argsort(lengths, kind="stable")
    begins = np.flatnonzero(np.diff(lengths[order], prepend=-1))
    for begin, end in zip(begins, [*begins[1:], len(order)], strict=False):  # no event, no group
        members, length = order[begin:end], int(lengths[order[begin]])
        if len(members) <= FEW or length > LONG:
            reading.read_one_by_one(members)
        else:
            reading.read_rows(members, length)
    return reading.finish()


class _Reading:
    """Collects what the records say, some by template, the others by protobuf."""

    def __init__(
        self,
        buffer: Bytes,
        framed: Framed,
        of: npt.NDArray[np.int64],
        plugins: Sequence[dict[str, Any]],
        wanted: Wanted,
    ) -> None:
        self._buffer, self._framed, self._of, self._plugins = buffer, framed, of, plugins
        self._wanted = wanted
        self._wall_time = np.full(len(framed.starts), np.nan)
        self._codes: dict[str, int] = {}
        self._parts: list[tuple[Any, ...]] = []  # records, place in each, wall times, steps, tag, values
        self._counts = np.zeros(len(framed.starts), np.int64)  # of scalars in each record
        self._plain: list[int] = []
        self._firsts: dict[tuple[int, str], tuple[int, bytes]] = {}  # by file and tag: record and metadata
        self._gaps: list[Gap] = []

    def read_rows(self, members: Offsets, length: int) -> None:
        """Read events of one length."""
        size = -(-length // WORD) * WORD
        # A row of bytes as one element is copied in a tenth of the time that its words would take.
        whole = np.ndarray((len(self._buffer) - size + 1,), f"V{size}", self._buffer.data, 0, (1,))
        layouts: list[Template] = []
        misses = 0
        for begin in range(0, len(members), BLOCK):
            block = members[begin : begin + BLOCK]
            data = self._framed.starts[block] + 12
            rows = whole[data].view(np.uint8).reshape(len(block), size)
            stored = u32(self._buffer)[data + length]
            left = np.ones(len(block), bool)
            for layout in layouts:
                self._take(layout, block, rows, stored, left)
            while len(layouts) + misses < LAYOUTS and left.any():
                first = int(left.argmax())
                event = rows[first, :length].tobytes()
                if masked(event) != stored[first]:
                    self._note_damage(block[first : first + 1])
                    left[first] = False
                elif (new := template(event)) is None:
                    misses += 1
                    self._plain.append(int(block[first]))
                    left[first] = False
                else:
                    layouts.append(new)
                    self._take(new, block, rows, stored, left)
            rest = np.flatnonzero(left)
            sound = masked_rows(rows[rest], length) == stored[rest]
            self._plain.extend(block[rest[sound]].tolist())
            self._note_damage(block[rest[~sound]])

    def _take(
        self,
        layout: Template,
        block: Offsets,
        rows: Rows,
        stored: npt.NDArray[np.uint32],
        left: npt.NDArray[np.bool_],
    ) -> None:
        """Read the rows that are left and fit, unless they are damaged; they are not left any more."""
        fits = np.flatnonzero(layout.fits(rows) & left)
        left[fits] = False
        alike = rows if len(fits) == len(rows) else rows.take(fits, axis=0)
        right = layout.checksum.masked(alike) == stored[fits]
        if not right.all():
            self._note_damage(block[fits[~right]])
            fits, alike = fits[right], alike[right]
        if not len(fits):
            return
        mine = block[fits]
        wall_times, steps = layout.wall_times(alike), layout.steps(alike)
        self._wall_time[mine] = wall_times
        self._note_metadata(layout, mine)
        scalars = "scalars" in self._wanted.kinds
        slots = [slot for slot in layout.slots if scalars and self._wanted.tags(slot.tag)]
        self._counts[mine] = len(slots)
        for place, slot in enumerate(slots):
            code, values = self._code(slot.tag), layout.values(alike, slot)
            self._parts.append((mine, place, wall_times, steps, code, values))

    def _note_metadata(self, layout: Template, members: Offsets) -> None:
        """Note the metadata of a layout's tags, unless an earlier record of the same file has some."""
        slots = [(slot.tag, slot.metadata) for slot in layout.slots if slot.metadata is not None]
        if not slots:
            return
        files = self._of[members]
        for place in np.flatnonzero(np.diff(files, prepend=-1)).tolist():
            file, number = int(files[place]), int(members[place])
            for tag, metadata in slots:
                known = self._firsts.get((file, tag))
                if tag not in self._plugins[file] and (known is None or number < known[0]):
                    self._firsts[file, tag] = number, metadata

    def read_one_by_one(self, members: Offsets) -> None:
        """Leave events to protobuf, but for those that are damaged."""
        begins = self._framed.starts[members] + 12
        ends = begins + self._framed.lengths[members].astype(np.int64)
        stored, data = u32(self._buffer)[ends].tolist(), self._buffer.data
        for number, begin, end, checksum in zip(
            members.tolist(), begins.tolist(), ends.tolist(), stored, strict=True
        ):
            if masked(data[begin:end]) == checksum:
                self._plain.append(number)
            else:
                self._note_damage(np.array([number]))

    def _note_damage(self, members: Offsets, reason: str = "data checksum") -> None:
        for number in members.tolist():
            begin = int(self._framed.starts[number])
            self._gaps.append(Gap(begin, begin + int(self._framed.lengths[number]) + 16, reason))

    def _code(self, tag: str) -> int:
        return self._codes.setdefault(tag, len(self._codes))

    def finish(self) -> Decoded:
        """Let protobuf read the rest, and put everything in order."""
        decoded = Decoded(self._wall_time)
        columns: tuple[list[Any], ...] = ([], [], [], [], [], [])
        noted = sorted((number, *key, data) for key, (number, data) in self._firsts.items())[::-1]
        plain = np.sort(np.array(self._plain, np.int64))  # in order, since a tag's first metadata counts
        begins = self._framed.starts[plain] + 12
        ends = begins + self._framed.lengths[plain].astype(np.int64)
        data = self._buffer.data
        for number, begin, end in zip(plain.tolist(), begins.tolist(), ends.tolist(), strict=True):
            while noted and noted[-1][0] < number:
                self._register(*noted.pop()[1:])
            try:
                found = self._said(number, bytes(data[begin:end]), decoded)
            except Exception as error:  # noqa: BLE001 - whatever protobuf or a value is led to by hostile bytes
                said = error if isinstance(error, summaries.SenselessError) else type(error).__name__
                self._note_damage(np.array([number]), f"no event: {said}")
                continue
            for record in found:
                if isinstance(record, Scalar):
                    place = self._counts[number]
                    row = number, place, record.wall_time, record.step, self._code(record.tag), record.value
                    for column, item in zip(columns, row, strict=True):
                        column.append(item)
                    self._counts[number] += 1
                else:
                    decoded.values.append((number, record))
        while noted:
            self._register(*noted.pop()[1:])
        if columns[0]:
            self._parts.append(tuple(map(np.array, columns)))
        decoded.scalars = self._in_order()
        decoded.gaps = self._gaps
        return decoded

    def _register(self, file: int, tag: str, metadata: bytes) -> None:
        """Keep the metadata of a tag that has none yet."""
        self._plugins[file].setdefault(tag, SummaryMetadata.FromString(metadata))

    def _said(self, number: int, data: bytes, decoded: Decoded) -> list[Scalar | Value]:
        event = Event.FromString(data)
        what = event.WhichOneof("what")
        if what != "file_version":  # whose wall time is cut to the second
            self._wall_time[number] = event.wall_time
        if what == "summary":
            self._complete(event.summary, number, decoded)
            return [
                record
                for record in summaries.records(event.summary, "", event.step, event.wall_time, _array)
                if _KINDS_OF[type(record)] in self._wanted.kinds and self._wanted.tags(record.tag)
            ]
        if what == "session_log":
            if event.session_log.status == SessionLog.START:
                decoded.starts.append((number, event.wall_time, event.step))
            elif event.session_log.status == SessionLog.CHECKPOINT:
                path = event.session_log.checkpoint_path
                decoded.checkpoints.append((number, event.wall_time, event.step, path))
        elif what == "graph_def":
            decoded.graphs.append(number)
        return []

    def _complete(self, summary: Any, number: int, decoded: Decoded) -> None:
        """Give each value the metadata that came with its tag's first; note what metadata alone says."""
        plugins = self._plugins[self._of[number]]
        for value in summary.value:
            if value.HasField("metadata"):
                if value.metadata.plugin_data.plugin_name == hparams.PLUGIN:
                    _note_hparams(value, number, decoded)
                # A copy: a message within another keeps all of that one alive.
                if value.tag not in plugins:
                    plugins[value.tag] = SummaryMetadata.FromString(value.metadata.SerializeToString())
            elif value.tag in plugins:
                value.metadata.CopyFrom(plugins[value.tag])

    def _in_order(self) -> Scalars:
        """Put each scalar where it belongs, by its record and its place in it."""
        ends = np.cumsum(self._counts)
        begins, number = ends - self._counts, int(ends[-1]) if len(ends) else 0
        columns: list[Any] = [np.empty(number, kind) for kind in (np.float64, np.int64, np.int32, np.float64)]
        while self._parts:  # each is let go of as soon as it is copied
            record, place, *part = self._parts.pop()
            where = begins[record] + place
            for column, item in zip(columns, part, strict=True):
                column[where] = item
        record = np.repeat(np.arange(len(self._counts)), self._counts)
        wall_time, step, tag, value = columns
        return Scalars(record, wall_time, step, value, tag, list(self._codes))


def _array(proto: Any) -> npt.NDArray[Any]:
    """Make an array of a tensor; one value that stands for many takes no memory for each."""
    shape = tuple([dim.size for dim in proto.tensor_shape.dim])
    size = math.prod(shape)
    found = _whole(proto, size)
    if found is not None:
        return found.reshape(shape)
    written = max(proto.ByteSize(), 1)
    if size > (written if proto.dtype == DT_STRING else max(written, CONSTANT)):
        raise ValueError(f"{size} elements in {written} bytes")
    if size > written:
        proto.ClearField("tensor_shape")
        return np.broadcast_to(_array(proto), shape)
    array: npt.NDArray[Any]
    if proto.dtype not in _FURTHER:
        array = make_ndarray(proto)
        return array
    name, dtype = _FURTHER[proto.dtype]
    content = proto.tensor_content
    array = np.frombuffer(content, dtype) if content else np.array(getattr(proto, name), dtype)
    if proto.dtype == DT_BFLOAT16:  # the upper half of a float
        array = (array.astype(np.uint32) << np.uint32(16)).view(np.float32)
    return np.broadcast_to(array[0], shape) if len(array) == 1 else array.reshape(shape)


def _note_hparams(value: Any, number: int, decoded: Decoded) -> None:
    """Note what the hparams plugin wrote into a value's metadata.

    It puts an empty tensor beside it, or nothing. Whatever else stands there is a value like any other.
    """
    data = HParamsPluginData.FromString(value.metadata.plugin_data.content)
    if data.HasField("session_start_info"):
        decoded.hparams.append((number, hparams.parameters(data)))
    decoded.experiments += [(number, described) for described in hparams.described(data)]
    if not math.prod(dim.size for dim in value.tensor.tensor_shape.dim):
        value.ClearField("tensor")


def _whole(proto: Any, size: int) -> npt.NDArray[Any] | None:
    """Read a tensor that has all its numbers in one piece, or all its strings, as nearly every one has.

    ``make_ndarray`` takes four times as long.
    """
    dtype = _CONTENT.get(proto.dtype)
    if dtype is not None:
        content = proto.tensor_content
        return (
            np.frombuffer(content, dtype).copy()
            if content and len(content) == size * dtype.itemsize
            else None
        )
    if proto.dtype == DT_STRING and len(proto.string_val) == size:
        array = np.empty(size, object)
        array[:] = list(proto.string_val)  # whose items numpy would ask for one by one
        return array
    return None
