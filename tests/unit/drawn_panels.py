"""Panels by themselves: made with a store of their own, shown, and read."""

from __future__ import annotations

import io
import json
import math
import struct
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np
from markup import Markup
from PIL import Image as Pillow

from nbhooks.model.records import Source
from nbhooks.model.series import Series
from nbhooks.model.store import Store
from nbhooks.model.values import Histogram, Image
from nbhooks.view import blocks
from nbhooks.view.panels import panel_for

if TYPE_CHECKING:
    from nbhooks.model.record import Record
    from nbhooks.model.snapshot import Snapshot, SourceView
    from nbhooks.view.panels.panel import Panel

HARMLESS = {
    "img",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "div",
    "pre",
    "svg",
    "path",
    "polyline",
    "progress",
}
"""The elements that panels are made of."""


def panel_of(kind: str, *records: Record, name: str = "mine", **detail: object) -> tuple[Store, Panel]:
    """Make a store with a source and its records, and the panel of that source."""
    store, source = Store(), Source(name, kind, detail)
    for record in (source, *records):
        store.write(record)
    return store, panel_for(source)


def looked_at(store: Store) -> tuple[SourceView, Snapshot]:
    """What the panel of the store's first source sees."""
    snapshot = store.snapshot()
    return snapshot.sources[0], snapshot


def raises(error: Exception) -> None:
    """Let a fault of a panel be one of the test."""
    raise error


def content(store: Store, panel: Panel) -> list[blocks.Block]:
    """Let a panel see what is in the store, and return what it shows."""
    panel.see(*looked_at(store))
    return panel.content(raises)


def body(store: Store, panel: Panel) -> str:
    """Let a panel see what is in the store, and return what it shows as HTML."""
    return blocks.to_html(content(store, panel))


def drawn(store: Store, panel: Panel) -> Markup:
    """Let a panel see what is in the store, and read what it shows."""
    return Markup(body(store, panel))


def sent(store: Store, panel: Panel) -> list[dict[str, Any]]:
    """Let a panel see what is in the store, and return what a page is sent of it."""
    return json.loads(json.dumps(blocks.to_json(content(store, panel)), allow_nan=False))


def strings(value: Any) -> list[str]:
    """Every text in what a page is sent."""
    if isinstance(value, dict):
        return [text for one in value.values() for text in strings(one)]
    if isinstance(value, list):
        return [text for one in value for text in strings(one)]
    return [value] if isinstance(value, str) else []


def read(kind: str, *records: Record, **detail: object) -> Markup:
    """Show these records in a panel, make sure that nothing harmful is in its HTML, and read that."""
    markup = Markup(body(*panel_of(kind, *records, **detail)))
    assert set(markup.tags) <= HARMLESS
    assert all(
        (source or "").startswith(("data:image/png;base64,", "data:image/jpeg;base64,"))
        for source in markup.values("src")
    )
    assert not markup.handlers
    return markup


def picture(array: np.ndarray, form: str = "PNG") -> bytes:
    """Encode a picture."""
    buffer = io.BytesIO()
    Pillow.fromarray(array).save(buffer, form)
    return buffer.getvalue()


def claiming(width: int, height: int) -> bytes:
    """A PNG that says it is so large, with next to nothing in it."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    data = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + data


def image(tag: str, encoded: bytes, width: int = 8, height: int = 8, step: int = 1) -> Image:
    """The record of a picture."""
    return Image("mine", tag, step, 0.0, 0, width, height, encoded)


def histogram(tag: str, edges: list[float], counts: list[float]) -> Histogram:
    """The record of a histogram."""
    total = sum(counts)
    low, high = (edges[0], edges[-1]) if counts else (math.inf, -math.inf)
    return Histogram("mine", tag, 1, 0.0, np.array(edges), np.array(counts, float), low, high, total, total)


def filled(*values: float) -> Series:
    """A series with these values, one at each step."""
    series = Series()
    for step, value in enumerate(values):
        series.add(step, 0.0, value)
    return series
