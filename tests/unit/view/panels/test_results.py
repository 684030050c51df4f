"""Holds the panel of final results to its table."""

import math

import numpy as np
import pytest
from drawn_panels import read
from markup import HOSTILE

from nbhooks.model.events import State
from nbhooks.model.lifecycle import Phase
from nbhooks.model.records import Scalar
from nbhooks.model.values import Tensor


def test_no_results() -> None:
    assert read("results").text == "no final tensors are requested"


@pytest.mark.parametrize(
    ("state", "left"), [("running", "at the end"), ("finished", "no value"), ("died", "no value")]
)
def test_results(state: str, left: str) -> None:
    markup = read(
        "results",
        Scalar("mine", "accuracy", 9, 0.0, 0.875),
        Scalar("mine", "loss", 9, 0.0, math.nan),
        Tensor("mine", "vector", 9, 0.0, "float32", (3,), np.array([1, 2, 3], np.float32)),
        Tensor("mine", "name", 9, 0.0, "string", (), np.array(b"caf\xc3\xa9", object)),
        Tensor("mine", "large", 9, 0.0, "int64", (100,), np.arange(100)),
        State(Phase(state), 9, 0.0),
        tags=("nothing", "accuracy"),
    )
    assert dict(zip(markup.cells[::2], markup.cells[1::2], strict=True)) == {
        "nothing": left,
        "accuracy": "0.875",
        "loss": "NaN",
        "vector": "1.0, 2.0, 3.0 (float32 3)",
        "name": "café (string scalar)",
        "large": "int64 100, 0 to 99, mean 49.5",
    }
    assert markup.cells[0] == "nothing"


def test_hostile_results_stay_text() -> None:
    strings = np.array([HOSTILE[0].encode()], object)
    markup = read(
        "results",
        Tensor("mine", HOSTILE[0], 9, 0.0, "string", (1,), strings),
        tags=(HOSTILE[0], f"{HOSTILE[0]} 2", "t" * 500, *map(str, range(300))),
    )
    assert markup.values("data-tag")[:3] == [HOSTILE[0], f"{HOSTILE[0]} 2", "t" * 500]
    assert markup.cells[1] == f"{HOSTILE[0]} (string 1)"
    assert "img" not in markup.tags
    assert "and 103 more" in markup.text
