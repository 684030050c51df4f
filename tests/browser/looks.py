"""What can be said of a page's looks without eyes: what is too wide, and what is hard to read."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Locator

_OVERFLOW = """(root) => {
  const edge = root.getBoundingClientRect().right + 1;
  const cut = (element) => { // a scrolled or clipped ancestor keeps it in
    for (let at = element.parentElement; at && at !== root; at = at.parentElement) {
      if (getComputedStyle(at).overflowX !== "visible") return true;
    }
    return false;
  };
  const all = [root, ...root.querySelectorAll("*")].filter((element) => element.checkVisibility());
  const meant = (element) => getComputedStyle(element).overflowX !== "visible"; // a table, a long name
  const scrolls = (element) => element.clientWidth && element.scrollWidth > element.clientWidth + 1;
  return all.filter((element) => (element.getBoundingClientRect().right > edge && !cut(element))
      || (!element.matches(".nbhooks-live *") && scrolls(element))
      || (scrolls(element) && !meant(element) && !cut(element)))
    .map((element) => `<${element.tagName.toLowerCase()} class="${element.getAttribute("class")}">: `
      + `${element.scrollWidth} in ${element.clientWidth}`);
}"""

_COLOURS = """(node, names) => {
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  return names.map((name) => { // whatever colour space it is written in
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = getComputedStyle(node).getPropertyValue(name);
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  });
}"""

_CONTRASTS = """(root) => {
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const parse = (css) => { // whatever colour space it is written in
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = css;
    canvas.fillRect(0, 0, 1, 1);
    const [red, green, blue, alpha] = canvas.getImageData(0, 0, 1, 1).data;
    return [red, green, blue, alpha / 255];
  };
  const mix = (over, under) => under.map((c, i) => over[i] * (over[3] ?? 1) + c * (1 - (over[3] ?? 1)));
  const paperOf = (element) => {
    const sheets = [];
    for (let at = element; at; at = at.parentElement) sheets.unshift(getComputedStyle(at).backgroundColor);
    return sheets.map(parse).reduce((under, over) => mix(over, under), [255, 255, 255]);
  };
  const luminance = (colour) => colour.map((c) => c / 255)
    .map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    const text = walker.currentNode.textContent.trim();
    if (!text || !element.checkVisibility() || element.closest("option, :disabled")) continue;
    const style = getComputedStyle(element);
    const paper = paperOf(element);
    const ink = mix(parse(element instanceof SVGElement ? style.fill : style.color), paper);
    const [dark, light] = [luminance(ink), luminance(paper)].sort((a, b) => a - b);
    found.push([text, (light + 0.05) / (dark + 0.05)]);
  }
  return found;
}"""


def overflow(root: Locator) -> list[str]:
    """Name what is wider than `root`, or scrolls sideways; within a board, a table may."""
    return list(root.evaluate(_OVERFLOW))


def contrasts(root: Locator) -> dict[str, float]:
    """Give each visible text below `root` its contrast with what is behind it, from 1 to 21 (WCAG 2)."""
    found: dict[str, float] = {}
    for text, ratio in root.evaluate(_CONTRASTS):
        found[text] = min(ratio, found.get(text, ratio))
    return found


def colours(node: Locator, *names: str) -> list[tuple[int, int, int, int]]:
    """Give colours of a node, such as its ``background-color``, as red, green, blue and alpha."""
    return [(red, green, blue, alpha) for red, green, blue, alpha in node.evaluate(_COLOURS, list(names))]
