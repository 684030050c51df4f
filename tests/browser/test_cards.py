"""The scalars of the board: what a person sees of them, and does with pointer and keys."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from cards import TAGS, Cards
from framed import card

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser


@pytest.fixture
def make(browser: Browser) -> Iterator[Callable[..., Cards]]:
    """Make boards of some width; no page may have thrown when the test is done."""
    made: list[Cards] = []

    def _make(width: int = 1000, height: int = 900) -> Cards:
        page = browser.new_page(viewport={"width": width, "height": height})
        made.append(Cards(page))
        made[-1].open()
        return made[-1]

    yield _make
    errors = [error for one in made for error in one.errors]
    for one in made:
        one.page.close()
    assert errors == []


@pytest.fixture
def cards(make: Callable[..., Cards]) -> Cards:
    return make().show()


def test_a_card_a_tag_in_groups_with_counts(cards: Cards) -> None:
    assert [group.split() for group in cards.groups] == [
        ["main", "2"],
        ["net", "2"],
        ["other", "1"],
    ]
    assert cards.names == ["loss", "accuracy", "a/norm", "b/norm", "x"]
    assert "loss, line chart over the global step. last 0.0" in cards.label("loss")
    assert cards.find("card-value").first.inner_text().startswith("0.0")


@pytest.mark.parametrize(("width", "columns"), [(400, 1), (700, 2), (1000, 3), (1800, 4)])
def test_the_grid_fits_the_width(make: Callable[..., Cards], width: int, columns: int) -> None:
    cards = make(width).show([f"s/{i}" for i in range(8)], first=())
    lefts = {round(one.bounding_box()["x"]) for one in cards.find("card").all()}
    assert len(lefts) == columns
    assert cards.page.evaluate("document.documentElement.scrollWidth") <= width


def test_groups_fold_and_stay_so(cards: Cards) -> None:
    cards.find("cards-fold").nth(1).click()
    assert cards.names == ["loss", "accuracy", "x"]
    assert cards.find("cards-fold").nth(1).get_attribute("aria-expanded") == "false"
    cards.show([*TAGS, "net/c/norm"])
    assert cards.names == ["loss", "accuracy", "x"]
    cards.find("cards-fold").nth(1).click()
    assert cards.settle().names == ["loss", "accuracy", "a/norm", "b/norm", "c/norm", "x"]


def test_a_pinned_card_comes_first(cards: Cards) -> None:
    cards.tool("other/x", "pin")
    assert [group.split()[0] for group in cards.groups] == ["pinned", "main", "net"]
    assert cards.names == ["x", "loss", "accuracy", "a/norm", "b/norm"]
    cards.tool("net/b/norm", "pin")
    assert cards.names == ["x", "b/norm", "loss", "accuracy", "a/norm"]
    cards.tool("other/x", "pin")
    cards.tool("net/b/norm", "pin")
    assert cards.groups[0].startswith("main")
    assert cards.names == ["loss", "accuracy", "a/norm", "b/norm", "x"]


@pytest.mark.parametrize("columns", [1, 3])
def test_a_card_that_is_pinned_by_keys_keeps_the_focus(make: Callable[..., Cards], columns: int) -> None:
    tags = ["loss", "accuracy", *(f"net/{i}" for i in range(12))]
    cards = make(400 if columns == 1 else 1000, 500).show(tags)
    cards.page.locator('[data-key="k13"]').scroll_into_view_if_needed()
    cards.settle()
    pin = cards.card("net/11").locator(".nbhooks-card-pin")
    for pressed in ("true", "false"):
        pin.focus()
        cards.page.keyboard.press("Enter")
        cards.settle()
        assert pin.evaluate("(node) => node === document.activeElement")
        assert pin.get_attribute("aria-pressed") == pressed
        assert cards.card("net/11").locator("canvas").is_visible()
        box = pin.bounding_box()
        assert box
        assert 0 <= box["y"] < 500
    cards.page.keyboard.press("Tab")
    overlay = cards.card("net/11").locator(".nbhooks-card-overlay")
    assert overlay.evaluate("(node) => node === document.activeElement")


def test_a_name_may_become_longer(cards: Cards) -> None:
    """As it does when a tag comes that would look like it."""
    longer = card("k2", "net/a/norm", "net", label="net/a/norm")
    cards.feed({"type": "update", "cards": {"p0": {"from": 2, "list": [longer]}}})
    assert cards.settle().names == ["loss", "accuracy", "net/a/norm"]


def test_a_filter_is_a_part_of_a_name_or_a_regular_expression(cards: Cards) -> None:
    field = cards.page.get_by_role("searchbox")
    field.fill("NORM")
    assert cards.settle().names == ["a/norm", "b/norm"]
    assert cards.find("cards-bar").get_by_text("2 of 5").is_visible()
    field.fill("/^(loss|other)/")
    assert cards.settle().names == ["loss", "x"]
    field.fill("/(/")
    assert "not a regular expression" in cards.find("cards-error").inner_text()
    assert len(cards.settle().names) == 5
    field.fill("nothing")
    assert cards.find("cards-empty").inner_text() == "no tag matches the filter"
    field.press("Escape")
    assert len(cards.settle().names) == 5


def test_the_pointer_reads_all_cards_at_one_step(cards: Cards) -> None:
    for i, tag in enumerate(TAGS):
        cards.points(f"k{i}", [0, 100, 200], [i + 1, i + 2, i + 3])
        assert f"last {i + 3} at 200" in cards.label(tag)
    shown = cards.point("loss", 0.5)
    assert shown.split("\n")[0] == "step 100"
    assert "2" in shown.split("\n")
    values = [cards.card(tag).locator(".nbhooks-card-value").inner_text() for tag in TAGS[1:]]
    assert values == ["3", "4", "5", "6"]
    lines = [one for one in cards.find("card-cross").all() if one.is_visible()]
    assert len(lines) == len(TAGS)
    cards.page.mouse.move(5, 5)
    cards.drawn()
    assert not cards.find("tooltip").is_visible()
    assert cards.card("accuracy").locator(".nbhooks-card-value").inner_text() == "4"


def test_a_drag_zooms_one_card_or_all(cards: Cards) -> None:
    before = [cards.pixels(tag) for tag in TAGS]
    reset = cards.page.get_by_text("reset zoom")
    assert reset.is_disabled()
    cards.drag("loss", 0.2, 0.6)
    cards.page.mouse.move(5, 5)
    cards.drawn()
    assert cards.pixels("loss") != before[0]
    assert cards.pixels("accuracy") == before[1]
    cards.canvas("loss").dblclick()
    cards.page.mouse.move(5, 5)
    cards.drawn()
    assert cards.pixels("loss") == before[0]
    cards.choose("link zoom")
    cards.drag("loss", 0.6, 0.2)
    assert all(cards.pixels(tag) != one for tag, one in zip(TAGS, before, strict=True))
    reset.click()
    cards.drawn()
    assert [cards.pixels(tag) for tag in TAGS] == before
    assert reset.is_disabled()


def test_keys_read_enlarge_and_reset(cards: Cards) -> None:
    cards.points("k0", [0, 100, 200], [5, 4, 3])
    assert cards.press("loss", "ArrowLeft") == "step 200; 3"
    assert cards.press("loss", "ArrowLeft", "ArrowLeft", "ArrowLeft") == "step 0; 5"
    assert cards.press("loss", "End") == "step 200; 3"
    small = cards.card("loss").bounding_box()
    cards.press("loss", "Enter")
    large = cards.settle().card("loss").bounding_box()
    assert large["height"] > 2 * small["height"]
    assert large["width"] > 3 * small["width"]
    cards.press("loss", "Escape")
    assert cards.settle().card("loss").bounding_box() == small
    assert not cards.find("tooltip").is_visible()


def test_no_key_reaches_the_notebook(cards: Cards) -> None:
    cards.page.evaluate("window.pressed = []")
    cards.page.evaluate("document.addEventListener('keydown', (event) => pressed.push(event.key), true)")
    cards.press("loss", "ArrowLeft", "b", "d", "d", "Enter", "Escape")
    cards.find("cards-choice").first.press("a")
    cards.page.get_by_role("searchbox").press("x")
    assert cards.page.evaluate("pressed") == []
    focusable = "button, input, canvas"
    marked = f"[...document.querySelectorAll('.nbhooks-cards :is({focusable})')]"
    assert cards.page.evaluate(f"{marked}.every((one) => one.dataset.lmSuppressShortcuts === 'true')")


def test_the_label_keeps_still_while_it_has_the_focus(cards: Cards) -> None:
    cards.canvas("loss").focus()
    before = cards.label("loss")
    cards.points("k0", [0, 10], [1, 7])
    assert cards.label("loss") == before
    cards.canvas("loss").blur()
    cards.points("k0", [0, 10], [1, 8])
    assert "last 8 at 10" in cards.label("loss")


def test_cards_are_overlaid_and_lines_hide(cards: Cards) -> None:
    cards.tool("net/a/norm", "overlay")
    assert cards.find("cards-over").is_hidden()
    cards.tool("net/b/norm", "overlay")
    entries = cards.find("cards-over").locator(".nbhooks-legend-item")
    assert [one.inner_text().split("\n")[0] for one in entries.all()] == ["a/norm", "b/norm"]
    entries.first.click()
    assert entries.first.get_attribute("aria-pressed") == "false"
    label = cards.find("cards-over").locator("canvas").get_attribute("aria-label") or ""
    assert "b/norm: last" in label
    assert "a/norm: last" not in label
    cards.find("cards-over").locator(".nbhooks-card-clear").click()
    assert cards.find("cards-over").is_hidden()


def test_overlaid_cards_stay_in_sight_where_their_group_is_folded(cards: Cards) -> None:
    cards.tool("net/a/norm", "overlay")
    cards.tool("net/b/norm", "overlay")
    cards.find("cards-fold").nth(1).click()
    assert {"k2", "k3"} <= {key for _, key in cards.sight()["cards"]}


def test_compared_runs_lie_behind_and_share_a_legend(make: Callable[..., Cards]) -> None:
    names = [{"name": "", "hue": 0}, {"name": "runs/a", "hue": 1}]
    cards = make().show(lines={"p0": {"k0": names, "k1": names}})
    cards.points("k0", [0, 100], [7, 8], line=1)
    legend = cards.page.locator(".nbhooks-cards > .nbhooks-legend")
    assert legend.inner_text().split("\n") == ["live", "runs/a"]
    assert "runs/a: last 8 at 100" in cards.label("loss")
    assert "runs/a\n8 at 100" in cards.point("loss", 0.5)
    legend.get_by_text("runs/a").click()
    cards.page.mouse.move(5, 5)
    cards.drawn()
    assert "runs/a" not in cards.label("loss")


def test_scales_and_axes(cards: Cards) -> None:
    cards.points("k0", [0, 150, 300], [1e-3, -1, 10])
    before = cards.pixels("loss")
    cards.choose("log")
    assert cards.card("loss").locator(".nbhooks-card-note").inner_text() == "1 bin ≤ 0 left out"
    assert cards.pixels("loss") != before
    cards.points("k1", [0, 10], [-1, -2])
    assert "nothing above 0 to show on a logarithmic scale" in cards.label("accuracy")
    cards.choose("linear")
    assert cards.pixels("loss") == before
    cards.choose("relative")
    assert cards.point("loss", 0.5).split("\n")[0] == "after 1 s"
    cards.choose("wall")
    assert re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\nstep 150", cards.point("loss", 0.5))


def test_smoothing_keeps_the_raw_line(cards: Cards) -> None:
    cards.points("k0", [0, 10, 20], [1, 3, 2])
    before = cards.pixels("loss")
    cards.page.get_by_role("slider").fill("0.5")
    cards.drawn()
    assert cards.pixels("loss") != before
    assert "2.3333 (3)" in cards.point("loss", 0.5)


def test_not_a_number_is_a_mark(cards: Cards) -> None:
    bad = float("nan")
    more = {"nonfinite": [100, 200], "nonfinite_count": 2, "last": "NaN"}
    cards.points("k0", [0, 100, 200, 300], [1, bad, bad, 2], **more)
    value = cards.card("loss").locator(".nbhooks-card-value")
    assert value.inner_text() == "NaN"
    assert cards.card("loss").locator(".nbhooks-card-note").inner_text() == "2 NaN or Inf"
    assert "NaN or Inf" in cards.point("loss", 1 / 3)


def test_marks_close_to_the_pointer_are_listed(make: Callable[..., Cards]) -> None:
    marks = {"restarts": [3000], "checkpoints": [[6000, "model.ckpt-6000"]], "cursor": None}
    cards = make().show(marks={"p0": marks})
    shown = cards.point("loss", 0.5)
    assert "model.ckpt-6000\ncheckpoint" in shown
    assert "restart" in cards.point("loss", 0.25)


def test_a_card_shows_the_value_at_the_cursor(make: Callable[..., Cards]) -> None:
    cards = make().show(marks={"p0": {"restarts": [], "checkpoints": [], "cursor": 100}})
    cards.points("k0", [0, 100, 200], [5, 4, 3])
    assert "as of step 100. 4 at 100" in cards.label("loss")
    value = cards.card("loss").locator(".nbhooks-card-value")
    assert (value.inner_text(), value.get_attribute("title")) == ("4", "as of step 100")
    cards.feed({"type": "update", "marks": {"p0": {"cursor": None}}})
    cards.page.wait_for_timeout(500)
    assert "last 3 at 200" in cards.label("loss")
    assert (value.inner_text(), value.get_attribute("title")) == ("3", None)


def test_a_colour_scheme_is_taken_up(cards: Cards) -> None:
    before = cards.pixels("loss")
    cards.theme(dark=True)
    cards.drawn()
    assert cards.pixels("loss") != before


def test_two_thousand_tags_are_placeholders_until_they_are_in_sight(make: Callable[..., Cards]) -> None:
    cards = make().show([f"tower_{i % 5}/weights_{i}" for i in range(2000)], first=())
    assert cards.page.locator("canvas").count() <= 24
    cards.page.get_by_role("searchbox").fill("weights")
    cards.page.get_by_text("show all 400").first.click()
    cards.settle()
    assert cards.page.locator("canvas").count() <= 60
    assert cards.page.evaluate("document.querySelectorAll('.nbhooks-board *').length") <= 3000
    top = len(cards.sight()["cards"])
    cards.page.mouse.move(500, 500)
    cards.page.mouse.wheel(0, 9000)
    cards.settle()
    assert cards.page.locator("canvas").count() <= 60
    assert len(cards.sight()["cards"]) <= top + 24


def test_hostile_names_are_text_and_keep_their_ends(make: Callable[..., Cards]) -> None:
    evil = "<img src=x onerror='window.owned=1'>&lt;\u202e"
    long = "scope/" * 80 + "the_end"
    cards = make().show([evil, long], first=(evil, long))
    assert cards.page.locator("img").count() == 0
    assert cards.page.evaluate("window.owned") is None
    label = cards.find("card-name").nth(1)
    assert label.get_attribute("title") == long
    end = label.evaluate(
        """(node) => {
          const range = document.createRange();
          const text = node.firstChild.firstChild;
          range.setStart(text, text.length - 7);
          range.setEnd(text, text.length);
          const [end, all] = [range.getBoundingClientRect(), node.getBoundingClientRect()];
          return end.left >= all.left && end.right <= all.right + 1;
        }"""
    )
    assert end


def test_an_empty_board_says_so(make: Callable[..., Cards]) -> None:
    cards = make().show([])
    assert cards.find("cards-empty").inner_text() == "no scalars yet"
    assert cards.find("cards-bar").is_hidden()
