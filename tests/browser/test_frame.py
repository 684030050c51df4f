"""The frame of the board in a page: head, sections, log and saved runs; the test plays the kernel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("playwright", reason="the browser tests need Playwright")

import boards
from framed import Framed, head
from looks import contrasts
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

# Keys as a notebook takes them: at the document, before any element.
LISTEN = """() => {
  window.pressed = [];
  document.addEventListener("keydown", (event) => window.pressed.push(event.key), true);
}"""
HIDE = """(hidden) => {
  Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}"""

# Controls that cannot be reached, since they lie beyond the edge of what they are in.
OUTSIDE = """() => [...document.querySelectorAll(".nbhooks-board :is(button, input, select)")]
  .filter((control) => control.checkVisibility() && control.closest(".nbhooks-card") === null)
  .filter((control) => control.getBoundingClientRect().right > innerWidth)
  .map((control) => control.className)"""

# A page without an address has no clipboard of its own.
CLIPBOARD = """() => Object.defineProperty(navigator, "clipboard", {
  value: { writeText: async (text) => { window.copied = text; } },
})"""


@pytest.fixture
def make(browser: Browser) -> Iterator[Callable[[], Framed]]:
    """Make a page of some width; none may have thrown when the test is done."""
    made: list[Framed] = []

    def _make() -> Framed:
        made.append(Framed(browser.new_page(viewport={"width": 1000, "height": 900})))
        return made[-1].open()

    yield _make
    errors = [error for page in made for error in page.errors]
    for page in made:
        page.page.close()
    assert errors == []


@pytest.fixture
def board(make: Callable[[], Framed]) -> Framed:
    """A board that runs."""
    page = make()
    boards.running(page)
    page.drawn()
    return page


def fold(board: Framed, name: str) -> Any:
    return board.page.locator(".nbhooks-fold", has_text=name)


# Looks


@pytest.mark.parametrize("case", boards.CASES)
def test_looks(make: Callable[[], Framed], pictures: Path, case: str) -> None:
    page = make()
    boards.CASES[case](page)
    page.drawn()
    if case == "log":
        fold(page, "5,000 lines").click()
    for width, dark in ((1000, False), (1000, True), (400, True), (400, False), (1800, False)):
        page.page.set_viewport_size({"width": width, "height": 900})
        page.theme(dark=dark)
        page.picture(pictures / f"frame-{case}-{width}-{'dark' if dark else 'light'}.png")
        assert (page.find("head").bounding_box() or {"height": 0})["height"] <= 90
        assert page.page.evaluate("document.documentElement.scrollWidth") == width
        assert page.page.evaluate(OUTSIDE) == []
        assert {text: ratio for text, ratio in contrasts(page.board).items() if ratio < 4.5} == {}
    assert page.page.evaluate("window.hacked") is None


# The head


def test_the_head_stays_in_view(board: Framed) -> None:
    board.page.mouse.wheel(0, 400)
    board.drawn()
    assert board.page.evaluate("scrollY") > 300
    box = board.find("head").bounding_box()
    assert box
    assert box["y"] == 0


def test_stop_shows_that_it_was_clicked_until_the_session_answers(board: Framed) -> None:
    stop = board.find("stop")
    stop.click()
    expect(stop).to_have_text("Stopping …")
    expect(stop).to_be_disabled()
    assert [content for content in board.sent if content["type"] == "stop"] == [
        {"type": "stop", "part": "p0"}
    ]
    board.feed({"type": "update", "heads": {"p0": {"stopping": True}}})
    expect(stop).to_be_disabled()
    board.feed(
        {"type": "update", "heads": {"p0": {"stopping": False, "can_stop": False, "state": "stopped"}}}
    )
    expect(stop).to_be_hidden()


def test_the_age_of_the_checkpoint_is_counted_by_the_page(board: Framed) -> None:
    age = board.find("fact-age")
    expect(age).to_have_text("42 s ago")
    expect(age).to_have_text("44 s ago")


def test_an_error_is_named_in_the_title_of_a_hidden_page(board: Framed) -> None:
    board.page.evaluate(HIDE, True)  # noqa: FBT003 - a value for the page
    assert board.page.title() == "notebook.ipynb"
    alert = {"level": "error", "title": "loss\nexploded", "text": ""}
    board.feed({"type": "update", "attention": {"p0": [alert]}})
    assert board.page.title() == "✖ loss exploded · notebook.ipynb"
    board.page.evaluate(HIDE, False)  # noqa: FBT003 - a value for the page
    assert board.page.title() == "notebook.ipynb"
    board.page.evaluate(HIDE, True)  # noqa: FBT003 - a value for the page
    assert board.page.title() == "notebook.ipynb"  # it has been seen


# Keys


def test_no_key_reaches_the_notebook_from_a_control_of_the_board(board: Framed) -> None:
    board.page.evaluate(LISTEN)
    for control in (
        board.find("stop"),
        fold(board, "NanTensorHook"),
        board.page.get_by_label("values", exact=True),
    ):
        control.focus()
        board.page.keyboard.press("d")
        board.page.keyboard.press("ArrowDown")
    assert board.page.evaluate("pressed") == []
    board.page.evaluate("document.activeElement.blur()")
    board.page.keyboard.press("d")
    assert board.page.evaluate("pressed") == ["d"]


def test_a_section_folds_by_keys_and_shows_its_focus(board: Framed) -> None:
    head_of = fold(board, "NanTensorHook")
    head_of.focus()
    board.page.keyboard.press("Shift+Tab")
    board.page.keyboard.press("Tab")
    assert head_of.evaluate("(node) => getComputedStyle(node).outlineStyle") == "solid"
    board.page.keyboard.press("Enter")
    expect(head_of).to_have_attribute("aria-expanded", "true")
    board.page.keyboard.press("Space")
    expect(head_of).to_have_attribute("aria-expanded", "false")


# Asking, and what is in sight


def test_everything_is_asked_for_until_it_comes(make: Callable[[], Framed]) -> None:
    page = make()
    page.page.wait_for_function("sent.filter(({ type }) => type === 'ready').length >= 2")
    boards.running(page)
    page.page.wait_for_timeout(100)
    count = "sent.filter(({ type }) => type === 'ready').length"
    before = page.page.evaluate(count)
    page.page.wait_for_timeout(1300)
    assert page.page.evaluate(count) == before
    # Points that do not fit to what is known: everything is asked for again.
    page.feed({"type": "update", "points": [{"part": "p0", "card": "k0", "from": 999, "count": 0}]})
    assert page.page.evaluate(count) == before + 1


def test_only_what_is_in_sight_is_reported(board: Framed) -> None:
    assert board.sight()["sections"] == [["p0", "tensors"], ["p0", "saver"]]
    fold(board, "LoggingTensorHook").click()
    fold(board, "NanTensorHook").click()
    assert ["p0", "tensors"] not in board.sight()["sections"]
    assert ["p0", "nan"] in board.sight()["sections"]
    board.page.evaluate("document.body.style.paddingTop = '9000px'")
    assert board.sight() | {"page": ""} == {
        "type": "sight",
        "page": "",
        "cards": [],
        "sections": [],
        "log": False,
    }


def test_a_hidden_page_sees_nothing(board: Framed) -> None:
    assert board.sight()["cards"]
    board.page.evaluate(HIDE, True)  # noqa: FBT003 - a value for the page
    assert board.sight()["cards"] == []


# Sections


def test_contents_are_updated_in_place(board: Framed) -> None:
    board.page.evaluate("""() => {
      window.before = [...document.querySelectorAll(".nbhooks-table tr, .nbhooks-table td, svg, select")];
      const name = document.querySelector(".nbhooks-table bdi");
      getSelection().selectAllChildren(name);
    }""")
    changed = boards.tensors("loss", "new", "accuracy", latest="0.09")
    board.feed({"type": "update", "contents": {"p0": {"tensors": changed}}})
    texts = fold(board, "LoggingTensorHook").locator("xpath=..").locator("td:first-child").all_inner_texts()
    assert texts == ["loss", "new", "accuracy"]
    assert board.page.evaluate("String(getSelection())") == "loss"
    gone = board.page.evaluate("before.filter((node) => !node.isConnected).length")
    assert gone == 8  # the row that is not there any more, its six cells, and the trend in one of them


def test_a_choice_stands_until_the_kernel_answers(board: Framed) -> None:
    select = board.page.get_by_label("values", exact=True)
    select.select_option("t1")
    wanted = {"type": "choose", "part": "p0", "section": "tensors", "name": "values", "value": "t1"}
    assert wanted in board.sent
    board.feed({"type": "update", "contents": {"p0": {"tensors": boards.tensors("loss")}}})
    expect(select).to_have_value("t1")


def test_two_views_fold_together_and_a_third_remembers(board: Framed) -> None:
    board.page.evaluate("async () => { views.push(await show()); }")
    heads = fold(board, "NanTensorHook")
    expect(heads).to_have_count(2)
    heads.first.click()
    expect(heads.last).to_have_attribute("aria-expanded", "true")
    board.page.evaluate("views.splice(0).forEach((end) => end())")
    expect(heads).to_have_count(0)
    board.page.evaluate("async () => { views.push(await show()); }")
    expect(heads).to_have_attribute("aria-expanded", "true")


def test_a_board_whose_kernel_is_gone_can_be_used(board: Framed) -> None:
    board.page.evaluate("window.gone = true")
    fold(board, "SummarySaverHook").click()
    expect(board.page.get_by_alt_text("the image")).to_be_visible()
    board.find("stop").click()
    expect(board.find("stop")).to_be_disabled()


def test_a_full_update_changes_no_more_than_it_must(board: Framed) -> None:
    fold(board, "NanTensorHook").click()
    board.page.evaluate("window.before = [...document.querySelectorAll('.nbhooks-board .nbhooks-table *')]")
    boards.running(board)
    board.drawn()
    assert board.page.evaluate("before.every((node) => node.isConnected)")
    expect(fold(board, "NanTensorHook")).to_have_attribute("aria-expanded", "true")


def test_nothing_grows_with_the_number_of_refreshes(board: Framed) -> None:
    count = "document.querySelectorAll('*').length"
    fold(board, "152 lines").click()
    for step in range(60):
        if step == 20:
            before = board.page.evaluate(count)
        board.feed(
            {
                "type": "update",
                "heads": {"p0": head(step=step)},
                "news": {"p0": {"tensors": f"4 tensors · step {step}"}},
                "contents": {"p0": {"tensors": boards.tensors("loss", latest=str(step))}},
                "attention": {"p0": [{"level": "info", "title": f"at {step}", "text": ""}]},
                "log": {"from": 152 + 100 * step, "list": boards.lines(0, 100)},
            }
        )
    assert board.page.evaluate(count) <= before + 2 * 25  # spans of the warnings in the log


# The log


def test_the_log_stays_where_the_reader_is(make: Callable[[], Framed]) -> None:
    board = make()
    boards.long_log(board)
    fold(board, "5,000 lines").click()
    lines = board.find("log-lines")
    lines.scroll_into_view_if_needed()
    from_end = "(node) => node.scrollHeight - node.scrollTop - node.clientHeight"
    expect(lines).to_contain_text("step = 4999")
    assert lines.evaluate(from_end) < 2
    board.feed({"type": "update", "log": {"from": 5000, "list": boards.lines(5000, 5030)}}).drawn()
    assert lines.evaluate(from_end) < 2
    lines.evaluate("(node) => node.scrollTo(0, 5000)")
    board.drawn()
    top = "(node) => document.elementFromPoint(node.getBoundingClientRect().x + 60, \
        node.getBoundingClientRect().y + 20).textContent.slice(0, 200)"
    before = lines.evaluate(top)
    board.feed({"type": "update", "log": {"from": 5030, "list": boards.lines(5030, 5060)}}).drawn()
    assert lines.evaluate(from_end) > 1000
    assert lines.evaluate(top) == before
    assert lines.evaluate("(node) => node.textContent.split('\\n').length") < 1052


def test_a_log_of_which_only_the_last_line_was_known_is_shown_whole(make: Callable[[], Framed]) -> None:
    page = make()
    page.feed(boards.full(log={"from": 151, "list": boards.lines(151, 152), "dropped": 0, "note": ""}))
    fold(page, "152 lines").click()
    expect(page.find("log-lines")).to_contain_text("step = 151")
    page.feed({"type": "update", "log": {"from": 0, "list": boards.lines(0, 152), "dropped": 0, "note": ""}})
    expect(page.find("log-lines")).to_contain_text("step = 0\n")
    assert (page.find("log-lines").text_content() or "").count("step =") == 152


def test_the_log_is_filtered_and_copied(make: Callable[[], Framed]) -> None:
    board = make()
    boards.long_log(board)
    fold(board, "5,000 lines").click()
    board.page.get_by_placeholder("filter lines").fill("ERROR")
    expect(board.find("log-found")).to_have_text("25 of 1,000")
    lines = board.find("log-lines")
    assert lines.evaluate("(node) => node.textContent.trim().split('\\n').length") == 25
    board.feed({"type": "update", "log": {"from": 5000, "list": ["INFO:a", "ERROR:b"]}}).drawn()
    assert lines.evaluate("(node) => node.textContent.trim().split('\\n').at(-1)") == "ERROR:b"
    board.page.evaluate(CLIPBOARD)
    board.page.get_by_role("button", name="Copy all").click()
    expect(board.page.get_by_role("button", name="Copied")).to_be_visible()
    assert len(board.page.evaluate("copied").split("\n")) == 1000


# Several sessions, and saved runs


def test_an_earlier_session_is_a_line_that_unfolds(make: Callable[[], Framed]) -> None:
    board = make()
    boards.three_parts(board)
    expect(board.find("head").locator(".nbhooks-name").first).to_have_text("session 2")
    earlier = fold(board, "session 0")
    expect(earlier).to_contain_text("finished")
    expect(board.page.locator(".nbhooks-cards")).to_have_count(1)
    earlier.click()
    expect(board.page.locator(".nbhooks-cards")).to_have_count(2)
    board.feed(boards.full("p0", "p1", "p2", "p3"))
    expect(fold(board, "session 2")).to_have_attribute("aria-expanded", "false")
    expect(fold(board, "session 0")).to_have_attribute("aria-expanded", "true")


def test_saved_runs_are_chosen(make: Callable[[], Framed]) -> None:
    board = make()
    boards.saved_runs(board)
    board.page.get_by_placeholder("filter runs").fill("LR_0.03")
    rows = board.page.locator(".nbhooks-run")
    expect(rows).to_have_count(10)
    expect(rows.first.get_by_role("checkbox")).to_be_disabled()
    board.page.get_by_placeholder("filter runs").fill("")
    rows.first.get_by_role("checkbox").uncheck()
    rows.nth(3).get_by_role("button").click()
    board.page.get_by_label("tag to compare").select_option("accuracy")
    board.page.get_by_role("button", name="stop watching").click()
    names = [f"experiments/2026-11/lr_{i / 1000}/seed_{i}" for i in (0, 3)]
    sent = [content for content in board.sent if content["type"] not in {"ready", "sight"}]
    assert sent == [
        {"type": "compare", "run": names[0], "on": False},
        {"type": "panels", "run": names[1], "on": True},
        {"type": "tag", "tag": "accuracy"},
        {"type": "stop", "chooser": True},
    ]


def test_the_slider_asks_for_one_step_at_a_time(make: Callable[[], Framed]) -> None:
    board = make()
    boards.saved_runs(board)
    slider = board.page.get_by_role("slider", name="step", exact=True)
    slider.focus()
    for _ in range(20):
        slider.press("ArrowRight")
    steps = "sent.filter(({ type }) => type === 'seek').map(({ step }) => step)"
    assert board.page.evaluate(steps) == [251]
    board.feed({"type": "sought"})
    assert board.page.evaluate(steps) == [251, 270]
    slider.press("End")
    board.feed({"type": "sought"})
    assert board.page.evaluate(steps)[-1] is None
    expect(board.find("step-note")).to_have_text("the latest")
