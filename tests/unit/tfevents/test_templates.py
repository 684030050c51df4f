"""Holds the fast columns to protobuf: many copies of an event give the scalars that it reads."""

from __future__ import annotations

import math
import struct
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from raw_records import record
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.compat.tensorflow_stub import dtypes
from tensorboard.util.tensor_util import make_ndarray, make_tensor_proto

from nbhooks.tfevents import events, templates, tfrecord

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tensorboard.compat.proto.tensor_pb2 import TensorProto

    Row = tuple[int, float, int, str, float]

COPIES = events.FEW + 6
WANTED = events.Wanted(tags=lambda _: True, kinds=frozenset({"scalars"}))
SURE = settings(deadline=None, database=None, derandomize=True)  # no luck, and no folder left behind


# Raw protobuf, for what a serializer would put in order


def varint(number: int) -> bytes:
    number &= 2**64 - 1  # a negative number takes ten bytes
    digits = []
    while number > 0x7F:
        digits.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*digits, number])


def number(field: int, value: int) -> bytes:
    return varint(field << 3) + varint(value)


def sized(field: int, data: bytes) -> bytes:
    return varint(field << 3 | 2) + varint(len(data)) + data


def double(field: int, value: float) -> bytes:
    return varint(field << 3 | 1) + struct.pack("<d", value)


def single(field: int, value: float) -> bytes:
    return varint(field << 3 | 5) + struct.pack("<f", value)


def long_zero(data: bytes) -> bytes:
    """Write the first key in two bytes where one would do."""
    return bytes([data[0] | 0x80, 0]) + data[1:]


# The reference, and what is compared


def by_protobuf(written: list[bytes]) -> tuple[list[float], list[Row], list[int]]:
    """Read wall times, scalars and which events make no sense, one by one."""
    times, rows, senseless = [], [], []
    for place, data in enumerate(written):
        try:
            event = Event.FromString(data)
            rows += [(place, event.wall_time, event.step, tag, value) for tag, value in scalars_of(event)]
        except Exception:  # noqa: BLE001 - whatever it finds wrong
            senseless.append(place)
        else:
            versioned = event.WhichOneof("what") == "file_version"  # cut to the second: not counted
            times.append(math.nan if versioned else event.wall_time)
    return times, rows, senseless


def scalars_of(event: Event) -> list[tuple[str, float]]:
    found = []
    for value in event.summary.value:
        if value.HasField("simple_value"):
            found.append((value.tag, value.simple_value))
        elif value.HasField("tensor"):
            array = array_of(value.tensor)
            if not array.shape and array.dtype.kind in "biuf":
                found.append((value.tag, float(array)))
    return found


def array_of(tensor: TensorProto) -> np.ndarray:
    """Read a tensor; of the types that TensorBoard does not read a value alone."""
    if tensor.dtype not in FURTHER:
        array: np.ndarray = make_ndarray(tensor)
        return array
    name, written, shift, read = FURTHER[tensor.dtype]
    content = tensor.tensor_content
    bits = np.frombuffer(content, written) if content else np.array(getattr(tensor, name), written)
    value = np.left_shift(bits, shift, dtype=read.replace("f", "u")).view(read)
    return value.reshape([dim.size for dim in tensor.tensor_shape.dim])


def by_columns(written: list[bytes]) -> tuple[list[float], list[Row], list[int]]:
    """Frame and decode the events as if they were a file."""
    whole = b"".join(map(record, written))
    buffer = np.frombuffer(whole + bytes(tfrecord.PADDING), np.uint8)
    framed = tfrecord.frame(buffer, [(0, len(whole))])
    decoded = events.decode(buffer, framed, np.zeros(len(written), np.int64), [{}], WANTED)
    found = decoded.scalars
    tags = [found.tags[code] for code in found.tag]
    rows = list(zip(found.record, found.wall_time, found.step, tags, found.value, strict=True))
    senseless = [framed.starts.tolist().index(gap.begin) for gap in decoded.gaps]
    return [time for place, time in enumerate(decoded.wall_time) if place not in senseless], rows, senseless


def hold_equal(written: list[bytes]) -> list[Row]:
    times, rows, senseless = by_protobuf(written)
    our_times, our_rows, our_senseless = by_columns(written)
    assert sorted(our_senseless) == senseless
    np.testing.assert_array_equal(our_times, times)
    for ours, theirs in zip(our_rows, rows, strict=True):
        assert ours[0] == theirs[0]
        assert (ours[2], ours[3]) == (theirs[2], theirs[3])
        np.testing.assert_array_equal([ours[1], ours[4]], [theirs[1], theirs[4]])
    return rows


