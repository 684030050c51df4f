"""Stores with sources, and records of values to write to them."""

from __future__ import annotations

import numpy as np

from nbhooks.model.records import Source
from nbhooks.model.store import Store
from nbhooks.model.values import Audio, Histogram, Image, Text


def announced(*sources: str) -> Store:
    """A store that knows these sources, or one that is named mine."""
    kept = Store()
    for source in sources or ("mine",):
        kept.write(Source(source, "tensors"))
    return kept


def histogram(step: int, size: int = 2, tag: str = "tag") -> Histogram:
    return Histogram("mine", tag, step, 0.5, np.arange(size + 1.0), np.ones(size), 0.0, float(size), 1.5, 2.0)


def image(step: int, size: int = 2, tag: str = "tag") -> Image:
    return Image("mine", tag, step, 0.5, 1, 64, 48, bytes(size))


def audio(step: int, size: int = 2, tag: str = "tag") -> Audio:
    return Audio("mine", tag, step, 0.5, 1, 44100.0, bytes(size))


def words(step: int, size: int = 2, tag: str = "tag") -> Text:
    return Text("mine", tag, step, 0.5, 1, f"{step:{size}}")


VALUES = [histogram, image, audio, words]
"""What makes a value of each kind, at a step, of a size, with a tag."""
