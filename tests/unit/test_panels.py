"""Holds the panels to what they say, and to text from outside never becoming part of the page."""

import math
from collections.abc import Callable
from html.parser import HTMLParser

import ipywidgets
import numpy as np
import pytest

from nbhooks.model.lifecycle import Phase
from nbhooks.model.records import (
    Attempt,
    Checkpoint,
    Event,
    Line,
    Progress,
    Scalar,
    Source,
    State,
    Tensor,
)
from nbhooks.model.series import Series
from nbhooks.model.snapshot import Snapshot, SourceView
from nbhooks.model.store import Store
from nbhooks.view import formatting
from nbhooks.view.panels import checkpoints as checkpoints_room
from nbhooks.view.panels import panel_for
from nbhooks.view.panels import tensors as tensors_room
from nbhooks.view.panels.panel import Panel, close
from nbhooks.view.widgets.status import Status

HOSTILE = [
    "<img src=x onerror=alert(1)>",
    '"><script>alert(1)</script>',
    "' onmouseover='alert(1)",
    '" onmouseover="alert(1)',
    "</td></tr></table><h1>big</h1>",
    "</pre></code></div><style>*{display:none}</style>",
    "<!-- ",
    "]]>",
    "&lt;b&gt;&amp;",
    "<" * 100,
    "&" * 30,
]


