"""Holds the panel of summaries to a row for each tag, and to a bounded size."""

import json
import math

import numpy as np
import pytest
from drawn_panels import body, histogram, image, looked_at, panel_of, picture, read, sent
from markup import HOSTILE, Markup

from nbhooks.model.records import File, Scalar
from nbhooks.model.values import Audio, Tensor, Text
from nbhooks.view import formatting
from nbhooks.view.panels.summaries import ROWS, TEXT


def test_nothing_was_summed_up() -> None:
    assert read("summaries").text == "no summaries yet"


def test_each_kind_has_its_row() -> None:
    markup = read(
        "summaries",
        Scalar("mine", "loss", 9, 0.0, 1.0),
        Scalar("mine", "loss", 1200, 0.0, 0.5),
        histogram("weights", [-1.0, 0.0, 2.0], [3.0, 5.0]),
        image("sample", picture(np.zeros((8, 8, 3), np.uint8))),
        Audio("mine", "voice", 2, 0.0, 0, 16000.0, b"x" * 2500),
        Text("mine", "words", 3, 0.0, 0, "hello"),
        Tensor("mine", "matrix", 4, 0.0, "float32", (2, 5), np.arange(10, dtype=np.float32).reshape(2, 5)),
        Tensor("mine", "pair", 4, 0.0, "int64", (2,), np.array([3, 4])),
        File("mine", "/logs/<run>/events.out", 4, 0.0, 12_345),
    )
    assert [
        [*markup.cells[first : first + 2], markup.cells[first + 3]]
        for first in range(0, len(markup.cells), 5)
    ] == [
        ["loss", "scalar", "0.5"],
        ["weights", "histogram", "-1 to 2, 8 values"],
        ["sample", "image", markup.cells[13]],
        ["voice", "audio", "16,000 Hz, 2.5 kB"],
        ["words", "text", "hello"],
        ["matrix", "tensor", "float32 2×5, 0 to 9, mean 4.5"],
        ["pair", "tensor", "3, 4 (int64 2)"],
    ]
    assert markup.cells[13].startswith("8×8, ")
    assert markup.cells[4::5][:-1] == ["1,200", "1", "1", "2", "3", "4"]
    assert (markup.tags.count("polyline"), markup.tags.count("path")) == (1, 1)
    assert markup.tags.count("img") == 1
    assert markup.text.endswith("12.3 kB in events.out")
    assert "/logs/<run>/events.out" in markup.values("title")


@pytest.mark.parametrize(
    "word", [HOSTILE[0], '"><script>alert(1)</script>', "' onload='alert(1)", "</td></table><h1>"]
)
def test_hostile_summaries_stay_text(word: str) -> None:
    strings = np.array([word.encode()], object)
    markup = read(
        "summaries",
        Scalar("mine", word, 1, 0.0, 1.0),
        Text("mine", f"{word} 2", 1, 0.0, 0, word),
        Tensor("mine", f"{word} 3", 1, 0.0, "string", (1,), strings),
        Tensor("mine", f"{word} 4", 1, 0.0, word, (1,), strings),
        histogram(f"{word} 5", [0.0, 1.0], [1.0]),
        Audio("mine", f"{word} 6", 1, 0.0, 0, math.nan, word.encode()),
        image(f"{word} 7", word.encode()),
        File("mine", f"/logs/{word}", 1, 0.0),
    )
    assert markup.values("data-tag") == [word, *(f"{word} {number}" for number in range(2, 8))]
    assert "img" not in markup.tags
    assert markup.cells[8] == word
    assert markup.cells[13].startswith(word)


def test_a_long_tag_and_a_long_text_are_cut() -> None:
    tag, words = "t" * 500, "w" * 5000
    markup = read("summaries", Text("mine", tag, 1, 0.0, 0, words))
    assert markup.values("data-tag") == [tag]
    assert tag in markup.values("title")
    assert markup.cells[3] == "w" * (TEXT - 1) + "…"


def test_two_hundred_tags_are_cut_and_say_so() -> None:
    markup = read("summaries", *(Scalar("mine", f"tag {n}", 1, 0.0, float(n)) for n in range(200)))
    assert markup.values("data-tag") == [f"tag {n}" for n in range(ROWS)]
    assert f"and {200 - ROWS} more tags" in markup.text


def test_scalars_that_are_none_are_named_and_marked() -> None:
    kept, panel = panel_of("summaries")
    panel.see(*looked_at(kept))
    assert panel.plots() == []
    for step, number in enumerate((1.0, math.nan, math.inf, -math.inf)):
        kept.write(Scalar("mine", "loss", step, 0.0, number))
        assert formatting.number(number) in Markup(body(kept, panel)).cells[3]
    (plot,) = panel.plots()
    assert [(mark.step, mark.kind) for mark in plot.marks] == [(step, "nonfinite") for step in (1, 2, 3)]


def test_a_picture_that_did_not_change_is_not_drawn_again(monkeypatch: pytest.MonkeyPatch) -> None:
    kept, panel = panel_of("summaries", image("a", picture(np.zeros((8, 8, 3), np.uint8))))
    first = body(kept, panel)
    with monkeypatch.context() as patched:
        patched.setattr(
            "nbhooks.view.panels.summaries.thumbnail", lambda _: pytest.fail("it was drawn again")
        )
        assert body(kept, panel) == first
        kept.write(Scalar("mine", "loss", 1, 0.0, 1.0))
        assert body(kept, panel) != first
    kept.write(image("a", picture(np.full((8, 8, 3), 99, np.uint8)), step=2))
    assert body(kept, panel).count("<img") == 1
    assert body(kept, panel) != first


@pytest.mark.parametrize("side", [64, 512])
def test_a_body_stays_under_64_kilobytes(side: int) -> None:
    noise = np.random.default_rng(3).integers(0, 256, (6, side, side, 3), np.uint8)
    images = [image(f"layer_{n}/picture", picture(noise[n]), side, side) for n in range(6)]
    scalars = [
        Scalar("mine", f"layer_{n}/loss", step, 0.0, math.sin(n + step) * 1e-5)
        for n in range(100 - len(images))
        for step in range(30)
    ]
    kept, panel = panel_of("summaries", *images, *scalars)
    written = body(kept, panel)
    assert len(Markup(written).values("data-tag")) == 100
    assert written.count("<img") == 6
    assert len(json.dumps(sent(kept, panel))) < 64_000


def test_of_further_pictures_only_the_size_is_shown() -> None:
    black = picture(np.zeros((8, 8, 3), np.uint8))
    markup = read("summaries", *(image(f"picture {n}", black) for n in range(9)))
    assert markup.tags.count("img") == 6
    assert markup.text.count("8×8, ") == 9
