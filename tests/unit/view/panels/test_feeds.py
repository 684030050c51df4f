"""Holds the panel of feeds to names, shapes and dtypes of what was fed."""

from drawn_panels import read
from markup import HOSTILE

from nbhooks.model.records import Feeds


def test_feeds() -> None:
    assert read("feeds").text == "no run yet"
    assert read("feeds", Feeds("mine", 1, 0.0, ())).text == "the last run had an empty feed_dict"
    fed = (
        ("x:0", "float32", (32, 784)),
        ("rate:0", "float32", ()),
        ("y:0", "int64", None),
        ("e:0", "bool", (0,)),
    )
    markup = read("feeds", Feeds("mine", None, 0.0, fed))
    assert [tuple(markup.cells[at : at + 3]) for at in range(0, 12, 3)] == [
        ("x:0", "32×784", "float32"),
        ("rate:0", "scalar", "float32"),
        ("y:0", "unknown", "int64"),
        ("e:0", "0", "bool"),
    ]


def test_hostile_and_many_feeds() -> None:
    fed = ((HOSTILE[0], HOSTILE[0], None), *((f"x_{n}:0", "float32", (n,)) for n in range(250)))
    markup = read("feeds", Feeds("mine", 1, 0.0, fed))
    assert markup.cells[:3] == [HOSTILE[0], "unknown", HOSTILE[0]]
    assert len(markup.values("data-tag")) == 200
    assert "and 51 more" in markup.text
