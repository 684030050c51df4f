"""Holds framing to its word: every undamaged record comes back, every loss is told, nothing is invented."""

from __future__ import annotations

import struct
import tracemalloc
from typing import TYPE_CHECKING

import google_crc32c
import numpy as np
import pytest
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary

from nbhooks.replay import load
from nbhooks.tfevents import checksums, files, tfrecord

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from nbhooks.replay import Runs

MANY = 10_000
NAME = "events.out.tfevents.1"


@pytest.fixture(autouse=True, params=["lanes", "one by one", "in pieces"])
def _walked(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Find the records of short files as those of long ones are found, too."""
    if request.param == "lanes":
        monkeypatch.setattr(tfrecord, "LANES", 0)
    elif request.param == "in pieces":
        monkeypatch.setattr(files, "BATCH", 1000)


def masked(data: bytes) -> int:
    crc = google_crc32c.value(data)
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def header(length: int) -> bytes:
    raw = struct.pack("<Q", length)
    return raw + struct.pack("<I", masked(raw))


def record(data: bytes) -> bytes:
    return header(len(data)) + data + struct.pack("<I", masked(data))


def scalar(step: int, shift: float = 0.0) -> bytes:
    value = Summary.Value(tag="loss", simple_value=step / 4 + shift)
    return record(
        Event(wall_time=100.0 + step, step=step, summary=Summary(value=[value])).SerializeToString()
    )


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


def lost(runs: Runs) -> list[tuple[int, int]]:
    return list(zip(runs.problems["offset"], runs.problems["bytes"], strict=True))


# Checksums


@pytest.mark.parametrize("length", range(41))
def test_checksums_are_those_of_google(length: int) -> None:
    rows = np.random.default_rng(length).integers(0, 256, (50, -(-length // 8) * 8 or 8), np.uint8)
    expected = [masked(row[:length].tobytes()) for row in rows]
    assert [checksums.masked(row[:length].tobytes()) for row in rows] == expected
    assert checksums.masked_rows(rows, length).tolist() == expected


def test_checksums_of_lengths() -> None:
    generator = np.random.default_rng(0)
    lengths = generator.integers(0, 1 << 63, 1000, np.uint64) >> generator.integers(0, 63, 1000, np.uint64)
    lengths[:3] = 0, 40, 2**64 - 1
    expected = [masked(struct.pack("<Q", length)) for length in lengths.tolist()]
    assert checksums.masked_lengths(lengths).tolist() == expected


# Whole files


@pytest.mark.parametrize(
    "lengths",
    [[], [0], [0] * 500, [1], [5, 0, 7], [1_000_000], [3, 1_000_000, 2, 0, 300_000] * 3, list(range(3000))],
    ids=["none", "empty", "500 empty", "tiny", "few", "long", "mixed", "all lengths"],
)
def test_every_record_comes_back(lengths: list[int]) -> None:
    generator = np.random.default_rng(1)
    written = [generator.bytes(length) for length in lengths]
    framed, (held,) = frame(b"".join(map(record, written)))
    assert held == written
    assert framed.gaps == []


def test_many_files_in_one_buffer_stay_apart() -> None:
    generator = np.random.default_rng(2)
    written = [
        [generator.bytes(int(size)) for size in generator.integers(0, 90, n)] for n in (0, 1, 0, 900, 2, 0)
    ]
    files = [b"".join(map(record, file)) for file in written]
    torn = [file[:-3] for file in files]
    ends = np.cumsum([len(file) for file in files]).tolist()
    framed, held = frame(*files)
    assert held == written
    assert framed.pending == ends
    framed, held = frame(*torn)
    assert held == [file[:-1] for file in written]
    assert framed.gaps == []
    kept = [sum(len(record(data)) for data in file[:-1]) for file in written]
    begins = np.cumsum([0, *map(len, torn)]).tolist()
    assert framed.pending == [begin + size for begin, size in zip(begins, kept, strict=False)]


def test_lanes_across_many_small_records() -> None:
    written = [struct.pack("<I", number)[: number % 5] for number in range(200_000)]
    kinds = [record(data) for data in written]
    whole = b"".join(kinds)
    framed = tfrecord.frame(np.frombuffer(whole + bytes(tfrecord.PADDING), np.uint8), [(0, len(whole))])
    assert len(whole) > 100 * tfrecord.LANE
    np.testing.assert_array_equal(framed.lengths, [len(data) for data in written])
    np.testing.assert_array_equal(framed.starts, np.cumsum([0, *map(len, kinds[:-1])]))


@pytest.mark.parametrize("torn", range(16))
def test_a_tail_is_not_taken_for_what_stands_elsewhere(torn: int) -> None:
    whole = record(b"") * 3 + record(b"x")
    framed, (held,) = frame(whole + record(b"")[:torn])
    assert held == [b"", b"", b"", b"x"]
    assert framed.pending == [len(whole)]
    assert framed.gaps == []


@pytest.mark.parametrize("length", range(5))
def test_a_short_record_at_the_end_may_be_damaged(length: int) -> None:
    whole, last = record(b"x") * 3, record(bytes(length))
    framed, (held,) = frame(whole + flip(last, 9))
    assert held == [b"x"] * 3
    assert [(gap.begin, gap.end) for gap in framed.gaps] == [(len(whole), len(whole) + len(last))]


@pytest.mark.parametrize("shift", [0, 1, 7, 4095])
def test_an_event_file_inside_a_payload_stays_there(shift: int, tmp_path: Path) -> None:
    inner = b"".join(scalar(step, 0.5) for step in range(3000))  # long enough for lanes to begin in it
    path = tmp_path / NAME
    odd = record(Event(file_version="x" * shift).SerializeToString())
    tensor = Event(wall_time=1.0, step=1)
    tensor.summary.value.add(tag="bytes").tensor.string_val.append(inner)
    tensor.summary.value[0].tensor.dtype = 7
    path.write_bytes(odd + scalar(1) + record(tensor.SerializeToString()) + scalar(2))
    runs = load(path)
    assert runs.scalars["value"].tolist() == [0.25, 0.5]
    assert runs.tensors["value"].item().item() == inner
    assert not len(runs.problems)


# Faults


def flip(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 0x10]) + data[at + 1 :]


@pytest.fixture(scope="module")
def records() -> list[bytes]:
    return [scalar(step) for step in range(MANY)]


HALF = MANY // 2
FAULTS: dict[str, Callable[[bytes, int, int], bytes]] = {
    "data": lambda data, at, _: flip(data, at + 20),
    "checksum": lambda data, at, size: flip(data, at + size - 2),
    "length": lambda data, at, _: flip(data, at + 1),
    "checksum of the length": lambda data, at, _: flip(data, at + 9),
    "giant length": lambda data, at, _: data[:at] + header(2**60) + data[at + 12 :],
    "long length": lambda data, at, _: data[:at] + header(len(data) // 3) + data[at + 12 :],
    "all zero": lambda data, at, size: data[:at] + bytes(size) + data[at + size :],
}


@pytest.mark.parametrize("number", [0, 1, HALF, MANY - 1])
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_costs_one_record(records: list[bytes], tmp_path: Path, fault: str, number: int) -> None:
    if fault == "long length" and number == MANY - 1:
        fault = "length"  # what would be a record that is not finished
    path, at = tmp_path / NAME, sum(map(len, records[:number]))
    path.write_bytes(FAULTS[fault](b"".join(records), at, len(records[number])))
    runs = load(path)
    assert runs.scalars["step"].tolist() == [step for step in range(MANY) if step != number]
    np.testing.assert_array_equal(runs.scalars["value"], runs.scalars["step"] / 4)
    assert lost(runs) == [(at, len(records[number]))]


def test_a_torn_tail_is_pending(records: list[bytes], tmp_path: Path) -> None:
    whole, path = b"".join(records), tmp_path / NAME
    for missing in (1, 5, len(records[-1]) - 13, len(records[-1]) - 5, len(records[-1]) - 1):
        path.write_bytes(whole[:-missing])
        runs = load(path)
        assert len(runs.scalars) == MANY - 1
        assert lost(runs) == []
        with path.open("ab") as file:
            file.write(whole[-missing:])
        assert runs.reload().scalars["step"].tolist() == list(range(MANY))
        assert lost(runs) == []


@pytest.mark.parametrize("begin", [0, 5, 14, 30])
def test_missing_bytes_inside_a_record_cost_it(records: list[bytes], tmp_path: Path, begin: int) -> None:
    data, at = b"".join(records), sum(map(len, records[:HALF]))
    (tmp_path / NAME).write_bytes(data[: at + begin] + data[at + begin + 3 :])
    runs = load(tmp_path / NAME)
    assert runs.scalars["step"].tolist() == [step for step in range(MANY) if step != HALF]
    assert lost(runs) == [(at, len(records[HALF]) - 3)]


def test_missing_bytes_over_a_border_cost_both_records(records: list[bytes], tmp_path: Path) -> None:
    data, at = b"".join(records), sum(map(len, records[:HALF]))
    (tmp_path / NAME).write_bytes(data[: at - 1] + data[at + 2 :])
    runs = load(tmp_path / NAME)
    assert runs.scalars["step"].tolist() == [step for step in range(MANY) if step not in (HALF - 1, HALF)]
    assert lost(runs) == [(at - len(records[HALF - 1]), len(records[HALF - 1]) + len(records[HALF]) - 3)]


@pytest.mark.parametrize(
    "numbers", [(10, 11), (10, 5000), (0, 1, 2, 3000, 9000, MANY - 1), range(0, MANY, 2)]
)
def test_faults_do_not_hide_one_another(records: list[bytes], tmp_path: Path, numbers: Sequence[int]) -> None:
    faults = list(FAULTS.values())[:4]
    spoilt = [
        faults[number % 4](data, 0, len(data)) if number in numbers else data
        for number, data in enumerate(records)
    ]
    (tmp_path / NAME).write_bytes(b"".join(spoilt))
    runs = load(tmp_path / NAME)
    assert runs.scalars["step"].tolist() == [step for step in range(MANY) if step not in numbers]
    assert runs.problems["bytes"].sum() == sum(len(records[number]) for number in numbers)


@pytest.mark.parametrize("fault", ["data", "length"])
def test_what_was_not_finished_behind_a_fault_is_read_when_it_is(tmp_path: Path, fault: str) -> None:
    path, written = tmp_path / NAME, [scalar(step) for step in range(1, 101)]
    spoilt = FAULTS[fault](written[50], 0, len(written[50]))
    path.write_bytes(b"".join(written[:50]) + spoilt + written[51][:-9])
    runs = load(path)
    assert len(runs.scalars) == 50
    assert [offset for offset, _ in lost(runs)] == [sum(map(len, written[:50]))]
    with path.open("ab") as file:
        file.write(written[51][-9:] + b"".join(written[52:]))
    assert runs.reload().scalars["step"].tolist() == [step for step in range(1, 101) if step != 51]
    assert lost(runs) == [(sum(map(len, written[:50])), len(spoilt))]


def test_a_file_of_another_kind_is_one_problem(tmp_path: Path) -> None:
    png = b"\x89PNG\r\n\x1a\n" + np.random.default_rng(3).bytes(5000)
    (tmp_path / "picture.png").write_bytes(png)
    runs = load(tmp_path / "picture.png")
    assert len(runs.scalars) == 0
    assert lost(runs) == [(0, len(png))]
    assert runs.problems["reason"].tolist() == ["length checksum"]


def damage(generator: np.random.Generator, data: bytes) -> bytes:
    """Flip a bit, cut something out or put something in, once or a few times."""
    for _ in range(generator.integers(1, 5)):
        at, size = int(generator.integers(len(data) + 1)), int(generator.integers(1, 120))
        match generator.integers(3):
            case 0:
                data = flip(data, min(at, len(data) - 1))
            case 1:
                data = data[:at] + data[at + size :] or b"\0"
            case _:
                data = data[:at] + generator.bytes(size) + data[at:]
    return data


@pytest.mark.parametrize("seed", range(4))
def test_random_damages(seed: int, tmp_path: Path) -> None:
    generator = np.random.default_rng(seed)
    written, spoilt = {}, {}
    for number in range(250):
        run = f"{number:03}"
        count = int(generator.choice([3, 30, 600]))
        written[run] = {step: scalar(step, number / 1024) for step in range(count)}
        spoilt[run] = damage(generator, b"".join(written[run].values()))
        (tmp_path / run).mkdir()
        (tmp_path / run / NAME).write_bytes(spoilt[run])
    runs = load(tmp_path)
    rows = dict(list(runs.scalars.groupby("run", observed=True)))
    problems = runs.problems.groupby("file")
    for file in runs.logdir.all_files():
        data, frame = spoilt[file.run], rows.get(file.run, runs.scalars[:0])
        whole = [step for step, one in written[file.run].items() if one in data]
        assert frame["step"].tolist() == whole
        assert frame["value"].tolist() == [step / 4 + int(file.run) / 1024 for step in whole]
        # Each byte belongs to a record that came back, to a problem, or to what may still be finished.
        gaps = problems.get_group(str(file.path)) if str(file.path) in problems.groups else runs.problems[:0]
        ends = np.minimum(gaps["offset"] + gaps["bytes"], file.read)
        told = int((ends - gaps["offset"]).sum())
        assert sum(len(written[file.run][step]) for step in whole) + told == file.read
    assert len(runs.problems) > 200


# Hostile files


@pytest.mark.parametrize("spread", ["to the end", "one after another"])
def test_false_headers_cost_no_quadratic_time(monkeypatch: pytest.MonkeyPatch, spread: str) -> None:
    size = 1_200_000
    lengths = [size - at - 17 if spread == "to the end" else size // 2 for at in range(0, size // 2, 12)]
    data = b"\1" + b"".join(map(header, lengths))
    data += bytes(size - len(data))
    looked_at = 0

    def counting(part: bytes | memoryview) -> int:
        nonlocal looked_at
        looked_at += len(part)
        return checksums.masked(part)

    monkeypatch.setattr(tfrecord, "masked", counting)
    tracemalloc.start()
    framed, _ = frame(data)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(framed.starts) == 0
    assert [(gap.begin, gap.end) for gap in framed.gaps] == [(0, size)]
    assert looked_at < (tfrecord.EFFORT + 2) * size
    assert peak < 8 * size + 2**24


def test_many_damages_cost_no_search_of_a_whole_window_each(monkeypatch: pytest.MonkeyPatch) -> None:
    written = [scalar(step) for step in range(4000)]
    data = b"".join(flip(one, 1) if number % 2 else one for number, one in enumerate(written))
    searched = 0

    def counting(lengths: np.ndarray) -> np.ndarray:
        nonlocal searched
        searched += len(lengths)
        return checksums.masked_lengths(lengths)

    monkeypatch.setattr(tfrecord, "masked_lengths", counting)
    framed, (held,) = frame(data)
    assert len(held) == 2000
    assert len(framed.gaps) == 2000
    assert searched < 50 * len(data)


def test_giant_claims_take_no_memory(tmp_path: Path) -> None:
    path = tmp_path / NAME
    path.write_bytes(b"".join(header(2**62 - number) + scalar(number) for number in range(300)))
    tracemalloc.start()
    runs = load(path)
    assert len(runs.scalars) == 300
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2**26


def test_behind_a_damage_a_record_may_not_be_finished() -> None:
    """What claims to end beyond the end may do so yet; only what comes before it is lost."""
    torn = record(bytes(100))[:-7]
    framed, _ = frame(b"\1" * 50 + torn)
    assert [(gap.begin, gap.end) for gap in framed.gaps] == [(0, 50)]
    assert framed.pending == [50]


@pytest.mark.parametrize("what", ["zeros", "noise"])
def test_a_long_gap_is_looked_at_once(what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No file is read whole for a gap, nor the gap searched again when something comes behind it."""
    monkeypatch.setattr(files, "BATCH", 1000)
    size = 300_000
    gap = bytes(size) if what == "zeros" else np.random.default_rng(1).bytes(size)
    path, largest, framed = tmp_path / NAME, 0, tfrecord.frame

    def measured(buffer: np.ndarray, *more: object) -> tfrecord.Framed:
        nonlocal largest
        largest = max(largest, len(buffer))
        return framed(buffer, *more)

    monkeypatch.setattr(tfrecord, "frame", measured)
    path.write_bytes(scalar(1) + gap)
    runs = load(path)
    assert largest < 3000
    assert lost(runs) == [(len(scalar(1)), size)]
    for step in (2, 3):
        largest = 0
        with path.open("ab") as file:
            file.write(scalar(step))
        runs.reload()
        assert largest < 3000
        assert lost(runs) == [(len(scalar(1)), size)]
    assert runs.scalars["step"].tolist() == [1, 2, 3]


def test_a_record_behind_one_that_ends_with_the_file_is_found_when_it_is_written(tmp_path: Path) -> None:
    """Bytes are missing in the one, so the next begins in what it claims, which ends with the file."""
    path, first, second = tmp_path / NAME, scalar(1), scalar(2)
    short = first[:20] + first[27:]
    path.write_bytes(short + second[:7])
    runs = load(path)
    with path.open("ab") as file:
        file.write(second[7:] + scalar(3))
    assert runs.reload().scalars["step"].tolist() == [2, 3]
    assert lost(runs) == [(0, len(short))]
