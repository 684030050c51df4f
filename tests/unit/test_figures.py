"""Holds the figures to their type, and to names and numbers that no plot expects."""

import math
import warnings

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from nbhooks import figures
from nbhooks.figures import LABEL, Mark, MarkKind, Plot
from nbhooks.model.series import Series, SeriesView

NAMES = [
    "loss",
    "",
    "_hidden",
    "__",
    "$",
    "$x$",
    "$\\frac{$",
    "a $ b $ c $",
    "\\$x$\\",
    "two\nlines\tand a tab",
    "null\0 and \x1b[31m",
    "{}%s %d {0!r}",
    "損失",
    "loss 🙂",
    "\ud800",
    "y" * 500,
    "<img src=x onerror=alert(1)>",
]


def view(values: list[float], first: int = 0) -> SeriesView:
    series = Series()
    for step, value in enumerate(values, first):
        series.add(step, 0.0, value)
    return series.view()


def png(figure: Figure) -> bytes:
    """Draw for real; a warning is a fault, for it would stand below the user's cell."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return figures.png(figure)


def drawn(*plots: Plot, arranged: bool = False) -> Figure:
    """Draw plots, their arrangement on the page only where it matters: it takes most of the time."""
    figure = figures.figure(plots)
    if not arranged:
        figure.set_layout_engine("none")
    assert type(figure) is Figure
    assert isinstance(figure.canvas, FigureCanvasAgg)
    assert png(figure).startswith(b"\x89PNG")
    return figure


def test_a_figure_with_no_plot_says_so() -> None:
    figure = drawn()
    assert [text.get_text() for text in figure.texts] == ["no chart"]
    assert not any(axes.axison for axes in figure.axes)


def test_axes_of_their_own_one_below_the_other() -> None:
    plots = [Plot(f"title {n}", "steps/s", {"loss": view([1.0, 2.0])}) for n in range(3)]
    figure = drawn(*plots, arranged=True)
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["title 0", "title 1", "title 2"]
    assert {axes.get_xlabel() for axes in figure.axes} == {"global step"}
    assert {axes.get_ylabel() for axes in figure.axes} == {"steps/s"}
    tops = [axes.get_position().y1 for axes in figure.axes]
    assert tops == sorted(tops, reverse=True)
    assert figure.get_figwidth() == 8.0
    assert figures.figure(plots, width=5.0).get_figwidth() == 5.0


def test_a_line_shows_the_numbers() -> None:
    (axes,) = drawn(Plot("loss", "", {"loss": view([1.0, 4.0, 2.0], first=10)})).axes
    x, y = axes.get_lines()[0].get_data()
    assert (x.tolist(), y.tolist()) == ([10, 11, 12], [1, 4, 2])
    assert axes.get_legend() is None


def test_a_binned_line_has_its_band() -> None:
    values = [float(step % 2) for step in range(2_000)]
    (axes,) = drawn(Plot("loss", "", {"loss": view(values)})).axes
    (band,) = axes.collections
    heights = band.get_paths()[0].vertices[:, 1]
    assert (heights.min(), heights.max()) == (0.0, 1.0)


def test_several_series_have_a_legend() -> None:
    (axes,) = drawn(Plot("both", "", {"loss": view([1.0, 2.0]), "_acc": view([3.0, 4.0])})).axes
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["loss", "acc"]


@pytest.mark.parametrize("name", NAMES, ids=repr)
def test_hostile_names_are_drawn_as_they_are(name: str) -> None:
    mark = Mark(1, name, MarkKind.CHECKPOINT)
    series = {name: view([1.0, 2.0]), name + "!": view([2.0, 3.0])}
    figure = drawn(Plot(name, name, series, (mark,), name, x_label=name))
    legend = figure.axes[0].get_legend()
    assert len(legend.get_texts()) == 2
    for label in (*legend.get_texts(), figure.axes[0].xaxis.label):
        text = label.get_text()
        assert len(text.replace("\\$", "$")) <= LABEL
        assert text.isprintable()


@pytest.mark.parametrize("name", ["$x$", "$", "a $ b $", "\\$x$\\", "$$$$"])
def test_a_dollar_is_a_dollar(name: str) -> None:
    """What matplotlib makes of the escaped name, by its own parser, is the name."""
    text = figures.figure([Plot(name, "", {})]).text(0, 0, figures.plain(name))
    clean, mathematics = text._preprocess_math(text.get_text())
    assert (clean, mathematics) == (name, False)


@pytest.mark.parametrize(
    "values",
    [
        [],
        [1.0],
        [math.nan],
        [math.nan] * 1_000,
        [math.inf, -math.inf, math.nan],
        [0.0] * 1_000,
        [1e300, -1e300, 1.0],
        [3e38, -3e38],
        [1e-300, 2e-300],
        [1.0, math.nan, 2.0],
        list(np.random.default_rng(0).normal(size=5_000)),
    ],
    ids=lambda values: f"{len(values)} of {values[:3]}",
)
def test_numbers_that_no_plot_expects(values: list[float]) -> None:
    drawn(Plot("loss", "", {"loss": view(values), "other": view(values[:1])}))


@pytest.mark.parametrize(
    ("series", "said"), [({}, True), ({"a": view([])}, True), ({"a": view([1.0])}, False)]
)
def test_an_empty_plot_says_so(series: dict[str, SeriesView], *, said: bool) -> None:
    (axes,) = drawn(Plot("loss", "", series)).axes
    assert ("no points" in [text.get_text() for text in axes.texts]) is said


def test_every_mark_is_drawn_at_its_step_and_moves_no_axis() -> None:
    plain = drawn(Plot("loss", "", {"loss": view([1.0, 2.0, 3.0])}))
    marks = tuple(Mark(1, "text", kind) for kind in MarkKind)
    marked = drawn(Plot("loss", "", {"loss": view([1.0, 2.0, 3.0])}, marks))
    lines = marked.axes[0].get_lines()
    assert len(lines) == 4
    assert all(set(line.get_xdata()) == {1} for line in lines[1:])
    assert [line.get_marker() for line in lines[1:]] == ["^", "v", "None"]
    assert marked.axes[0].get_ylim() == plain.axes[0].get_ylim()


def test_a_note_is_written() -> None:
    (axes,) = drawn(Plot("loss", "", {"loss": view([1.0])}, note="one point in 2")).axes
    assert "one point in 2" in [text.get_text() for text in axes.texts]


def test_many_series() -> None:
    series = {f"tag {n}": view([1.0, 2.0]) for n in range(30)}
    drawn(Plot("many", "", series), arranged=True)


def test_a_long_name_leaves_room_for_the_plot() -> None:
    figure = drawn(
        Plot("y" * 500, "y" * 500, {"y" * 500: view([1.0]), "z" * 500: view([2.0])}), arranged=True
    )
    assert figure.axes[0].get_position().width > 0.5


def test_a_cursor_and_colours_that_are_not_in_order() -> None:
    series = {"a": view([1.0, 2.0, 3.0]), "b": view([2.0, 2.0, 2.0])}
    [axes] = drawn(Plot("loss", "", series, cursor=1, hues=(3, 0))).axes
    first, second, cursor = axes.lines
    assert (first.get_color(), second.get_color()) == ("C3", "C0")
    assert cursor.get_xdata() == [1, 1]


def test_a_cursor_far_away_leaves_the_picture_as_it_is() -> None:
    series = {"a": view([1.0, 2.0, 3.0])}
    [near], [far] = drawn(Plot("loss", "", series)).axes, drawn(Plot("loss", "", series, cursor=50_000)).axes
    assert far.get_xlim() == near.get_xlim()


@pytest.mark.parametrize("name", [r"$\frac{1}{2}$", "$", "$$", r"\$x$", r"a\\$b$", "5 $ and 6 $"])
def test_matplotlib_draws_dollars_as_they_are(name: str) -> None:
    series = Series()
    series.add(1, 1.0, 1.0)
    views = {name: series.view(), "other": series.view()}
    drawn = figures.figure([Plot(name, name, views, note=name, x_label=name)])
    [axes] = drawn.axes
    texts = [axes.get_title(loc="left"), axes.get_xlabel(), axes.get_ylabel(), axes.texts[0].get_text()]
    labels = [axes.xaxis.label, axes.yaxis.label, axes.texts[0], axes.get_legend().get_texts()[0]]
    assert texts
    for label in labels:
        shown, is_mathematics = label._preprocess_math(label.get_text())
        assert (shown, is_mathematics) == (name, False)
    figures.png(drawn)
