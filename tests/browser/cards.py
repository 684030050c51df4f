"""The scalars of a board alone in a page: what a test does with the cards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from framed import Framed, card, head, packed, points

if TYPE_CHECKING:
    from playwright.sync_api import Locator

TAGS = ["loss", "accuracy", "net/a/norm", "net/b/norm", "other/x"]


class Cards(Framed):
    """A board with one part, and what a test does with its cards."""

    def show(self, tags: list[str] = TAGS, first: tuple[str, ...] = ("loss",), **more: Any) -> Cards:
        """Show cards for tags, with the same points for all that the test does not send by itself."""
        groups = [tag.split("/")[0] if "/" in tag else "" for tag in tags]
        listed = [
            card(f"k{i}", tag, group, first=tag in first)
            for i, (tag, group) in enumerate(zip(tags, groups, strict=True))
        ]
        entries, bins = points("p0", tags[:60])
        self.feed(
            {
                "type": "update",
                "full": True,
                "now": 1e9,
                "parts": ["p0"],
                "heads": {"p0": head()},
                "cards": {"p0": {"from": 0, "list": listed}},
                "points": entries,
                **more,
            },
            bins,
        )
        return self.settle()

    def settle(self) -> Cards:
        """Wait until every card in sight has been drawn."""
        self.page.wait_for_timeout(150)
        self.page.wait_for_function(
            "[...document.querySelectorAll('canvas')].every((canvas) => canvas.hasAttribute('aria-label'))"
        )
        self.drawn()
        return self

    def points(self, key: str, steps: list[float], values: list[float], **more: Any) -> Cards:
        entry = {"part": "p0", "card": key, "count": len(steps), "generation": 2, "step": steps[-1]}
        entry = {**entry, "from": 0, "last": values[-1], **more}
        self.feed({"type": "update", "points": [entry]}, [packed(steps, values)])
        self.page.wait_for_timeout(400)  # new data is drawn at leisure
        return self

    @property
    def names(self) -> list[str]:
        return self.find("card-name").all_inner_texts()

    @property
    def groups(self) -> list[str]:
        return self.find("cards-fold").all_inner_texts()

    def card(self, tag: str) -> Locator:
        title = self.page.locator(f'.nbhooks-card-name[title="{tag}"]')
        return self.find("cards-groups").locator(".nbhooks-card").filter(has=title)

    def canvas(self, tag: str) -> Locator:
        return self.card(tag).locator("canvas")

    def label(self, tag: str) -> str:
        return self.canvas(tag).get_attribute("aria-label") or ""

    def point(self, tag: str, share: float) -> str:
        """Move the pointer to a share of a chart's width. Returns what the box beside it says."""
        box = self.canvas(tag).bounding_box()
        assert box
        self.page.mouse.move(box["x"] + 30 + share * (box["width"] - 42), box["y"] + 40)
        self.drawn()
        return self.find("tooltip").inner_text()

    def drag(self, tag: str, begin: float, end: float) -> None:
        self.point(tag, begin)
        self.page.mouse.down()
        self.point(tag, end)
        self.page.mouse.up()
        self.drawn()

    def tool(self, tag: str, kind: str) -> None:
        self.card(tag).hover()
        self.card(tag).locator(f".nbhooks-card-{kind}").click()
        self.settle()

    def press(self, tag: str, *keys: str) -> str:
        """Press keys with the focus on a chart. Returns what is said of it."""
        self.canvas(tag).focus()
        for key in keys:
            self.page.keyboard.press(key)
        self.drawn()
        return self.find("said").inner_text()

    def choose(self, text: str) -> None:
        self.find("cards-choice").get_by_text(text, exact=True).click()
        self.drawn()

    def pixels(self, tag: str) -> list[int]:
        """The colours of a chart, as far as a test needs them: a sum for each column."""
        return self.canvas(tag).evaluate(
            """(canvas) => {
              const { data, width } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
              const sums = new Array(width).fill(0);
              data.forEach((value, i) => { sums[(i >> 2) % width] += value; });
              return sums;
            }"""
        )
