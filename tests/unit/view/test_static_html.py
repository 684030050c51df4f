"""Holds the picture that stays to what the board says, as text that nothing runs or typesets."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from drawn_boards import Make, classes, life, static
from markup import Markup

from nbhooks.model.events import State
from nbhooks.model.lifecycle import Phase
from nbhooks.model.recording import Recording
from nbhooks.model.records import Scalar, Source
from nbhooks.view import static_html
from nbhooks.view.static_html import Picture

if TYPE_CHECKING:
    import pytest

FORMULA = r"$\frac{1}{2}$"


def test_the_static_picture_says_what_the_board_says(boards: Make) -> None:
    board = boards()
    life(board.write)
    board.write(Scalar("LoggingTensorHook", "<script>alert(1)</script>", 4, 0.0, math.nan))
    board.write(State(Phase.DIED, 4, 0.0, "<img src=x onerror=alert(1)>"))
    read = Markup(static(board))
    assert read.tags.count("img") == 1
    assert "script" not in read.tags
    assert "died of <img src=x onerror=alert(1)> · step 4" in read.text
    assert "<script>alert(1)</script>" in read.text
    assert "model.ckpt-1" in read.text


def test_the_static_picture_of_a_board_without_points_has_no_image(boards: Make) -> None:
    board = boards()
    board.write(Source("A", "steps"))
    assert "img" not in Markup(static(board)).tags


def test_a_board_and_its_picture_are_left_out_by_mathjax(boards: Make) -> None:
    board, session = boards(), Recording()
    board.show(session)
    session.write(Source("mine", "summaries"))
    session.write(Scalar("mine", FORMULA, 1, 1.0, 1.0))
    board.refresh()
    picture = static(board)
    assert FORMULA in picture
    # MathJax 3, as in JupyterLab, goes by the first class, MathJax 2, as in nbconvert's pages, by the second.
    opened = picture[picture.index("</style>") + len("</style>") : picture.index("<p>")]
    assert opened == '<div class="nbhooks-static mathjax_ignore tex2jax_ignore">'
    assert {"mathjax_ignore", "tex2jax_ignore"} <= classes(board)


class Output:
    """Stands in for the handle of a displayed output."""

    def __init__(self) -> None:
        self.updates: list[str] = []

    def update(self, data: dict[str, str], *, raw: bool) -> None:
        assert raw
        self.updates.append(data["text/html"])


def test_a_picture_is_drawn_anew_when_something_has_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    outputs: list[Output] = []
    monkeypatch.setattr(static_html, "display", lambda *_, **__: outputs.append(Output()) or outputs[-1])
    drawings = iter("abc")
    picture = Picture(lambda: next(drawings))
    picture.renew(1)
    assert not picture.displayed  # nothing is drawn before there is an output
    picture.display("cell", "first")
    for version in (1, 1, 2):
        picture.renew(version)
    assert picture.displayed
    assert outputs[0].updates == ["a", "b"]
    picture.display("another cell", "second")  # elsewhere, too: empty until the next time
    picture.renew(2)
    assert [output.updates for output in outputs] == [["a", "b", "c"], ["c"]]


def test_outputs_of_earlier_executions_of_a_cell_are_not_renewed(monkeypatch: pytest.MonkeyPatch) -> None:
    outputs: list[Output] = []
    monkeypatch.setattr(static_html, "display", lambda *_, **__: outputs.append(Output()) or outputs[-1])
    picture = Picture(lambda: "a")
    for place in (("home", "1"), ("cell", "2"), ("cell", "2"), ("cell", "3")):
        picture.display(*place)
    picture.renew(1)
    assert [output.updates for output in outputs] == [["a"], [], [], ["a"]]


def test_a_picture_of_many_noisy_tags_is_light_and_says_what_it_left_out(boards: Make) -> None:
    board, noise = boards(), np.random.default_rng(1)
    board.write(Source("mine", "summaries"))
    for number in range(60):
        steps = np.arange(400)
        board.write_scalars("mine", f"layer_{number}/norm", steps, steps * 1.0, noise.normal(size=400))
    saved = static(board)
    assert len(saved) < 300_000
    assert f"{60 - static_html.CHARTS} more charts, in the frames" in saved
