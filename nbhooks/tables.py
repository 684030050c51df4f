"""Rows as DataFrames of the columns that every frame shares, wherever the rows came from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nbhooks.model.records import Audio, Histogram, Image, Tensor, Text

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from nbhooks.model.records import Value

HEAD = ("run", "session", "tag", "step", "wall_time")
"""What a row of a tagged value begins with."""

_DTYPES = {
    "run": "category",
    "session": "int32",
    "tag": "category",
    "step": "int64",
    "wall_time": "float64",
}

_TAILS: dict[type, dict[str, str]] = {
    Tensor: {"dtype": "", "shape": "", "value": ""},
    Histogram: {
        "edges": "",
        "counts": "",
        "min": "float64",
        "max": "float64",
        "sum": "float64",
        "sum_squares": "float64",
        "num": "float64",
    },
    Image: {"index": "int64", "width": "int64", "height": "int64", "encoded": ""},
    Audio: {"index": "int64", "rate": "float64", "encoded": ""},
    Text: {"index": "int64", "value": ""},
}
"""The further columns of each kind of value, and their dtypes where pandas is not to choose."""

_ATTRIBUTES = {"min": "minimum", "max": "maximum"}
"""Columns that are not called as the records' attributes are."""


def of_values(kind: type[Value], rows: Iterable[tuple[tuple[Any, ...], Any]]) -> pd.DataFrame:
    """Give every value of one kind a row.

    Args:
        kind: of the records.
        rows: pairs of what `HEAD` names and the record.

    Returns:
        The columns of `HEAD`, and those of the kind. A tensor that was too large to keep is None.
    """
    tail = _TAILS[kind]
    attributes = [_ATTRIBUTES.get(name, name) for name in tail]
    listed = [(*head, *(_item(record, attribute) for attribute in attributes)) for head, record in rows]
    return table(listed, (*HEAD, *tail), **{name: dtype for name, dtype in tail.items() if dtype})


def _item(record: Any, attribute: str) -> Any:
    left_out = attribute == "value" and isinstance(record, Tensor) and record.sampled
    return None if left_out else getattr(record, attribute)


def table(rows: list[tuple[Any, ...]], names: Iterable[str], **dtypes: str) -> pd.DataFrame:
    """Make a frame of rows.

    Args:
        rows: as many items each as there are names.
        names: of the columns.
        dtypes: of columns that are not among those that every frame shares, or differ there.
    """
    import pandas as pd

    columns = list(names)
    frame = pd.DataFrame(rows, columns=columns)
    types = {name: dtype for name, dtype in {**_DTYPES, **dtypes}.items() if name in frame}
    for name in [name for name, dtype in types.items() if dtype == "Int64"]:
        # From rows, pandas makes floats of integers among which one is missing: exact up to 2**53 alone.
        place = columns.index(name)
        frame[name] = _nullable([row[place] for row in rows])
        del types[name]
    return frame.astype(types)


def _nullable(items: list[int | None]) -> Any:
    import pandas as pd

    made = pd.array([0 if item is None else item for item in items], "Int64")
    made[pd.isna(items)] = pd.NA
    return made
