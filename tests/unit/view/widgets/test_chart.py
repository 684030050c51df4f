"""Holds a page that is sent only what is new to the same picture as one that is sent everything."""

import json
import math
from collections.abc import Iterable, Iterator
from types import SimpleNamespace

import numpy as np
import pytest
from drawn_boards import receive
from drawn_panels import filled

from nbhooks.figures import Mark, Plot
from nbhooks.model import series as series_room
from nbhooks.model.series import Series
from nbhooks.view.widgets import chart as room
from nbhooks.view.widgets.chart import MARKS, SERIES, UNREQUESTED, Chart

EXTRAS = ("caption", "cursor", "marks", "note")


class Page:
    """What a page holds, put together from messages as chart.js does; strict where that would ask again."""

    def __init__(self) -> None:
        self.series: list[tuple[str, np.ndarray, np.ndarray, np.ndarray]] | None = None
        self.extras: dict[str, object] = {}
        self.messages: list[dict] = []
        self.sizes: list[int] = []

    def receive(self, content: dict, buffers: list[bytes]) -> None:
        written = json.dumps(content)  # as it travels: what JSON has no word for fails here
        content = json.loads(written, parse_constant=pytest.fail)
        self.messages.append(content)
        self.sizes.append(len(written) + sum(map(len, buffers)))
        assert len(content["series"]) == len(buffers)
        bins = [
            self.unpack(one["count"], buffer) for one, buffer in zip(content["series"], buffers, strict=True)
        ]
        if content["type"] == "full":
            assert set(content) == {"type", "series", *EXTRAS}
            names = [one["name"] for one in content["series"]]
            self.series = [(name, *new) for name, new in zip(names, bins, strict=True)]
        else:
            assert content["type"] == "points"
            assert self.series is not None
            assert len(content["series"]) == len(self.series)
            for number, (one, new) in enumerate(zip(content["series"], bins, strict=True)):
                name, *held = self.series[number]
                begin = one["from"]
                assert 0 <= begin <= len(held[0]), "a page would have to ask for everything"
                joined = [np.append(old[:begin], add) for old, add in zip(held, new, strict=True)]
                self.series[number] = (name, *joined)
        stay = self.extras["marks"][content["passed"] :] if "passed" in content else []
        self.extras.update({key: content[key] for key in EXTRAS if key in content})
        self.extras["marks"] = [*stay, *self.extras["marks"]]

    @staticmethod
    def unpack(count: int, buffer: bytes) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        assert len(buffer) == 16 * count
        return (
            np.frombuffer(buffer, "<f8", count),
            np.frombuffer(buffer, "<f4", count, 8 * count),
            np.frombuffer(buffer, "<f4", count, 12 * count),
        )

    @property
    def types(self) -> list[str]:
        return [message["type"] for message in self.messages]


