"""Holds the panel of written files to its list."""

from drawn_panels import read
from markup import HOSTILE

from nbhooks.model.records import File


def test_files_are_listed_latest_first() -> None:
    assert read("files").text == "none yet"
    written = [File("mine", f"/logs/timeline-{n}.json", n * 1000, 0.0, n * 1000 or None) for n in range(11)]
    markup = read("files", *written)
    assert markup.cells[3::4][:-1] == [f"timeline-{n}.json" for n in range(10, 3, -1)]
    assert markup.cells[-1].startswith("timeline-3.json")
    assert markup.cells[2::4][0] == "10.0 kB"
    assert markup.cells[0::4][-1] == "3,000"
    assert markup.text.endswith("and 3 earlier")
    assert read("files", written[0]).cells[2] == "–"


def test_a_hostile_path_stays_text() -> None:
    path = f'/logs/{HOSTILE[0]}/" onload="alert(1)'
    markup = read("files", File("mine", path, 1, 0.0, 1))
    assert markup.values("title") == [path]
    assert markup.cells[3] == '" onload="alert(1)'
    assert "img" not in markup.tags
