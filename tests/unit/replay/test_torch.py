"""Files that torch wrote (see written_by_torch/make.py): what was written is what is loaded."""

from __future__ import annotations

import io
import math
import wave
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nbhooks.replay import Runs, load

LOSSES = [0.5, -3.25, math.nan, math.inf, 0.1]


@pytest.fixture(scope="module")
def runs() -> Runs:
    return load(Path(__file__).parents[1] / "written_by_torch" / "run")


def test_every_run_is_whole(runs: Runs) -> None:
    assert runs.names == [".", "both_test", "both_train", "tried"]
    assert len(runs.problems) == 0


@pytest.mark.parametrize(
    ("tag", "dtype"), [("loss", np.float32), ("new style", np.float32), ("double", np.float64)]
)
def test_scalars_in_either_style(runs: Runs, tag: str, dtype: type) -> None:
    rows = runs.only(".").scalars
    rows = rows[rows["tag"] == tag]
    np.testing.assert_array_equal(rows["value"], np.array(LOSSES, dtype).astype(np.float64))
    assert rows["step"].tolist() == [0, 1, 2, 3, 4]
    assert rows["wall_time"].tolist() == [1e9 + step for step in range(5)]


def test_scalars_of_several_runs(runs: Runs) -> None:
    rows = runs.scalars.query("tag == 'both'")
    assert list(zip(rows["run"], rows["step"], rows["value"], strict=True)) == [
        ("both_test", 7, 2.0),
        ("both_train", 7, 1.0),
    ]


def test_a_histogram(runs: Runs) -> None:
    [row] = runs.histograms.to_dict("records")
    assert (row["tag"], row["step"], row["min"], row["max"], row["num"]) == ("weights", 3, 1.0, 9.0, 6.0)
    assert row["sum"] == pytest.approx(22.5)
    # Of bins that begin at 0, 2 and 4; before them torch writes one that is empty.
    assert row["counts"].tolist() == [0, 1, 2, 3]
    assert row["edges"].tolist() == [1, 1, 2, 4, 9]


def test_an_image(runs: Runs) -> None:
    [row] = runs.images.to_dict("records")
    assert (row["tag"], row["step"], row["width"], row["height"]) == ("image", 2, 4, 3)
    pixels = np.asarray(Image.open(io.BytesIO(row["encoded"])))
    written = np.linspace(0, 1, 36).reshape(3, 3, 4).transpose(1, 2, 0)
    assert np.abs(pixels / 255 - written).max() <= 1 / 255
    assert runs.image("image").size == (4, 3)


def test_a_sound(runs: Runs) -> None:
    [row] = runs.audio.to_dict("records")
    assert (row["tag"], row["step"], row["rate"]) == ("sound", 4, 8000.0)
    with wave.open(io.BytesIO(row["encoded"])) as sound:
        assert (sound.getframerate(), sound.getnframes()) == (8000, 40)


def test_text_tensors_and_curves(runs: Runs) -> None:
    [text] = runs.text.to_dict("records")
    assert (text["tag"], text["step"], text["value"]) == ("note/text_summary", 5, "<b>plain</b>")
    tensors = {row["tag"]: row for row in runs.tensors.to_dict("records")}
    np.testing.assert_array_equal(tensors["tensor"]["value"], np.arange(6.0).reshape(2, 3))
    assert tensors["curve"]["shape"] == (6, 5)


def test_hyper_parameters(runs: Runs) -> None:
    [row] = runs.hparams.to_dict("records")
    assert row == {"run": "tried", "rate": 0.5, "name": "x", "on": True}
    [metric] = runs.scalars.query("run == 'tried'").to_dict("records")
    assert (metric["tag"], metric["value"]) == ("hparam/accuracy", 0.75)


def test_a_graph_is_read_when_it_is_asked_for(runs: Runs) -> None:
    assert "input/input" in [node.name for node in runs.graph().node]
    with pytest.raises(KeyError, match=r"these have one: '\.'"):
        runs.graph("both_test")
