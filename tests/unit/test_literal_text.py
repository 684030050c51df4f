"""Holds dollars in names to stay dollars: neither MathJax nor matplotlib may take them for mathematics."""

from __future__ import annotations

import pytest

from nbhooks import figures
from nbhooks.model.recording import Recording
from nbhooks.model.records import Scalar, Source
from nbhooks.model.series import Series
from nbhooks.view.dashboard import Dashboard
from nbhooks.view.renderer import InlineRenderer

FORMULA = r"$\frac{1}{2}$"


def test_a_board_and_its_picture_are_left_out_by_mathjax() -> None:
    board, session = Dashboard(renderer=InlineRenderer), Recording()
    board.show(session)
    session.write(Source("mine", "summaries"))
    session.write(Scalar("mine", FORMULA, 1, 1.0, 1.0))
    board.refresh()
    static = board._static()
    assert FORMULA in static
    # MathJax 3, as in JupyterLab, goes by the first class, MathJax 2, as in nbconvert's pages, by the second.
    opened = static[static.index("</style>") + len("</style>") : static.index("<p>")]
    assert opened == '<div class="nbhooks-static mathjax_ignore tex2jax_ignore">'
    assert {"mathjax_ignore", "tex2jax_ignore"} <= set(board._widget._dom_classes)
    board.close()


@pytest.mark.parametrize("name", [FORMULA, "$", "$$", r"\$x$", r"a\\$b$", "5 $ and 6 $"])
def test_matplotlib_draws_dollars_as_they_are(name: str) -> None:
    series = Series()
    series.add(1, 1.0, 1.0)
    views = {name: series.view(), "other": series.view()}
    drawn = figures.figure([figures.Plot(name, name, views, note=name, x_label=name)])
    [axes] = drawn.axes
    texts = [axes.get_title(loc="left"), axes.get_xlabel(), axes.get_ylabel(), axes.texts[0].get_text()]
    labels = [axes.xaxis.label, axes.yaxis.label, axes.texts[0], axes.get_legend().get_texts()[0]]
    assert texts
    for label in labels:
        shown, is_mathematics = label._preprocess_math(label.get_text())
        assert (shown, is_mathematics) == (name, False)
    figures.png(drawn)
