"""Events that real writers wrote, mutated: read by columns or by protobuf, they say the same."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pytest
from raw_records import record

from nbhooks.replay.loading import KINDS
from nbhooks.tfevents import events, tfrecord

if TYPE_CHECKING:
    from collections.abc import Iterator

Fields: TypeAlias = "list[tuple[int, int, Any]]"
"""Of a message: number, how it is written, and bytes or a message."""

WANTED = events.Wanted(tags=lambda _: True, kinds=frozenset(KINDS))
TORCH = Path(__file__).parents[1] / "written_by_torch" / "run"
WRITTEN = {
    "TensorFlow 2": "09603c1ab284c1da411085012a210a1f0a046c6f7373420a0801120022045a7b0f3f"
    "4a0b0a090a077363616c617273",
    "TensorFlow 1": "09d32512d584c1da411085012a0d0a0b0a046c6f7373155a7b0f3f",
    "Keras, an epoch": "09ada7edde84c1da4110032a270a250a0a65706f63685f6c6f7373420a0801120022048d5d1240"
    "4a0b0a090a077363616c617273",
    "Keras, a batch": "0900fdf6dc84c1da4110042a270a250a0a62617463685f6c6f7373420a0801120022041e4f1740"
    "4a0b0a090a077363616c617273",
}
"""What was in their files."""

MESSAGES = {(): {5}, (5,): {1}, (5, 1): {8, 9}, (5, 1, 8): {2}, (5, 1, 9): {1}}
"""By the fields that lead to a message: its fields that are messages, too."""


def read_varint(data: bytes, at: int) -> tuple[int, int]:
    value, shift = 0, 0
    while True:
        value |= (data[at] & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if data[at - 1] < 0x80:
            return value, at


def parsed(data: bytes, path: tuple[int, ...] = ()) -> Fields:
    """Take a message apart; a varint is kept as the bytes that it has."""
    fields: Fields = []
    at = 0
    while at < len(data):
        key, at = read_varint(data, at)
        number, kind = key >> 3, key & 7
        if kind == 2:
            size, at = read_varint(data, at)
            end = at + size
        else:
            end = read_varint(data, at)[1] if kind == 0 else at + {1: 8, 5: 4}[kind]
        inner: Any = data[at:end]
        fields.append(
            (number, kind, parsed(inner, (*path, number)) if number in MESSAGES.get(path, ()) else inner)
        )
        at = end
    return fields


def varint(value: int, further: int = 0) -> bytes:
    """Write a number, with so many bytes more than need be."""
    digits = []
    while value > 0x7F:
        digits.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*digits, value | 0x80, *[0x80] * (further - 1), 0] if further else [*digits, value])


def serialized(fields: Fields, random: np.random.Generator, long: float) -> bytes:
    """Put a message together; with a chance of `long`, a length or a key is longer than need be."""
    data = b""
    for number, kind, inner in fields:
        further = [int(random.integers(1, 9)) if random.random() < long else 0 for _ in range(2)]
        data += varint(number << 3 | kind, further[0] if random.random() < 0.2 else 0)
        content = serialized(inner, random, long) if isinstance(inner, list) else inner
        data += (varint(len(content), further[1]) if kind == 2 else b"") + content
    return data


UNKNOWN: Fields = [
    (15, 0, b"\x05"),
    (14, 2, b"more"),
    (13, 1, b"12345678"),
    (12, 5, b"1234"),
    (9, 2, b""),
    (7, 2, b"node"),
    (3, 0, b"\x01"),
    (2, 5, struct.pack("<f", 7.0)),
    (2, 0, b"\x81\x00"),
    (2, 0, b"\xff" * 9 + b"\x01"),
    (2, 0, b"\xff" * 9 + b"\x7f"),
    (1, 2, b"hparams"),
    (1, 2, b"text"),
    (1, 2, b"a\xff"),
    (4, 2, b"12345678"),
    (1, 0, b"\x02"),
    (1, 0, b"\x09"),
]


def mutated(fields: Fields, random: np.random.Generator) -> Fields:
    """Repeat, leave out, exchange or add a field, here or in a message within."""
    fields = list(fields)
    within = [place for place, field in enumerate(fields) if isinstance(field[2], list)]
    if within and random.random() < 0.75:
        place = int(random.choice(within))
        fields[place] = (*fields[place][:2], mutated(fields[place][2], random))
        return fields
    place = int(random.integers(len(fields) + 1))
    new = UNKNOWN[int(random.integers(len(UNKNOWN)))]
    how = random.integers(5)
    if how == 0 or not fields:
        fields.insert(place, new)
    elif how == 1:
        fields.insert(place, fields[int(random.integers(len(fields)))])
    elif how == 2:
        fields.pop(place % len(fields))
    elif how == 3:
        fields[place % len(fields)] = new
    else:
        fields = [fields[number] for number in random.permutation(len(fields))]
    return fields


def copies(fields: Fields, count: int, random: np.random.Generator) -> Iterator[Fields]:
    """Give an event other times, steps and values, as long as they were."""
    for number in range(count):
        step = bytes([int(random.integers(0x80, 0x100)), number & 0x7F])
        fresh = {(1, 1): struct.pack("<d", 1e9 + number), (2, 0): step}
        yield [
            (*field[:2], fresh.get(field[:2], field[2]) if random.random() < 0.98 else field[2])
            for field in fields
        ]


def decoded(written: list[bytes]) -> tuple[Any, ...]:
    data = b"".join(map(record, written))
    buffer = np.frombuffer(data + bytes(tfrecord.PADDING), np.uint8)
    framed = tfrecord.frame(buffer, [(0, len(data))])
    of = np.arange(len(written)) * 2 // max(len(written), 1)  # as if they stood in two files
    plugins: list[dict[str, Any]] = [{}, {}]
    found = events.decode(buffer, framed, of, plugins, WANTED)
    scalars = found.scalars
    rows = list(
        zip(
            scalars.record.tolist(),
            scalars.wall_time.tolist(),
            scalars.step.tolist(),
            [scalars.tags[code] for code in scalars.tag],
            scalars.value.view(np.int64).tolist(),  # a NaN equals itself
            strict=True,
        )
    )
    others = [(number, type(value), value.tag, value.step) for number, value in found.values]
    gaps = sorted((gap.begin, gap.end, gap.reason) for gap in found.gaps)
    known = [
        {tag: data.SerializeToString(deterministic=True) for tag, data in one.items()} for one in plugins
    ]
    times = found.wall_time.view(np.int64).tolist()
    return rows, others, gaps, found.hparams, known, times


def by_protobuf(written: list[bytes], monkeypatch: pytest.MonkeyPatch) -> tuple[Any, ...]:
    with monkeypatch.context() as patched:
        patched.setattr(events, "FEW", 10**9)
        return decoded(written)


def records_of(file: Path) -> Iterator[bytes]:
    data, at = file.read_bytes(), 0
    while at < len(data):
        size = int.from_bytes(data[at : at + 8], "little")
        yield data[at + 12 : at + 12 + size]
        at += size + 16


@pytest.mark.parametrize("seed", range(40))
def test_mutated_events_say_the_same_either_way(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(seed)
    written: list[bytes] = []
    for _ in range(3):
        name = list(WRITTEN)[int(random.integers(len(WRITTEN)))]
        fields = parsed(bytes.fromhex(WRITTEN[name]))
        for _ in range(int(random.integers(4))):
            fields = mutated(fields, random)
        long, same = float(random.choice([0.0, 0.0, 0.2])), int(random.integers(1 << 32))
        written += [
            serialized(one, np.random.default_rng(same), long)
            for one in copies(fields, events.FEW + 6, random)
        ]
    written = [written[place] for place in random.permutation(len(written))]
    assert decoded(written) == by_protobuf(written, monkeypatch)


@pytest.mark.parametrize("seed", range(10))
def test_flipped_bytes_say_the_same_either_way(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(seed)
    for data in WRITTEN.values():
        written = []
        for _ in range(2 * events.FEW):
            changed = bytearray(bytes.fromhex(data))
            if random.random() < 0.3:
                changed[int(random.integers(len(changed)))] = int(random.integers(256))
            written.append(bytes(changed))
        assert decoded(written) == by_protobuf(written, monkeypatch)


def test_what_torch_wrote_says_the_same_either_way(monkeypatch: pytest.MonkeyPatch) -> None:
    for file in TORCH.rglob("*tfevents*"):
        written = [one for one in records_of(file) for _ in range(events.FEW + 1)]
        assert decoded(written) == by_protobuf(written, monkeypatch)


@pytest.mark.parametrize("name", WRITTEN)
def test_what_writers_write_is_put_together_as_it_was(name: str) -> None:
    data = bytes.fromhex(WRITTEN[name])
    assert serialized(parsed(data), np.random.default_rng(0), 0.0) == data
