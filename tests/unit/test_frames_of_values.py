"""Holds the frames of values, files, progress, feeds and results to the contract, one row for each record."""

import numpy as np
import pandas as pd
import pytest
from frame_contract import hold
from sample_records import VALUES, announced

from nbhooks import frames
from nbhooks.model.records import Attempt, Feeds, File, Progress
from nbhooks.model.store import Store
from nbhooks.model.values import Audio, Histogram, Image, Tensor, Text

FRAMES = {kind.FRAME: kind for kind in (Histogram, Image, Audio, Text, File, Progress)}


def frame(name: str, *stores: Store) -> pd.DataFrame:
    return hold(name, frames.live(FRAMES[name], [one.columns() for one in stores]))


@pytest.mark.parametrize("name", FRAMES)
@pytest.mark.parametrize("stores", [(), (announced(),), (announced(), announced())])
def test_an_empty_frame_has_its_columns_and_dtypes(name: str, stores: tuple[Store, ...]) -> None:
    assert len(frame(name, *stores)) == 0


def filled() -> Store:
    kept = announced()
    kept.write(Attempt(0.0, 0))
    for make in VALUES:
        kept.write(make(3, tag=make.__name__))
    kept.write(Tensor("mine", "tensor", 3, 0.5, "int64", (2,), np.array([1, 2])))
    kept.write(File("mine", "/logs/<a>", 3, 0.5))
    kept.write(File("mine", "/logs/b", 3, 0.5, 10))
    kept.write(Progress("mine", 3, 0.5, 0, 10, "evaluation"))
    return kept


def test_each_record_has_one_row_in_its_own_frame() -> None:
    stores = filled(), filled()
    heads = ["run", "session", "tag", "step", "wall_time"]
    for name, tag in (
        ("histograms", "histogram"),
        ("images", "image"),
        ("audio", "audio"),
        ("text", "words"),
    ):
        made = frame(name, *stores)
        assert made[heads].to_numpy().tolist() == [["", 0, tag, 3, 0.5], ["", 1, tag, 3, 0.5]]
    assert frames.live(Tensor, [one.columns() for one in stores])["tag"].tolist() == ["tensor"] * 2


def test_what_the_rows_say() -> None:
    kept = filled()
    row = frame("histograms", kept).iloc[0]
    assert (row["edges"].tolist(), row["counts"].tolist()) == ([0.0, 1.0, 2.0], [1.0, 1.0])
    assert row[["min", "max", "sum", "num"]].tolist() == [0.0, 2.0, 1.5, 2.0]
    row = frame("images", kept).iloc[0]
    assert row[["index", "width", "height", "encoded"]].tolist() == [1, 64, 48, b"\0\0"]
    row = frame("audio", kept).iloc[0]
    assert row[["index", "rate", "encoded"]].tolist() == [1, 44100.0, b"\0\0"]
    row = frame("text", kept).iloc[0]
    assert row[["index", "value"]].tolist() == [1, " 3"]
    files = frame("files", kept)
    assert files[["path", "bytes"]].to_numpy().tolist() == [["/logs/<a>", 0], ["/logs/b", 10]]
    row = frame("progress", kept).iloc[0]
    assert row[["tag", "step", "value", "wall_time"]].tolist() == ["evaluation", 3, 3.0, 0.5]


def test_progress_keeps_units_and_attempts_apart() -> None:
    kept = announced("evals", "stop")
    for attempt in range(2):
        kept.write(Attempt(0.0, attempt))
        for step in (1, 2):
            kept.write(Progress("evals", step, 0.0, 0, 2, "evaluation"))
            kept.write(Progress("stop", step, 0.0, 0, 2))
    made = frame("progress", kept)
    assert made["tag"].tolist() == ["evaluation"] * 4 + ["step"] * 4
    assert made["session"].tolist() == [0, 0, 1, 1] * 2
    assert made["orphaned"].tolist() == [True, True, False, False] * 2


def test_feeds_and_results() -> None:
    for made, names in (
        (frames.feeds(None), ["name", "dtype", "shape"]),
        (frames.results([]), ["name", "value"]),
    ):
        assert (list(made.columns), len(made)) == (names, 0)
    assert str(frames.results([])["value"].dtype) == "object"
    made = frames.feeds(Feeds("mine", None, 0.0, (("x:0", "float32", (2, 3)), ("y:0", "string", None))))
    assert made["name"].tolist() == ["x:0", "y:0"]
    assert made["dtype"].tolist() == ["float32", "string"]
    assert made["shape"].tolist() == [(2, 3), None]
    vector = np.arange(3)
    made = frames.results([("a", 0.5), ("b", vector), ("c", None), ("d", b"x")])
    assert made["value"].dtype == object
    assert made["value"].tolist()[0] == 0.5
    assert made["value"][1] is vector
    assert made["value"][2] is None
    assert isinstance(frames.results([("a", 1), ("b", 2)])["value"][0], int)