# Events that hypothesis makes

floats = st.floats(width=32) | st.sampled_from([math.nan, math.inf, -math.inf, -0.0])
tags = st.text(max_size=6) | st.sampled_from(["loss", "a/b/c", "<b>", "t" * 300, "t" * 2000, "\0"])
steps = st.integers(-(2**63), 2**63 - 1) | st.integers(0, 300) | st.sampled_from([-1, 2**63 - 1, -(2**63)])
FURTHER = {
    14: ("half_val", "<u2", 16, "<f4"),  # bfloat16, the upper half of a float
    22: ("uint32_val", "<u4", 0, "<u4"),
    23: ("uint64_val", "<u8", 0, "<u8"),
}
INTS = (dtypes.int32, dtypes.int16, dtypes.uint8, dtypes.int8, dtypes.uint16, dtypes.int64)


@st.composite
def tensors(draw: st.DrawFn) -> bytes:
    """Make a tensor, mostly a scalar, in one of the ways in which it can be written."""
    value = draw(floats)
    whole = draw(st.integers(-100, 100))
    shape = draw(st.sampled_from([[], [], [sized(2, b"")], [sized(2, sized(2, number(1, 1)))]]))
    real = [
        [number(1, 1), single(5, value)],
        [number(1, 1), sized(5, struct.pack("<f", value))],
        [number(1, 1), sized(4, struct.pack("<f", value))],
        [number(1, 2), double(6, value)],
        [number(1, 2), sized(6, struct.pack("<d", value))],
        [number(1, 2), sized(4, struct.pack("<d", value))],
        [number(1, 1), double(6, value)],  # a value of another type
        [number(1, 1), sized(5, struct.pack("<ff", value, value))],  # one too many
        [number(1, 1), number(1, 2), sized(4, struct.pack("<d", value))],  # the last one counts
        [number(1, 1), single(5, value), sized(4, struct.pack("<f", 3.0))],
        [sized(4, struct.pack("<f", value))],  # no type
        [number(1, 1), sized(4, b"")],
        [number(1, 19), number(13, 0x3C00 + whole % 64)],  # float16
        [number(1, 14), number(13, 0x3F80 + whole % 64)],  # bfloat16
        [number(1, 14), sized(4, struct.pack("<H", 0x3F80 + whole % 64))],
        [number(1, 22), number(16, abs(whole))],  # uint32
        [number(1, 23), sized(17, varint(2**64 - 1))],  # uint64
        [number(1, 10), number(11, whole & 1)],  # bool
        [number(1, 7), sized(8, draw(st.binary(max_size=3)))],  # string
        [number(1, 9), sized(10, varint(whole))],  # int64, packed
    ]
    kinds = [
        [number(1, kind.as_datatype_enum), number(10 if kind == dtypes.int64 else 7, abs(whole))]
        for kind in INTS
    ]
    fields = draw(st.sampled_from(real + kinds)) + shape
    return b"".join(draw(st.permutations(fields)) if draw(st.booleans()) else fields)


@st.composite
def values(draw: st.DrawFn) -> bytes:
    """Make a value of a summary: a scalar mostly, with odd fields now and then."""
    fields = draw(st.sampled_from([[single(2, draw(floats))], [sized(8, draw(tensors()))]])).copy()
    fields += draw(st.sampled_from([[], *[[sized(1, draw(tags).encode())]] * 4]))
    odd = [
        single(2, 7.5),  # once more
        sized(1, b"again"),
        sized(7, b"node"),
        sized(9, sized(1, sized(1, b"scalars"))),  # metadata
        sized(9, b""),
        sized(77, b"unknown"),
        number(78, 5),
        double(79, 1.0),
        sized(8, b""),
        sized(5, double(1, 1.0)),  # a histogram takes the scalar's place
        varint(80 << 3 | 3) + varint(80 << 3 | 4),  # a group
    ]
    if draw(st.integers(0, 3)) == 0:
        fields += draw(st.lists(st.sampled_from(odd), max_size=2))
    return b"".join(draw(st.permutations(fields)))