class Markup(HTMLParser):
    """Reads HTML into its elements with the names of their attributes, their values, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, ...]] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.words: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, *(name for name, _ in attrs)))
        self.attributes += attrs

    def handle_endtag(self, tag: str) -> None:
        self.elements.append((f"/{tag}",))

    def handle_comment(self, data: str) -> None:
        self.elements.append(("comment", data))

    def handle_decl(self, decl: str) -> None:
        self.elements.append(("declaration", decl))

    def handle_pi(self, data: str) -> None:
        self.elements.append(("instruction", data))

    def unknown_decl(self, data: str) -> None:
        self.elements.append(("unknown", data))

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return "".join(self.words)

    def values(self, attribute: str) -> list[str | None]:
        return [value for name, value in self.attributes if name == attribute]


def looked_at(kept: Store, number: int = 0) -> tuple[SourceView, Snapshot]:
    snapshot = kept.snapshot()
    return snapshot.sources[number], snapshot


def announced(kind: str, name: str = "mine", **detail: object) -> tuple[Store, Panel]:
    kept, source = Store(), Source(name, kind, detail)
    kept.write(source)
    return kept, panel_for(source, lambda: None)


def html_of(panel: Panel) -> str:
    """Everything that the page is given as HTML."""
    found, waiting = [], [panel.widget]
    while waiting:
        widget = waiting.pop(0)
        waiting += getattr(widget, "children", ())
        if isinstance(widget, ipywidgets.HTML):
            found.append(widget.value)
    return "\n".join(found)


def body(kept: Store, panel: Panel) -> Markup:
    panel.draw(*looked_at(kept))
    return Markup(html_of(panel))


pytestmark = pytest.mark.usefixtures("panels")


# Text


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0.0, "0"),
        (-0.0, "0"),
        (1.0, "1"),
        (-12345.0, "-12,345"),
        (9999999.0, "9,999,999"),
        (1e7, "1e+07"),
        (0.5, "0.5"),
        (1 / 3, "0.33333"),
        (-1.23456789e-5, "-1.2346e-05"),
        (123.456789, "123.46"),
        (1e300, "1e+300"),
        (math.nan, "NaN"),
        (math.inf, "∞"),
        (-math.inf, "-∞"),
        (np.float32(2.5), "2.5"),
        (7, "7"),
    ],
)
def test_numbers(value: float, written: str) -> None:
    assert formatting.number(value) == written


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, "–"),
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (1_250_000, "1.2 MB"),
        (3_000_000_000, "3.0 GB"),
        (5 * 10**15, "5000.0 TB"),
    ],
)
def test_sizes(value: int | None, written: str) -> None:
    assert formatting.size(value) == written


@pytest.mark.parametrize(
    ("seconds", "written"),
    [
        (None, "–"),
        (math.nan, "–"),
        (math.inf, "–"),
        (0, "0 ms"),
        (0.25, "250 ms"),
        (1, "1.0 s"),
        (9.94, "9.9 s"),
        (59, "59 s"),
        (60, "1 min 0 s"),
        (3599, "59 min 59 s"),
        (3600, "1 h 0 min"),
        (86399, "23 h 59 min"),
        (90000, "1 d 1 h"),
    ],
)
def test_durations(seconds: float | None, written: str) -> None:
    assert formatting.duration(seconds) == written


@pytest.mark.parametrize(
    ("write", "value", "unit"),
    [(formatting.duration, 0.9996, "1.0 s"), (formatting.size, 999_970, "1.0 MB")],
)
def test_rounding_up_takes_the_next_unit_with_it(
    write: Callable[[float], str], value: float, unit: str
) -> None:
    assert write(value) == unit


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0.02, "0.02"),
        (0.0123456, "0.0123"),
        (9.876, "9.88"),
        (421.52, "422"),
        (999.7, "1,000"),
        (12345.6, "12,346"),
    ],
)
def test_rates(value: float, written: str) -> None:
    assert formatting.rate(value) == written


def test_whole_numbers() -> None:
    assert formatting.count(1234567) == "1,234,567"


@pytest.mark.parametrize("name", [*HOSTILE, "plain", ""])
def test_a_cell_is_one_element_whatever_its_text(name: str) -> None:
    for classes in ("", "nbhooks-name"):
        cell = Markup(formatting.cell(name, classes))
        assert [element[0] for element in cell.elements] == ["td", "/td"]
        assert set(cell.elements[0][1:]) <= {"class", "title"}
        assert cell.text == name
        assert cell.values("title") == ([name] if len(name) > 24 else [])


@pytest.mark.parametrize("values", [[], [1.0], [math.nan] * 9, [1.0, math.nan]])
def test_no_trend_of_less_than_two_points(values: list[float]) -> None:
    assert formatting.trend(filled(*values).view()) == ""


@pytest.mark.parametrize(
    "values",
    [[1.0, 2.0], [5.0] * 50, [math.nan, 1.0, math.inf, 3.0], [1e300, -1e300, 1.0], list(range(5_000))],
)
def test_a_trend_stays_in_its_frame(values: list[float]) -> None:
    with np.errstate(all="raise"):
        drawn = Markup(formatting.trend(filled(*values).view()))
    (points,) = drawn.values("points") or [""]
    pairs = [tuple(map(int, pair.split(","))) for pair in points.split()]
    assert len(pairs) <= formatting.TREND_POINTS
    assert all(0 <= x <= formatting.TREND_WIDTH and 0 <= y <= formatting.TREND_HEIGHT for x, y in pairs)
    assert [x for x, _ in pairs] == sorted(x for x, _ in pairs)


def test_a_rising_trend_rises() -> None:
    (points,) = Markup(formatting.trend(filled(1.0, 2.0, 3.0).view())).values("points")
    heights = [int(pair.split(",")[1]) for pair in points.split()]
    assert heights == sorted(heights, reverse=True)
    assert heights[0] > heights[-1]


def filled(*values: float) -> Series:
    series = Series()
    for step, value in enumerate(values):
        series.add(step, 0.0, value)
    return series


# What is hostile


def every_panel(name: str) -> list[tuple[str, Panel]]:
    """Give every panel after a life in which whatever can be named was named so."""
    panels = []
    strings = np.array([name.encode(), name.encode()], object)
    for kind in ("steps", "tensors", "nan", "checkpoints", "progress"):
        kept, panel = announced(
            kind, name, tags=(name, f"{name} 2", "never"), others=(f"{name} 2", f"{name} 3")
        )
        kept.write(Attempt(0.0, 0))
        for step in range(3):
            kept.write(Scalar(name, name, step, 0.0, [1.0, math.nan, math.inf][step]))
        kept.write(Tensor(name, f"{name} 2", 1, 0.0, "string", (2,), strings))
        kept.write(Tensor(name, f"{name} 3", 1, 0.0, name, (), np.array(1 + 2j)))
        kept.write(Line(name, 1, 0.0, name))
        kept.write(Progress(name, 5, 1.0, 0, 10))
        kept.write(Checkpoint(name, name, 1, 0.0, "kept", 1.0, 10))
        kept.write(Checkpoint(name, f"{name} 2", 1, 0.0, name))
        kept.write(Event("nan", 2, 0.0, name, name))
        kept.write(State(Phase.DIED, 2, 0.0, name))
        for widget in panel.widget.children:
            if isinstance(widget, ipywidgets.Dropdown):
                widget.value = f"{name} 2"
        panel.draw(*looked_at(kept))
        panel.fail(ValueError(name))
        panels.append((kind, panel))
    return panels


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_becomes_no_element(name: str) -> None:
    harmless = every_panel("".join("/" if letter == "/" else "x" for letter in name))
    for (kind, panel), (_, model) in zip(every_panel(name), harmless, strict=True):
        for html, like in ((html_of(panel), html_of(model)), (panel.static(), model.static())):
            read, expected = Markup(html), Markup(like)
            assert read.elements == expected.elements, kind
            assert name in read.text or not html, kind  # a chart that says it all leaves nothing to read
        assert f"ValueError: {name}. The training" in Markup(html_of(panel)).text
    table = Markup(html_of(dict(every_panel(name))["tensors"]))
    assert table.values("data-tag") == [name, f"{name} 2", "never", f"{name} 3"]


def test_the_parser_would_see_an_element_that_should_not_be_there() -> None:
    assert Markup("<td><img src=x onerror=alert(1)></td>").elements != Markup("<td>xxxx</td>").elements
    assert Markup('<td title="" onmouseover="x">').elements != Markup('<td title="xxx">').elements


# What every panel is


def test_a_kind_without_a_panel_has_none() -> None:
    assert panel_for(Source("mine", "weather"), lambda: None) is None


@pytest.mark.parametrize("kind", ["steps", "tensors", "nan", "checkpoints", "progress"])
def test_a_panel_before_its_first_record(kind: str) -> None:
    kept, panel = announced(kind)
    assert (panel.kind, panel.source) == (kind, "mine")
    assert {"nbhooks-panel", f"nbhooks-{kind}"} <= set(panel.widget._dom_classes)
    read = body(kept, panel)
    assert "mine" in read.text
    assert Markup(panel.static()).text.startswith("mine" if kind != "steps" else "")
    assert bool(panel.static()) is (kind != "steps")  # the chart says it all
    assert not read.values("role")
    assert (panel.chart is not None) is (kind in ("steps", "tensors"))
    assert len(panel.figure().axes) == 1
    assert len(panel.plots()) == (kind in ("steps", "tensors"))


def test_a_fault_is_shown_in_its_panel_until_a_drawing_succeeds() -> None:
    kept, panel = announced("nan")
    for words in ("once", "again"):
        panel.fail(RuntimeError(words))
        read = Markup(html_of(panel))
        assert read.values("class").count("nbhooks-fault") == 1
        assert f"RuntimeError: {words}. The training goes on." in read.text
    panel.draw(*looked_at(kept))
    assert "nbhooks-fault" not in html_of(panel)
    panel.fail(RuntimeError("later"))
    assert "later" in html_of(panel)


def test_a_body_that_did_not_change_is_not_sent_again() -> None:
    kept, panel = announced("nan")
    panel.draw(*looked_at(kept))
    sent = []
    panel._body.observe(sent.append, "value")
    panel.draw(*looked_at(kept))
    assert sent == []
    kept.write(Scalar("mine", "loss", 1, 0.0, 1.0))
    panel.draw(*looked_at(kept))
    assert len(sent) == 1


@pytest.mark.parametrize("kind", ["steps", "tensors", "nan", "checkpoints", "progress"])
def test_a_closed_panel_leaves_no_widget(kind: str) -> None:
    widgets = ipywidgets.widgets.widget._instances
    before = len(widgets)
    _, panel = announced(kind, others=("w",), tags=("w",))
    panel.fail(ValueError())
    assert len(widgets) > before
    panel.close()
    assert len(widgets) == before


def test_closing_closes_what_is_within() -> None:
    widgets = ipywidgets.widgets.widget._instances
    before = len(widgets)
    close(ipywidgets.VBox([ipywidgets.HBox([ipywidgets.IntSlider(), ipywidgets.Button()])]))
    assert len(widgets) == before


# Steps


def test_steps_are_captioned_and_marked() -> None:
    kept, panel = announced("steps")
    kept.write(Source("saver", "checkpoints"))
    assert panel.caption(looked_at(kept)[0]) == []
    for attempt, step in enumerate((None, 7, None)):
        kept.write(Attempt(float(attempt), step))
    for step, rate in ((100, 10.0), (200, 1234.56), (300, 20.0)):
        kept.write(Scalar("mine", "global_step/sec", step, 0.0, rate))
    for number, state in enumerate(("kept", "deleted", "writing", "failed")):
        kept.write(Checkpoint("saver", f"/logs/model.ckpt-{number}", number, 0.0, state))
    panel.draw(*looked_at(kept))
    assert panel.caption(looked_at(kept)[0]) == [("last", "20/s"), ("mean", "422/s"), ("best", "1,235/s")]
    (plot,) = panel.plots()
    assert plot.y_label == "steps/s"
    assert [(mark.step, mark.text, mark.kind) for mark in plot.marks] == [
        (0, "model.ckpt-0", "checkpoint"),
        (1, "model.ckpt-1", "checkpoint"),
        (7, "a new session begins", "restart"),
    ]


# Tensors


def rows(read: Markup) -> list[str | None]:
    return read.values("data-tag")


def test_a_table_has_every_tag_once_in_the_order_given() -> None:
    kept, panel = announced("tensors", tags=("c", "a"), others=())
    assert rows(body(kept, panel)) == ["c", "a"]
    for tag in ("b", "a"):
        kept.write(Scalar("mine", tag, 1234, 0.0, 1.5))
    kept.write(Scalar("mine", "a", 1235, 0.0, math.nan))
    kept.write(Scalar("mine", "a", 1236, 0.0, -2.0))
    read = body(kept, panel)
    assert rows(read) == ["c", "a", "b"]
    assert read.text.endswith("c–––" + "–" + "a-2-21.5 1 non-finite1,236" + "b1.51.51.51,234")
    (plot,) = panel.plots()
    assert list(plot.series) == ["b", "a"]
    assert [(mark.step, mark.kind) for mark in plot.marks] == [(1235, "nonfinite")]


def test_a_long_table_is_cut_and_says_so() -> None:
    tags = tuple(f"tag {number}" for number in range(tensors_room.ROWS + 1234))
    kept, panel = announced("tensors", tags=tags)
    read = body(kept, panel)
    assert len(rows(read)) == tensors_room.ROWS
    assert "and 1,234 more tags" in read.text


@pytest.mark.parametrize(
    ("dtype", "value", "words"),
    [
        ("float32", np.array([[1, 2, 3], [4, 5, 6]], np.float32), "wfloat32 2×3, mean 3.5163"),
        ("int64", np.array([-7, 7]), "wint64 2, mean 0-773"),
        ("bool", np.array([True, False]), "wbool 2, mean 0.5013"),
        ("float32", np.array([1, math.nan, math.inf], np.float32), "wfloat32 3, mean 1, 2 non-finite113"),
        ("float32", np.array([math.nan], np.float32), "wfloat32 1, mean NaN, 1 non-finiteNaNNaN3"),
        ("float32", np.zeros((0, 4), np.float32), "wfloat32 0×4, mean NaNNaNNaN3"),
        ("string", np.array([b"caf\xc3\xa9", b"\xff"], object), "wcafé, \ufffd (string 2)––3"),
        ("string", np.array([b"1", b"2", b"3", b"4"], object), "w1, 2, 3, … (string 4)––3"),
        ("complex64", np.array(1 + 2j, np.complex64), "w(1+2j) (complex64 scalar)––3"),
    ],
)
def test_what_is_no_single_number_is_summed_up(dtype: str, value: np.ndarray, words: str) -> None:
    kept, panel = announced("tensors", tags=("w",), others=("w",))
    kept.write(Tensor("mine", "w", 3, 0.0, dtype, value.shape, value))
    read = body(kept, panel)
    assert words in read.text


def test_bfloat16_is_a_number() -> None:
    ml_dtypes = pytest.importorskip("ml_dtypes")
    kept, panel = announced("tensors", tags=("w",), others=("w",))
    kept.write(Tensor("mine", "w", 3, 0.0, "bfloat16", (2,), np.array([1, 2], ml_dtypes.bfloat16)))
    assert "wbfloat16 2, mean 1.5123" in body(kept, panel).text


def test_a_sample_is_called_one() -> None:
    kept, panel = announced("tensors", tags=("w",), others=("w",))
    kept.write(Tensor("mine", "w", 3, 0.0, "float32", (4000, 1000), np.ones(1000, np.float32), sampled=True))
    assert "float32 4000×1000, mean 1, from a sample of 1,000" in body(kept, panel).text


def choice(panel: Panel) -> ipywidgets.Dropdown:
    (found,) = [widget for widget in panel.widget.children if isinstance(widget, ipywidgets.Dropdown)]
    return found


def test_values_are_shown_on_demand() -> None:
    asked = []
    panel = panel_for(
        Source("mine", "tensors", {"tags": ("w", "s"), "others": ("w", "big")}), lambda: asked.append(1)
    )
    kept = Store()
    kept.write(Source("mine", "tensors"))
    dropdown = choice(panel)
    assert dropdown.disabled
    panel.answer()
    assert not dropdown.disabled
    panel.draw(*looked_at(kept))
    assert "<pre" not in html_of(panel)
    dropdown.value = "w"
    assert asked == [1]
    assert "nothing was logged yet" in body(kept, panel).text
    kept.write(Tensor("mine", "w", 1200, 0.0, "int64", (3,), np.array([10, 20, 30])))
    assert "step 1,200\n[10 20 30]" in body(kept, panel).text
    kept.write(Tensor("mine", "w", 1200, 0.0, "int64", (9, 9), np.zeros(9), sampled=True))
    assert "9×9 is too large to keep" in body(kept, panel).text
    dropdown.value = ""
    panel.draw(*looked_at(kept))
    assert "<pre" not in html_of(panel)


def test_the_values_of_a_large_tensor_are_cut() -> None:
    kept, panel = announced("tensors", tags=("w",), others=("w",))
    strings = np.array([b"x" * 10_000] * 3, object)
    kept.write(Tensor("mine", "w", 1, 0.0, "string", (3,), strings))
    choice(panel).value = "w"
    assert len(body(kept, panel).text) < tensors_room.VALUES + 1_000


def test_there_is_no_choice_where_every_tag_is_a_number() -> None:
    _, panel = announced("tensors", tags=("a", "b"))
    assert not any(isinstance(widget, ipywidgets.Dropdown) for widget in panel.widget.children)


def test_the_chart_is_hidden_until_there_is_a_scalar() -> None:
    kept, panel = announced("tensors", tags=("w",), others=("w",))
    assert panel.chart.layout.display == "none"
    kept.write(Tensor("mine", "w", 1, 0.0, "float32", (1,), np.zeros(1, np.float32)))
    panel.draw(*looked_at(kept))
    assert panel.chart.layout.display == "none"
    kept.write(Scalar("mine", "w", 2, 0.0, 1.0))
    panel.draw(*looked_at(kept))
    assert panel.chart.layout.display is None


# NaN


def test_a_calm_loss() -> None:
    kept, panel = announced("nan")
    assert body(kept, panel).values("data-level") == ["calm"]
    kept.write(Scalar("mine", "loss", 1500, 0.0, 0.25))
    read = body(kept, panel)
    assert read.values("data-level") == ["calm"]
    assert "loss = 0.25 at step 1,500" in read.text


@pytest.mark.parametrize(("kind", "level", "word"), [("nan", "alert", "NaN"), ("inf", "warning", "infinite")])
def test_a_loss_that_is_none(kind: str, level: str, word: str) -> None:
    kept, panel = announced("nan")
    kept.write(Source("saver", "checkpoints"))
    kept.write(Scalar("mine", "loss", 1500, 0.0, math.nan))
    kept.write(Event(kind, 1500, 0.0, "loss was 0.5 at step 1,499", "mine"))
    read = body(kept, panel)
    assert read.values("data-level") == [level]
    assert read.values("role") == (["alert"] if level == "alert" else [])
    assert f"{word} at step 1,500 · loss was 0.5 at step 1,499" in read.text
    assert "no checkpoint was kept" in read.text
    for step, state in ((100, "deleted"), (1000, "kept"), (1400, "writing")):
        kept.write(Checkpoint("saver", f"/logs/model.ckpt-{step}", step, 0.0, state))
    assert "last checkpoint: /logs/model.ckpt-1000 (step 1,000)" in body(kept, panel).text


def test_an_infinite_value_does_not_hide_a_nan() -> None:
    kept, panel = announced("nan")
    kept.write(Event("nan", 10, 0.0, "", "mine"))
    kept.write(Event("inf", 11, 0.0, "", "mine"))
    assert body(kept, panel).values("data-level") == ["alert"]


# Checkpoints


def test_checkpoints_are_listed_latest_first() -> None:
    kept, panel = announced("checkpoints")
    for number, state in enumerate(("deleted", "kept", "failed", "writing")):
        seconds, size = (0.5, 1_500) if state in ("kept", "deleted") else (None, None)
        kept.write(Checkpoint("mine", f"/logs/run/model.ckpt-{number}", number, 0.0, state, seconds, size))
    read = body(kept, panel)
    assert read.values("data-state") == ["writing", "failed", "kept", "deleted"]
    assert "writing …run/model.ckpt-3" in read.text
    assert "500 ms1.5 kBkeptrun/model.ckpt-1" in read.text
    assert "/logs/run/model.ckpt-3" in read.values("title")


def test_a_long_list_of_checkpoints_is_cut_and_says_so() -> None:
    kept, panel = announced("checkpoints")
    for number in range(1_020):
        kept.write(Checkpoint("mine", f"model.ckpt-{number}", number, 0.0, "kept"))
    read = body(kept, panel)
    assert len(read.values("data-state")) == checkpoints_room.ROWS
    assert f"and {1_020 - checkpoints_room.ROWS:,} earlier" in read.text
    assert "model.ckpt-1019" in read.text


# Progress


def progressed(
    *points: tuple[float, int], state: str = "running", first: int = 0, last: int = 1000
) -> Markup:
    kept, panel = announced("progress")
    kept.write(State(Phase(state), 0, 0.0))
    for wall_time, step in points:
        kept.write(Progress("mine", step, wall_time, first, last))
        read = body(kept, panel)
    return read


@pytest.mark.parametrize(
    ("points", "line"),
    [
        ([(0.0, 100)], "step 100 of 1,000 · 10 %"),
        ([(0.0, 0), (2.0, 200)], "step 200 of 1,000 · 20 % · 100 steps/s · 8.0 s left"),
        ([(0.0, 0), (0.0, 200)], "step 200 of 1,000 · 20 %"),
        ([(0.0, 0), (2.0, 1000)], "step 1,000 of 1,000 · 100 % · 500 steps/s"),
        (
            [(0.0, 0), (5.0, 500), (6.0, 100), (7.0, 110)],
            "step 110 of 1,000 · 11 % · 10 steps/s · 1 min 29 s left",
        ),
        (
            [(0.0, 0), (100.0, 10), (110.0, 110), (120.0, 210)],
            "step 210 of 1,000 · 21 % · 10 steps/s · 1 min 19 s left",
        ),
    ],
)
def test_progress(points: list[tuple[float, int]], line: str) -> None:
    read = progressed(*points)
    assert read.text.endswith(line)
    assert read.values("value") == [str(points[-1][1])]
    assert read.values("max") == ["1000"]


def test_no_time_is_left_after_the_end() -> None:
    assert "left" not in progressed((0.0, 0), (1.0, 100), state="stopped").text


@pytest.mark.parametrize(
    ("first", "last", "step", "share"), [(100, 200, 150, "50 %"), (5, 5, 5, "0 %"), (0, 10, 30, "100 %")]
)
def test_the_bar_stays_between_its_ends(first: int, last: int, step: int, share: str) -> None:
    read = progressed((0.0, step), first=first, last=last)
    assert share in read.text
    assert 0 <= int(read.values("value")[0]) <= int(read.values("max")[0])


def test_a_slow_rate_is_not_called_none() -> None:
    assert "· 0 steps/s" not in progressed((0.0, 0), (100.0, 2)).text


# Status


@pytest.mark.parametrize(
    ("state", "detail", "line"),
    [
        ("waiting", "", "waiting for the session · step 120"),
        ("running", "", "running · step 120"),
        ("open", "", "open: the cell has ended, the session has not · step 120"),
        ("finished", "", "finished · step 120"),
        ("stopped", "StopAtStepHook", "stopped by StopAtStepHook · step 120"),
        ("stopped", "", "stopped: a stop was requested · step 120"),
        ("interrupted", "", "interrupted · step 120"),
        ("died", "InvalidArgumentError", "died of InvalidArgumentError · step 120"),
        ("died", "", "died of an error that was not seen · step 120"),
    ],
)
def test_a_status_line(state: str, detail: str, line: str) -> None:
    status, kept = Status(lambda: None), Store()
    kept.write(Source("mine", "steps"))
    kept.write(Scalar("mine", "loss", 120, 0.0, 1.0))
    kept.write(State(Phase(state), 120, 0.0, detail))
    status.draw(kept.snapshot())
    assert (status.state, status.text) == (state, line)
    status.draw(kept.snapshot(), "session 2")
    assert status.text == f"session 2 · {line}"
    close(status)


def test_a_status_hears_the_hello_of_a_page() -> None:
    greeted = []
    status = Status(lambda: greeted.append(1))
    status._handle_custom_msg({"type": "other"}, [])
    status._handle_custom_msg({"type": "ready"}, [])
    assert greeted == [1]
    status.draw(Store().snapshot())
    assert (status.state, status.text) == ("waiting", "waiting for the session")
    close(status)