class Setting:
    """A chart, the page it talks to, and a clock."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1000.0
        monkeypatch.setattr(room, "time", SimpleNamespace(monotonic=lambda: self.now))
        self.requests = 0
        self.chart = Chart(self.request_draw)
        self.page = Page()
        self.chart.send = self.page.receive

    def request_draw(self) -> None:
        self.requests += 1

    def ready(self) -> None:
        """Say what a page says when it has been loaded, the way ipywidgets hands it on."""
        receive(self.chart, type="ready")

    def draw(
        self,
        named: dict[str, Series],
        marks: Iterable[Mark] = (),
        note: str = "",
        caption: Iterable[tuple[str, str]] = (),
        **more: object,
    ) -> None:
        views = {tag: one.view() for tag, one in named.items()}
        plot = Plot("Title", "unit", views, tuple(marks), note, **more)
        self.chart.draw(plot, list(caption))

    def assert_page_holds(self, named: dict[str, Series]) -> None:
        assert [name for name, *_ in self.page.series] == list(named)
        for (_, x, low, high), one in zip(self.page.series, named.values(), strict=True):
            view = one.view()
            np.testing.assert_array_equal(x, view.x)
            np.testing.assert_array_equal(low, view.low)
            np.testing.assert_array_equal(high, view.high)


@pytest.fixture
def setting(monkeypatch: pytest.MonkeyPatch) -> Iterator[Setting]:
    made = Setting(monkeypatch)
    yield made
    made.chart.close()


# What is held


@pytest.mark.parametrize("seed", range(12))
def test_a_page_sent_what_is_new_holds_everything(
    seed: int, setting: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(series_room, "BINS", 16)
    generator = np.random.default_rng(seed)
    named: dict[str, Series] = {}
    ready = False
    for turn in range(150):
        setting.now += generator.random()
        if generator.random() < 0.04 and len(named) < SERIES:
            named[f"tag {len(named)}"] = filled(0.5)
        if generator.random() < 0.05:
            for one in named.values():
                one.begin_attempt()
                one.add(0, 0.0, 9.0)
        for one in named.values():
            for _ in range(int(generator.integers(0, 12))):
                one.add(one.step + 1, 0.0, float(generator.choice([generator.normal(), math.nan, math.inf])))
        if turn == 20 or generator.random() < 0.03:  # a page is loaded in the middle, and others later
            setting.ready()
            ready = True
        setting.draw(named)
        if ready:
            setting.assert_page_holds(named)
    assert setting.page.types.count("points") > 20


def test_an_attempt_that_has_no_point_yet_is_sent_with_the_next_points(setting: Setting) -> None:
    one = filled(1.0, 2.0, 3.0)
    setting.ready()
    setting.draw({"loss": one})
    one.begin_attempt()
    setting.draw({"loss": one})
    one.add(1, 0.0, 5.0)
    setting.draw({"loss": one})
    setting.assert_page_holds({"loss": one})
    assert setting.page.types == ["full", "points"]


def test_tags_without_a_point_can_be_drawn(setting: Setting) -> None:
    one = Series()
    setting.ready()
    setting.draw({"loss": one})
    one.add(1, 0.0, 1.0)
    setting.draw({"loss": one})
    setting.assert_page_holds({"loss": one})


# When what is sent


def test_ready_requests_a_drawing_and_is_answered_with_everything_once(setting: Setting) -> None:
    one = filled(1.0, 2.0)
    setting.ready()
    assert setting.requests == 1
    setting.draw({"loss": one})
    setting.draw({"loss": one})
    assert setting.page.types == ["full"]
    setting.ready()
    setting.ready()
    setting.draw({"loss": one})
    assert setting.page.types == ["full", "full"]
    setting.assert_page_holds({"loss": one})


@pytest.mark.parametrize("content", [{}, {"type": "other"}, {"ready": 1}])
def test_other_messages_are_not_answered(setting: Setting, content: dict) -> None:
    setting.draw({"loss": filled(1.0)})
    receive(setting.chart, **content)
    setting.draw({"loss": filled(1.0)})
    assert setting.requests == 0
    assert setting.page.types == ["full"]


def test_while_nobody_asks_everything_is_sent_now_and_then(setting: Setting) -> None:
    one = filled(1.0)
    begin = setting.now
    for tenth in range(100):
        setting.now = begin + tenth / 10
        one.add(one.step + 1, 0.0, 1.0)
        setting.draw({"loss": one})
    assert set(setting.page.types) == {"full"}
    assert len(setting.page.types) == 10 / UNREQUESTED
    setting.ready()
    setting.draw({"loss": one})
    one.add(one.step + 1, 0.0, 1.0)
    setting.now += 10 * UNREQUESTED
    setting.draw({"loss": one})
    assert setting.page.types[-2:] == ["full", "points"]


def test_nothing_new_sends_nothing(setting: Setting) -> None:
    one = filled(*map(float, range(1_000)))
    setting.ready()
    setting.draw({"loss": one}, note="a", caption=[("now", "1")])
    for _ in range(5):
        setting.now += 100
        setting.draw({"loss": one}, note="a", caption=[("now", "1")])
    assert len(setting.page.messages) == 1


def test_a_new_point_travels_alone(setting: Setting) -> None:
    one, other = filled(*map(float, range(300))), filled(*map(float, range(300)))
    setting.ready()
    setting.draw({"loss": one, "other": other})
    one.add(300, 0.0, 1.0)
    setting.draw({"loss": one, "other": other})
    assert setting.page.messages[-1]["series"] == [{"from": 300, "count": 1}, {"from": 300, "count": 0}]
    setting.assert_page_holds({"loss": one, "other": other})


@pytest.mark.parametrize(
    ("key", "change"),
    [
        ("note", {"note": "b"}),
        ("caption", {"caption": [("now", "2")]}),
        ("marks", {"marks": [Mark(1, "m", "restart")]}),
        ("cursor", {"cursor": 1}),
    ],
)
def test_what_is_said_beside_the_points_is_sent_when_it_changes(
    setting: Setting, key: str, change: dict
) -> None:
    one = filled(1.0, 2.0)
    setting.ready()
    setting.draw({"loss": one}, note="a", caption=[("now", "1")])
    setting.draw({"loss": one}, **{"note": "a", "caption": [("now", "1")], **change})
    last = setting.page.messages[-1]
    assert last["type"] == "points"
    assert {name for name in EXTRAS if name in last} == {key}
    assert setting.page.extras[key] == last[key]
    setting.assert_page_holds({"loss": one})


def test_colours_that_are_not_in_order_are_sent_again_when_they_change(setting: Setting) -> None:
    one, other = filled(1.0, 2.0), filled(3.0)
    setting.ready()
    setting.draw({"one": one, "other": other}, hues=(5, 2))
    assert [series["hue"] for series in setting.page.messages[-1]["series"]] == [5, 2]
    setting.draw({"one": one, "other": other}, hues=(5, 2))
    assert setting.page.types == ["full"]
    setting.draw({"one": one, "other": other}, hues=(5, 3))
    assert setting.page.types == ["full", "full"]
    setting.draw({"one": one, "other": other})
    assert "hue" not in setting.page.messages[-1]["series"][0]


@pytest.mark.parametrize("change", ["a tag joins", "a tag goes", "order", "bins merge"])
def test_what_no_longer_fits_is_sent_whole(setting: Setting, change: str) -> None:
    one, other = filled(*[1.0] * 401), filled(2.0)
    setting.ready()
    setting.draw({"one": one, "other": other})
    named = {"one": one, "other": other}
    if change == "a tag joins":
        named["more"] = filled(3.0)
    elif change == "a tag goes":
        del named["one"]
    elif change == "order":
        named = {"other": other, "one": one}
    else:
        one.add(500, 0.0, 1.0)
    setting.draw(named)
    assert setting.page.types == ["full", "full"]
    setting.assert_page_holds(named)


def test_titles_are_traits(setting: Setting) -> None:
    setting.chart.draw(Plot("<b>loss</b>", "steps/s", {}, x_label="iteration"), [])
    assert (setting.chart.title, setting.chart.y_label, setting.chart.x_label) == (
        "<b>loss</b>",
        "steps/s",
        "iteration",
    )


# What is left out


def test_more_tags_than_fit_are_named_by_their_number(setting: Setting) -> None:
    named = {f"tag {number}": filled(1.0) for number in range(SERIES + 3)}
    setting.ready()
    setting.draw(named, note="thinned")
    assert [name for name, *_ in setting.page.series] == list(named)[:SERIES]
    assert setting.page.extras["note"] == "thinned · 3 more tags are not drawn"


def test_the_latest_marks_are_sent(setting: Setting) -> None:
    marks = [Mark(step, f"at {step}", "checkpoint") for step in reversed(range(MARKS + 50))]
    setting.ready()
    setting.draw({"loss": filled(1.0)}, marks=marks)
    assert [mark["step"] for mark in setting.page.extras["marks"]] == list(range(50, MARKS + 50))


# How much is sent


def test_a_full_message_keeps_within_64_kB(setting: Setting) -> None:  # noqa: N802 - a unit
    named = {
        f"layer_{number}/loss": filled(*np.random.default_rng(0).normal(size=6_400))
        for number in range(SERIES)
    }
    marks = [
        Mark(10_000_000 + step, f"layer_{SERIES}/loss is not finite", "nonfinite") for step in range(MARKS)
    ]
    setting.ready()
    setting.draw(named, marks=marks, note="n" * 60, caption=[("now", "123.4/s")] * 3)
    assert {len(x) for _, x, *_ in setting.page.series} == {series_room.BINS + 2}  # as many as there can be
    assert setting.page.sizes[-1] <= 64_000


def test_marks_of_long_names_keep_within_64_kB(setting: Setting) -> None:  # noqa: N802 - a unit
    marks = [Mark(step, f"{'y' * 500} is not finite", "nonfinite") for step in range(MARKS)]
    setting.ready()
    setting.draw({"y" * 500: filled(1.0)}, marks=marks)
    assert setting.page.sizes[-1] <= 64_000


@pytest.mark.parametrize("points", [1_000, 100_000])
@pytest.mark.parametrize("tags", [1, SERIES])
def test_a_refresh_is_small_whatever_came_before(setting: Setting, tags: int, points: int) -> None:
    named = {f"tag {number}": filled(*[0.5] * points) for number in range(tags)}
    setting.ready()
    setting.draw(named, caption=[("now", "123.4/s"), ("mean", "120.0/s"), ("best", "130.0/s")])
    for _ in range(20):
        for one in named.values():
            one.add(one.step + 1, 0.0, 0.7)
        setting.draw(named, caption=[("now", f"{one.step}"), ("mean", "120.0/s"), ("best", "130.0/s")])
    points_sent = [
        size for size, kind in zip(setting.page.sizes, setting.page.types, strict=True) if kind == "points"
    ]
    # The envelope of a message (headers, ids) takes about 700 bytes of the contract's 2 kB.
    assert len(points_sent) >= 19
    assert np.median(points_sent) <= 1_300 + 1_000 * (tags - 1)


def test_a_refresh_with_one_more_non_finite_point_is_small(setting: Setting) -> None:
    one = filled(*[math.nan] * 90)
    setting.ready()
    for _ in range(9):
        one.add(one.step + 1, 0.0, math.nan)
        setting.draw(
            {"loss": one}, marks=[Mark(step, "loss is not finite", "nonfinite") for step in one.view().marks]
        )
    assert np.median(setting.page.sizes[1:]) <= 1_300