@st.composite
def layouts(draw: st.DrawFn) -> list[tuple[str, bytes]]:
    """Make the parts of an event; "time" and "step" are filled in anew for each copy."""
    parts = [("", sized(5, b"".join(sized(1, one) for one in draw(st.lists(values(), max_size=3)))))]
    parts += [("time", b"")] * draw(st.sampled_from([1, 1, 1, 0, 2]))
    parts += [("step", b"")] * draw(st.sampled_from([1, 1, 1, 0, 2]))
    odd = [
        number(2, 1),
        sized(3, b"brain.Event:2"),  # another `what`
        sized(5, b""),  # one more summary, which is merged
        sized(5, sized(1, sized(1, b"more") + single(2, 2.0))),
        sized(5, number(9, 3)),
        sized(90, b"unknown"),
        double(91, 0.5),
        single(1, 0.5),  # a wall time in another way
        long_zero(number(2, 9)),
        b"\x28\x01",  # a summary written as a number
        b"\x00",  # no field
        b"\x2a\x05",  # more than there is
    ]
    if draw(st.integers(0, 2)) == 0:
        parts += [("", one) for one in draw(st.lists(st.sampled_from(odd), max_size=2))]
    return draw(st.permutations(parts))


def written(layout: list[tuple[str, bytes]], times: list[float], at: list[int]) -> list[bytes]:
    return [
        b"".join({"time": double(1, time), "step": number(2, step)}.get(kind, part) for kind, part in layout)
        for time, step in zip(times, at, strict=True)
    ]


def shifted(data: bytes, generator: np.random.Generator) -> bytes:
    """Put another number where a float may stand; lengths stay."""
    place = data.find(b"\x15")  # simple_value, if it is one
    if 0 <= place < len(data) - 4:
        data = data[: place + 1] + generator.bytes(4) + data[place + 5 :]
    return data


@pytest.mark.slow
@settings(SURE, max_examples=300)
@given(layouts(), steps, floats, st.integers(0, 2**32))
def test_many_copies_say_what_protobuf_reads(
    layout: list[tuple[str, bytes]], step: int, time: float, seed: int
) -> None:
    generator = np.random.default_rng(seed)
    times = [time + place / 2 for place in range(COPIES)]
    near = [min(max(step + place - 30, -(2**63)), 2**63 - 1) for place in range(COPIES)]
    events_of_one_layout = written(layout, times, near)
    hold_equal(events_of_one_layout)
    hold_equal([shifted(data, generator) for data in events_of_one_layout])


@settings(SURE, max_examples=60)
@given(st.lists(layouts(), min_size=2, max_size=5), st.integers(0, 2**32))
def test_mixed_layouts_stay_in_order(several: list[list[tuple[str, bytes]]], seed: int) -> None:
    generator = np.random.default_rng(seed)
    mixed: list[bytes] = []
    for layout in several:
        mixed += written(
            layout, generator.random(COPIES).tolist(), generator.integers(0, 1 << 40, COPIES).tolist()
        )
    hold_equal([mixed[place] for place in generator.permutation(len(mixed))])


def one_value(*fields: bytes) -> list[tuple[str, bytes]]:
    return [("time", b""), ("step", b""), ("", sized(5, sized(1, b"".join(fields))))]


LOSS = sized(1, b"loss")
ORDINARY = {
    "simple value": [LOSS, single(2, 0.5)],
    "value before tag": [single(2, 0.5), LOSS],
    "content": [LOSS, sized(8, number(1, 1) + sized(2, b"") + sized(4, struct.pack("<f", 0.5)))],
    "packed": [LOSS, sized(8, number(1, 1) + sized(2, b"") + sized(5, struct.pack("<f", 0.5)))],
    "not packed": [LOSS, sized(8, number(1, 1) + single(5, 0.5))],
    "double": [LOSS, sized(8, number(1, 2) + sized(2, b"") + sized(6, struct.pack("<d", 0.5)))],
    "empty tag": [sized(1, b""), single(2, 0.5)],
}


def raw(data: Event) -> bytes:
    serialized: bytes = data.SerializeToString()
    return serialized


def made() -> Iterator[bytes]:
    """Make what the writers make: TensorFlow 1 and tensorboardX, and TensorFlow 2 after a tag's first."""
    yield raw(Event(wall_time=1.5, step=3, summary=Summary(value=[{"tag": "a", "simple_value": 2.0}])))
    several = [{"tag": tag, "simple_value": 2.0} for tag in "abc"]
    yield raw(Event(wall_time=1.5, step=3, summary=Summary(value=several)))
    for dtype in (np.float32, np.float64):
        yield raw(
            Event(wall_time=1.5, summary=Summary(value=[{"tag": "a", "tensor": make_tensor_proto(dtype(2))}]))
        )


