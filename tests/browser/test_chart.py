"""What the chart draws of the messages that it gets, and what it asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from chart import NAN, Chart, line, style

if TYPE_CHECKING:
    from collections.abc import Callable

    from chart import Bins

pytestmark = pytest.mark.browser


def test_a_full_state_is_drawn_and_labelled(chart: Chart) -> None:
    chart.full(
        {"loss": line(3, 2, 1), "accuracy": line(0.1, 0.5)},
        caption=[["now", "123.4"], ["mean", "120.0"]],
        note="thinned",
        marks=[],
    )
    assert chart.held == 5
    assert chart.find("chart-title").inner_text() == "Speed"
    assert chart.find("chart-caption").inner_text().split() == ["now", "123.4", "mean", "120.0"]
    assert chart.find("chart-legend").inner_text().split() == ["loss", "accuracy"]
    assert chart.find("chart-note").inner_text() == "thinned"
    assert {"steps/s", "global step", "0", "20"} <= set(chart.texts)
    assert chart.path("line").count("L") == 2
    assert chart.sent == [{"type": "ready"}]


def test_labels_change_with_their_traits(chart: Chart) -> None:
    chart.full({"loss": line(1, 2)})
    chart.page.evaluate("set('title', 'Loss'); set('y_label', 'nats'); set('x_label', 'epoch')")
    assert {"nats", "epoch"} <= set(chart.texts)
    assert chart.find("chart-title").inner_text() == "Loss"


def test_points_replace_from_an_index_on(chart: Chart) -> None:
    chart.full({"a": line(1, 2, 3), "b": line(1, 2)}, note="first", caption=[["now", "1"]])
    chart.points((2, line(9, 4, start=20)), (2, []), note="second")
    assert chart.held == 6
    assert "a\n9" in chart.hover(2 / 3)
    assert chart.find("chart-note").inner_text() == "second"
    assert chart.find("chart-caption").inner_text() == "now 1"
    assert chart.sent == [{"type": "ready"}]


@pytest.mark.parametrize(
    ("series", "shorten"),
    [
        ([(3, line(1))], False),
        ([(0, line(1)), (0, line(1))], False),
        ([(2, line(1, 2))], True),
    ],
    ids=["beyond what is held", "unknown series", "short buffer"],
)
def test_points_that_do_not_fit_ask_for_everything(
    make: Callable[[], Chart], series: list[tuple[int, Bins]], *, shorten: bool
) -> None:
    chart = make()
    chart.page.clock.install(time=0)
    chart.page.clock.pause_at(1000)  # from here on only run_for lets time pass
    chart.open()
    chart.full({"a": line(1, 2)})

    def misfit() -> None:
        content = [{"from": begin, "count": len(bins) + shorten} for begin, bins in series]
        chart.receive({"type": "points", "series": content}, [bins for _, bins in series])

    for _ in range(3):
        misfit()
    chart.page.clock.run_for(400)
    assert len(chart.sent) == 1  # a first question has just been asked: by the view itself
    chart.page.clock.run_for(200)
    assert chart.sent == [{"type": "ready"}] * 2
    chart.page.clock.run_for(5000)
    misfit()
    misfit()
    chart.page.clock.run_for(100)
    assert len(chart.sent) == 3
    chart.points((2, line(3, start=20)))  # fits, but what is held may not be what was meant
    chart.page.clock.run_for(100)
    assert chart.find("chart").get_attribute("data-points") == "2"
    chart.full({"a": line(1, 2, 3)})
    chart.points((3, line(4, start=30)))
    chart.page.clock.run_for(5000)
    assert chart.find("chart").get_attribute("data-points") == "4"
    assert len(chart.sent) == 3


def test_points_before_anything_ask_for_everything(chart: Chart) -> None:
    chart.points((0, line(1)))
    chart.page.wait_for_function("sent.length === 2")
    assert chart.held == 0


def test_what_was_not_measured_is_a_gap(chart: Chart) -> None:
    chart.full({"loss": line(*[1, 2] * 30, NAN, 3, NAN, *[1, 2] * 30)})
    shape = chart.path("line")
    assert shape.count("M") == 3
    assert shape.count("L") == 59 * 2
    assert chart.path("dots").count("M") == 1  # the one that stands alone
    assert "no value" in chart.hover(60 / 122)


def test_few_points_are_marked_one_by_one(chart: Chart) -> None:
    chart.full({"few": line(*range(40)), "many": line(*range(41))})
    assert chart.path("dots").count("M") == 40
    assert chart.path("dots", 1) == ""


def test_a_bin_of_many_values_is_a_band(chart: Chart) -> None:
    chart.full({"band": [(0, 1, 3), (10, 2, 4)], "line": line(1, 2)})
    assert chart.path("band").endswith("Z")
    assert chart.path("band", 1) == ""
    assert "band\n2 to 4" in chart.hover(1)


def test_a_restart_breaks_the_line_and_the_newer_value_is_shown(chart: Chart) -> None:
    chart.full({"loss": [*line(5, 4, 3), *line(8, 7, start=10)]})
    assert chart.path("line").count("M") == 2
    assert "loss\n8" in chart.hover(0.5)


def test_a_cursor_is_a_line_until_it_is_taken_away(chart: Chart) -> None:
    chart.full({"loss": line(1, 2, 3)}, cursor=10)
    assert chart.path("here").startswith("M")
    first = chart.path("here")
    chart.points((3, []), cursor=20)
    assert chart.path("here") != first
    chart.points((3, []), note="more")
    assert chart.find("chart-here").count() == 1
    chart.points((3, []), cursor=None)
    assert chart.drawn().find("chart-here").count() == 0


def test_a_series_may_have_another_colour_than_its_place(chart: Chart) -> None:
    chart.full({"a": line(1, 2), "b": line(2, 1), "c": line(3, 3)})
    lines = chart.drawn().find("chart-inside").locator(".nbhooks-chart-line")
    usual = [style(lines.nth(i)) for i in range(3)]
    chart.full({"a": line(1, 2), "b": line(2, 1)}, hues=[0, 2])
    chart.full({"a": line(1, 2), "b": line(2, 1)}, hues=[2, 0])
    chart.drawn()
    assert [style(lines.nth(i)) for i in range(2)] == [usual[2], usual[0]]
    swatches = chart.find("chart-legend").locator(".nbhooks-chart-swatch path")
    assert [style(swatches.nth(i)) for i in range(2)] == [usual[2], usual[0]]


def test_the_logarithmic_scale(chart: Chart) -> None:
    chart.full({"loss": [*line(1e-5, 1e-3, 10, 0), (40, -1, 2)]})
    button = chart.button("Logarithmic scale")
    assert button.get_attribute("aria-pressed") == "false"
    button.click()
    assert {"1e-4", "0.01", "1"} <= set(chart.texts)
    assert button.get_attribute("aria-pressed") == "true"
    assert chart.path("line").count("M") == 2
    assert chart.find("chart-note").inner_text() == "bins ≤ 0 left out: 2"
    assert "loss\n-1 to 2" in chart.hover(1)  # what is left out of the picture is shown all the same
    button.click()
    assert "1e-4" not in chart.texts
    assert chart.find("chart-note").inner_text() == ""


def test_a_logarithmic_scale_within_a_decade_has_ticks(chart: Chart) -> None:
    chart.full({"loss": line(120, 180)})
    chart.button("Logarithmic scale").click()
    assert {"120", "140", "160", "180"} <= set(chart.texts)


def test_nothing_positive_is_said_on_a_logarithmic_scale(chart: Chart) -> None:
    chart.full({"loss": line(-1, 0, -2)})
    chart.button("Logarithmic scale").click()
    assert "nothing above 0 to show on a logarithmic scale" in chart.texts
    assert chart.path("line") == ""


@pytest.mark.parametrize(
    ("series", "message"),
    [({}, "no points yet"), ({"loss": []}, "no points yet"), ({"loss": line(NAN)}, "no finite values yet")],
)
def test_a_chart_with_nothing_to_draw_says_so(chart: Chart, series: dict[str, Bins], message: str) -> None:
    chart.full(series)
    assert message in chart.texts
    assert message in (chart.page.get_by_role("img").get_attribute("aria-label") or "")
    chart.button("Logarithmic scale").click()
    assert message in chart.texts


def test_before_the_first_message_nothing_is_drawn(chart: Chart) -> None:
    assert chart.held == 0
    assert chart.texts == ["steps/s", "global step", "no points yet"]
    chart.drag(0.4, 0.6)
    assert chart.button("Reset zoom").is_disabled()


def test_a_single_point_is_a_dot_in_the_middle(chart: Chart) -> None:
    chart.full({"loss": [(100, 5, 5)]})
    dot = chart.drawn().find("chart-dots").bounding_box()
    assert dot
    assert dot["x"] + dot["width"] / 2 == pytest.approx(chart.at(0.5)[0], abs=1)
    assert chart.texts.count("100") == 1
    assert "loss\n5" in chart.hover(0.5)


@pytest.mark.parametrize(
    ("values", "ticks"),
    [
        ([0, 3.4e6], {"0", "1M", "2M", "3M"}),
        ([12000, 12500], {"12k", "12.2k", "12.4k"}),
        ([1e-5, 3e-5], {"1e-5", "2e-5", "3e-5"}),
        ([0.001, 0.001], {"0.00095", "0.001", "0.00105"}),
        ([-2, 2], {"-2", "0", "2"}),
        ([12000, 12004], {"12,000", "12,002", "12,004"}),
        ([1e30, 3e30], {"1e30", "2e30", "3e30"}),
    ],
)
def test_ticks_are_short_and_differ(chart: Chart, values: list[float], ticks: set[str]) -> None:
    chart.full({"loss": line(*values, every=1_000_000)})
    texts = chart.texts
    assert ticks <= set(texts)
    assert {"0", "200k", "1M"} <= set(texts)
