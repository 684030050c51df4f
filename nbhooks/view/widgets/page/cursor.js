// What pointer and keys do with the cards: one cursor through all of them, a zoom of one or of all.

import { keepKeys, make, setText } from "./dom.js";
import { listenToPointer } from "./pointer.js";
import { snap, stops } from "./reading.js";
import { createTooltip } from "./tooltip.js";

const ARROWS = ["ArrowLeft", "ArrowRight", "Home", "End"];

/** The place that a key moves the cursor to. */
function target(key, places, here) {
  if (key === "Home") return places[0];
  if (key === "End") return places.at(-1);
  if (key === "ArrowLeft") return places.findLast((at) => at < (here ?? Infinity)) ?? places[0];
  return places.find((at) => at > (here ?? -Infinity)) ?? places.at(-1);
}

/**
 * The cursor of the cards in node: place (or null) and zoomOf(key).
 *
 * view: { cards(), settings, redraw(), enlarge(key or null), enlarged() }.
 */
export class Cursor {
  constructor(node, view) {
    Object.assign(this, { node, view, place: null, card: null, zooms: new Map(), frame: 0 });
    this.stop = new AbortController();
    this.tooltip = createTooltip(node);
    this.said = make("div", "said", { "aria-live": "polite" });
    node.append(this.said);
    keepKeys(node, (event, hit) => this.press(event, hit), this.stop.signal);
  }

  /** Listen to the pointer on a card until it goes out of sight. */
  listen(card) {
    const stop = new AbortController();
    const act = { point: (px) => this.point(card, px), zoom: (range) => this.zoom(card, range) };
    listenToPointer(card, act, stop.signal);
    return () => {
      stop.abort();
      if (this.card === card) this.move(null, null);
    };
  }

  point(card, px) {
    if (px === null && this.card !== card) return;
    const { lines, marks, plot } = card;
    const place = px === null ? NaN : snap(lines, marks, plot.at(px), plot.inView);
    this.move(card, Number.isNaN(place) ? null : place);
  }

  /**
   * Put the cursor at a place of a card's axis; null takes it away. It is shown in the next frame.
   */
  move(card, place) {
    this.card = place === null ? null : card;
    this.place = place;
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0;
      this.show();
    });
  }

  show() {
    for (const card of this.view.cards()) card.showCursor(this.place);
    const reading = this.card?.plot && this.card.describe(this.place);
    if (reading) this.tooltip.show(this.card.plotNode, this.card.plot.X(reading.place), reading);
    else this.tooltip.hide();
  }

  zoomOf(key) {
    return this.zooms.get("all") ?? this.zooms.get(key) ?? null;
  }

  /**
   * Zoom into a range of a card, and of all where zooms are linked; null shows everything again.
   */
  zoom(card, range) {
    const key = this.view.settings.get("linked") ? "all" : card.spec.key;
    if (range) this.zooms.set(key, range);
    else if (!this.zooms.delete("all")) this.zooms.delete(card.spec.key);
    this.view.redraw();
  }

  resetZooms() {
    this.zooms.clear();
    this.view.redraw();
  }

  press(event, hit) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const card = this.view.cards().find(({ canvas }) => canvas === hit);
    if (event.key === "Escape") this.escape(card, hit);
    else if (!card?.plot) return;
    else if (event.key === "Enter") this.view.enlarge(card.spec.key);
    else if (ARROWS.includes(event.key)) this.step(card, event.key);
    else return;
    event.preventDefault();
  }

  step(card, key) {
    const places = stops(card);
    if (!places.length) return;
    const here = this.card === card ? this.place : null;
    const place = target(key, places, here);
    this.move(card, place);
    setText(this.said, card.describe(place)?.said ?? "");
  }

  /**
   * Escape makes an enlarged card small again; else it takes the cursor and the zoom away, or the
   * filter.
   */
  escape(card, hit) {
    setText(this.said, "");
    this.move(null, null);
    if (this.view.enlarged() !== null) this.view.enlarge(null);
    else if (card) this.zoom(card, null);
    else if (hit.type === "search") {
      hit.value = "";
      this.view.settings.set("filter", "");
    }
  }

  destroy() {
    this.stop.abort();
    cancelAnimationFrame(this.frame);
    this.tooltip.destroy();
  }
}