@pytest.mark.parametrize("kind", ORDINARY)
def test_ordinary_layouts_take_the_fast_path(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    data = written(one_value(*ORDINARY[kind]), [1.5 * place for place in range(200)], list(range(128, 328)))
    expected = by_protobuf(data)
    assert templates.template(data[0]) is not None
    monkeypatch.setattr(events, "Event", None)  # so asking protobuf fails
    assert by_columns(data) == expected
    assert {row[4] for row in expected[1]} == {0.5}


def test_what_writers_make_takes_the_fast_path() -> None:
    for data in made():
        found = templates.template(data)
        assert found is not None
        assert {slot.tag for slot in found.slots} <= set("abc")
        assert {row[4] for row in hold_equal([data] * COPIES)} == {2.0}


@pytest.mark.parametrize("step", [0, 1, 127, 128, 2**35, 2**63 - 1, -1, -(2**63)])
def test_steps_of_every_length(step: int) -> None:
    data = written(one_value(*ORDINARY["simple value"]), [0.5] * COPIES, [step] * COPIES)
    assert templates.template(data[0]) is not None
    assert {row[2] for row in hold_equal(data)} == {step}


def test_a_number_may_be_longer_than_it_must_be() -> None:
    for tail in (
        b"\x80\x00",
        b"\x80\x80\x80\x80\x80\x80\x80\x80\x00",
        b"\xff" * 9 + b"\x7f",
        b"\x80" * 10 + b"\0",
    ):
        event = double(1, 2.0) + b"\x10" + tail + sized(5, sized(1, LOSS + single(2, 0.5)))
        hold_equal([event] * COPIES)
        key = double(1, 2.0) + b"\x90" + tail + b"\x07" + sized(5, sized(1, LOSS + single(2, 0.5)))
        hold_equal([key] * COPIES)


def test_a_tag_that_is_no_text_makes_no_sense() -> None:
    data = written(one_value(sized(1, b"\xff\xfe"), single(2, 0.5)), [1.0] * COPIES, [1] * COPIES)
    hold_equal(data)
    assert by_columns(data)[2] == list(range(COPIES))


def test_as_many_layouts_as_there_may_be() -> None:
    data = [
        one
        for layout in range(3 * events.LAYOUTS)
        for one in written(
            one_value(sized(1, f"tag {layout:02}".encode()), single(2, layout)), [1.0] * 4, [7] * 4
        )
    ]
    rows = hold_equal(data)
    assert len(rows) == 12 * events.LAYOUTS


TIMED = double(1, 1.0) + number(2, 5)
SCALAR = sized(5, sized(1, LOSS + single(2, 0.5)))
ODD = {
    "two wall times": double(1, 2.0) + TIMED + SCALAR,
    "two steps": number(2, 7) + TIMED + SCALAR,
    "two summaries": TIMED + SCALAR + SCALAR,
    "two simple values": TIMED + sized(5, sized(1, LOSS + single(2, 0.5) + single(2, 0.75))),
    "two tags": TIMED + sized(5, sized(1, LOSS + sized(1, b"other") + single(2, 0.5))),
    "a tensor first": TIMED
    + sized(5, sized(1, LOSS + sized(8, number(1, 1) + single(5, 2.0)) + single(2, 0.5))),
    "a tensor last": TIMED
    + sized(5, sized(1, LOSS + single(2, 0.5) + sized(8, number(1, 1) + single(5, 2.0)))),
    "a value of another type": TIMED + sized(5, sized(1, LOSS + sized(8, number(1, 1) + double(6, 2.0)))),
    "no type": TIMED + sized(5, sized(1, LOSS + sized(8, single(5, 2.0)))),
    "two types": TIMED + sized(5, sized(1, LOSS + sized(8, number(1, 2) + number(1, 1) + single(5, 2.0)))),
    "two numbers": TIMED
    + sized(5, sized(1, LOSS + sized(8, number(1, 1) + sized(5, struct.pack("<ff", 2, 3))))),
    "half a number": TIMED + sized(5, sized(1, LOSS + sized(8, number(1, 2) + sized(4, b"1234")))),
    "a long type": TIMED + sized(5, sized(1, LOSS + sized(8, b"\x08\x82\x00" + sized(4, b"12345678")))),
}


@pytest.mark.parametrize("kind", ODD)
def test_odd_layouts_say_what_protobuf_reads(kind: str) -> None:
    hold_equal([ODD[kind]] * COPIES)


def test_what_looks_like_a_step_may_be_two() -> None:
    long, twice = (double(1, 1.0) + step + SCALAR for step in (b"\x10\x81\x81\x01", b"\x10\x01\x10\x05"))
    assert {row[2] for row in hold_equal([long, twice] * COPIES)} == {1 + (1 << 7) + (1 << 14), 5}
