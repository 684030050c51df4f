"""Holds damage to its cost: every other record comes back, and every loss is a problem."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from event_files import NAME
from raw_records import FAULTS, flip, problems, scalar

from nbhooks.replay import load

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("every_way_to_frame")

MANY = 10_000
HALF = MANY // 2
PIECE = 5000  # a file of so many records is read in a hundred pieces


@pytest.fixture(scope="module")
def records() -> list[bytes]:
    return [scalar(step) for step in range(MANY)]


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
    assert problems(runs) == [(at, len(records[number]))]


def test_a_torn_tail_is_pending(records: list[bytes], tmp_path: Path) -> None:
    whole, path = b"".join(records), tmp_path / NAME
    for missing in (1, 5, len(records[-1]) - 13, len(records[-1]) - 5, len(records[-1]) - 1):
        path.write_bytes(whole[:-missing])
        runs = load(path)
        assert len(runs.scalars) == MANY - 1
        assert problems(runs) == []
        with path.open("ab") as file:
            file.write(whole[-missing:])
        assert runs.reload().scalars["step"].tolist() == list(range(MANY))
        assert problems(runs) == []


@pytest.mark.parametrize("begin", [0, 5, 14, 30])
def test_missing_bytes_inside_a_record_cost_it(records: list[bytes], tmp_path: Path, begin: int) -> None:
    data, at = b"".join(records), sum(map(len, records[:HALF]))
    (tmp_path / NAME).write_bytes(data[: at + begin] + data[at + begin + 3 :])
    runs = load(tmp_path / NAME)
    assert runs.scalars["step"].tolist() == [step for step in range(MANY) if step != HALF]
    assert problems(runs) == [(at, len(records[HALF]) - 3)]


def test_missing_bytes_over_a_border_cost_both_records(records: list[bytes], tmp_path: Path) -> None:
    data, at = b"".join(records), sum(map(len, records[:HALF]))
    (tmp_path / NAME).write_bytes(data[: at - 1] + data[at + 2 :])
    runs = load(tmp_path / NAME)
    assert runs.scalars["step"].tolist() == [step for step in range(MANY) if step not in (HALF - 1, HALF)]
    assert problems(runs) == [(at - len(records[HALF - 1]), len(records[HALF - 1]) + len(records[HALF]) - 3)]


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
    assert [offset for offset, _ in problems(runs)] == [sum(map(len, written[:50]))]
    with path.open("ab") as file:
        file.write(written[51][-9:] + b"".join(written[52:]))
    assert runs.reload().scalars["step"].tolist() == [step for step in range(1, 101) if step != 51]
    assert problems(runs) == [(sum(map(len, written[:50])), len(spoilt))]


def test_a_record_behind_one_that_ends_with_the_file_is_found_when_it_is_written(tmp_path: Path) -> None:
    """Bytes are missing in the one, so the next begins in what it claims, which ends with the file."""
    path, first, second = tmp_path / NAME, scalar(1), scalar(2)
    short = first[:20] + first[27:]
    path.write_bytes(short + second[:7])
    runs = load(path)
    with path.open("ab") as file:
        file.write(second[7:] + scalar(3))
    assert runs.reload().scalars["step"].tolist() == [2, 3]
    assert problems(runs) == [(0, len(short))]


def test_a_file_of_another_kind_is_one_problem(tmp_path: Path) -> None:
    png = b"\x89PNG\r\n\x1a\n" + np.random.default_rng(3).bytes(5000)
    (tmp_path / "picture.png").write_bytes(png)
    runs = load(tmp_path / "picture.png")
    assert len(runs.scalars) == 0
    assert problems(runs) == [(0, len(png))]
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


@pytest.mark.slow
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
    by_file = runs.problems.groupby("file")
    for file in runs.logdir.all_files():
        data, frame = spoilt[file.run], rows.get(file.run, runs.scalars[:0])
        whole = [step for step, one in written[file.run].items() if one in data]
        assert frame["step"].tolist() == whole
        assert frame["value"].tolist() == [step / 4 + int(file.run) / 1024 for step in whole]
        # Each byte belongs to a record that came back, to a problem, or to what may still be finished.
        gaps = by_file.get_group(str(file.path)) if str(file.path) in by_file.groups else runs.problems[:0]
        ends = np.minimum(gaps["offset"] + gaps["bytes"], file.read)
        lost = int((ends - gaps["offset"]).sum())
        assert sum(len(written[file.run][step]) for step in whole) + lost == file.read
    assert len(runs.problems) > 200
