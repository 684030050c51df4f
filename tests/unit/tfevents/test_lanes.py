"""Lanes that lie within a long record are searched in few steps, and the records around it are found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from raw_records import record

from nbhooks.tfevents import tfrecord

if TYPE_CHECKING:
    import pytest


def test_long_record_is_searched_in_few_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    records = [b"x" * 50] * 5000 + [b"\0" * 300_000] + [b"y" * 70] * 5000
    whole = b"".join(map(record, records))
    buffer = np.frombuffer(whole + bytes(tfrecord.PADDING), np.uint8)
    calls = []
    headers = tfrecord._headers

    def counting(*arguments: Any) -> Any:
        calls.append(arguments)
        return headers(*arguments)

    monkeypatch.setattr(tfrecord, "_headers", counting)
    framed = tfrecord.frame(buffer, [(0, len(whole))])
    assert framed.lengths.tolist() == [len(data) for data in records]
    assert len(calls) < tfrecord.SEARCH / 2
