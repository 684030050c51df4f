"""Metadata on each event, as TensorFlow 2 writes them, are read by columns; a tag's first one counts."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from event_files import NAME, content, metadata, of_tensorflow_2, scalars, summary, write
from google.protobuf.message import DecodeError
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import DATA_CLASS_SCALAR, Summary
from tensorboard.util.tensor_util import make_tensor_proto

from nbhooks.replay import load
from nbhooks.tfevents import events, templates

if TYPE_CHECKING:
    from pathlib import Path

MANY = 2 * events.FEW
NUMBERS = {
    "float": (1, "<f4"),
    "double": (2, "<f8"),
    "int32": (3, "<i4"),
    "uint8": (4, "<u1"),
    "int16": (5, "<i2"),
    "int8": (6, "<i1"),
    "int64": (9, "<i8"),
    "uint16": (17, "<u2"),
    "half": (19, "<f2"),
    "uint32": (22, "<u4"),
    "uint64": (23, "<u8"),
}


def words(step: int, **more: Any) -> Event:
    return summary(step, tag="note", tensor=make_tensor_proto(np.array([b"words"])), **more)


def refuse_protobuf(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "Event", None)


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"display_name": "Loss", "summary_description": "of ü"},
        {"data_class": DATA_CLASS_SCALAR},  # as TensorBoard's own summaries have it
    ],
)
def test_metadata_on_each_event_take_the_fast_path(
    more: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / NAME, of_tensorflow_2(range(128, 128 + MANY), **more))
    refuse_protobuf(monkeypatch)
    rows = load(tmp_path).scalars
    assert rows["step"].tolist() == list(range(128, 128 + MANY))
    assert rows["value"].tolist() == [step / 2 for step in range(128, 128 + MANY)]


@pytest.mark.parametrize("kind", NUMBERS)
def test_each_type_of_number_takes_the_fast_path(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dtype, written = NUMBERS[kind]
    of_kind = [
        summary(3, tag="a", tensor=content(number, dtype, written), metadata=metadata())
        for number in range(MANY)
    ]
    write(tmp_path / NAME, of_kind)
    refuse_protobuf(monkeypatch)
    assert load(tmp_path).scalars["value"].tolist() == list(range(MANY))


def test_the_first_metadata_of_a_tag_count_whichever_way_they_were_read(tmp_path: Path) -> None:
    """Text without metadata is text if the first value of its tag said so, though that was a scalar."""
    path = tmp_path / NAME
    write(path, [words(0), *of_tensorflow_2(range(MANY), "note", name="text"), words(1)])
    runs = load(path)
    assert len(runs.scalars) == MANY
    assert runs.tensors["step"].tolist() == [0]
    assert runs.text["step"].tolist() == [1]
    write(
        path,
        [words(2), words(3, metadata=metadata("other")), *of_tensorflow_2(range(MANY), "note"), words(4)],
    )
    runs.reload()
    assert runs.text["step"].tolist() == [1, 2, 4]
    assert runs.tensors["step"].tolist() == [0, 3]


def test_metadata_of_one_file_are_not_those_of_another(tmp_path: Path) -> None:
    for name, step in (("a", 0), ("b", 1)):
        about = {"name": "text"} if name == "b" else {}
        file = tmp_path / name / NAME
        write(file, [words(step), *of_tensorflow_2(range(MANY), "note", **about), words(step + 2)])
    runs = load(tmp_path)
    assert runs.tensors["run"].tolist() == ["a", "a", "b"]
    assert runs.text["run"].tolist() == ["b"]


def test_hyper_parameters_and_metadata_that_are_none_go_to_protobuf() -> None:
    [ordinary] = of_tensorflow_2([1])
    assert templates.template(ordinary.SerializeToString()) is not None
    for changed in (metadata("hparams"), {"plugin_data": {"plugin_name": "hparams", "content": b"\xff"}}):
        event = summary(1, tag="loss", tensor=content(1.0), metadata=changed)
        assert templates.template(event.SerializeToString()) is None
    # A text that is no UTF-8, of the same length.
    broken = ordinary.SerializeToString().replace(b"scalars", b"scalar\xff")
    assert templates.template(broken) is None


def test_a_length_written_longer_than_need_be_has_one_answer(tmp_path: Path) -> None:
    """Protobuf takes five bytes of it, newer versions no more; however many there are, it is asked."""
    for size in (5, 6, 10):
        value = Summary.Value(tag="loss", simple_value=0.5).SerializeToString()
        long = bytes([len(value) | 0x80]) + b"\x80" * (size - 2) + b"\x00"
        inner = b"\x0a" + long + value
        data = b"\x09" + struct.pack("<d", 1.0) + b"\x2a" + bytes([len(inner)]) + inner
        found = []
        for count in (1, MANY):
            file = tmp_path / f"{size}" / f"{count}" / NAME
            write(file, [])
            with file.open("wb") as stream:
                _write_raw(stream, [data] * count)
            runs = load(file)
            found.append((len(runs.scalars) // count, len(runs.problems) // count))
        assert found[0] == found[1] == ((1, 0) if protobuf_takes(data) else (0, 1))
        assert size > 5 or protobuf_takes(data)


def protobuf_takes(data: bytes) -> bool:
    try:
        Event.FromString(data)
    except DecodeError:
        return False
    return True


def _write_raw(stream: Any, written: list[bytes]) -> None:
    from tensorboard.summary.writer.record_writer import RecordWriter

    writer = RecordWriter(stream)
    for data in written:
        writer.write(data)


def test_scalars_of_tensorflow_1_beside_those_of_2(tmp_path: Path) -> None:
    mixed = [
        one for pair in zip(scalars(range(MANY)), of_tensorflow_2(range(MANY)), strict=True) for one in pair
    ]
    write(tmp_path / NAME, mixed)
    rows = load(tmp_path).scalars
    assert rows["step"].tolist() == [step for step in range(MANY) for _ in range(2)]
    assert rows["value"].tolist() == [step / 2 for step in range(MANY) for _ in range(2)]


@pytest.mark.parametrize("text", [b"loss", b"scalars", b"\x22\x04", b"\x09"])
def test_damage_is_found_wherever_it_is(text: bytes, tmp_path: Path) -> None:
    """In what all events share and in what they differ, in many events and in the first of them."""
    path = write(tmp_path / NAME, of_tensorflow_2(range(128, 1128)))
    data = bytearray(path.read_bytes())
    size = len(data) // 1000
    damaged = [0, 1, *range(500, 600), 999]
    for number in damaged:
        data[data.index(text, number * size + 12) + len(text)] ^= 1
    path.write_bytes(data)
    runs = load(tmp_path)
    assert runs.scalars["step"].tolist() == [128 + step for step in range(1000) if step not in damaged]
    lost = runs.problems
    assert lost["offset"].tolist() == [number * size for number in damaged]
    assert set(lost["reason"]) == {"data checksum"}
