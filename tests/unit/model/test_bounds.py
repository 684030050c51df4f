"""Holds large arrays to be counted and sampled by what is there."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nbhooks.model import arrays
from nbhooks.model.records import Source
from nbhooks.model.store import Store
from nbhooks.model.values import Tensor

HUGE = 2**24


def tensor(source: str, tag: str, value: Any) -> Tensor:
    return Tensor(source, tag, 1, 1.0, str(value.dtype), value.shape, value)


@pytest.mark.parametrize("value", [1.5, b"word"])
def test_a_store_counts_the_bytes_that_are_there(value: Any) -> None:
    store = Store()
    store.write(Source("mine", "tensors"))
    for _ in range(3):
        store.write(tensor("mine", "w", np.broadcast_to(np.array(value, object), (HUGE,))))
    assert len(store.columns().rows(Tensor)) == 3  # by their size in full only the latest would be kept


@pytest.mark.parametrize("shape", [(), (0,), (3, 0, 2), (4, 5)])
def test_sample_and_distinct_take_arrays_of_any_shape(shape: tuple[int, ...]) -> None:
    array = np.ones(shape)
    assert arrays.distinct(array).size == array.size
    assert arrays.sample(array, most=7).size <= 7
    assert arrays.sample(array).size == array.size
