// The scalars of one recording: a card a tag, in groups, with one cursor and one toolbar for all.

import { Card } from "./card.js";
import { Cursor } from "./cursor.js";
import { keepFocus, make, setText } from "./dom.js";
import { Frames, WHEN } from "./frame.js";
import { createGrid } from "./grid.js";
import { groupCards, matcher, openGroups } from "./groups.js";
import { createLegend } from "./legend.js";
import { runsOf } from "./lines.js";
import { createSettings } from "./settings.js";
import { Slots } from "./slots.js";
import { OVERLAY, specsOf } from "./specs.js";
import { createTheme } from "./theme.js";
import { createToolbar } from "./toolbar.js";

const DRAWN_ONLY = ["axis", "linked", "log", "smoothing"]; // settings that move no card

class Cards {
  constructor({ store, memory, sight, root }, key) {
    Object.assign(this, { key, store, sight, specs: new Map(), groups: [], enlarged: null });
    this.overlaid = new Set();
    this.node = make("div", "cards");
    this.settings = createSettings(memory, (name) => this.change(name));
    this.frames = new Frames((card) => this.draw(card));
    this.theme = createTheme(root, () => this.redraw());
    this.resizes = new ResizeObserver((entries) => this.resize(entries));
    this.slots = new Slots({
      mount: (node, spec) => this.mount(node, spec),
      unmount: (card) => this.unmount(card),
      watch: (node, spec, act) => sight.watch(node, "cards", [key, spec.sight], act),
    });
    this.cursor = new Cursor(this.node, {
      settings: this.settings,
      cards: () => this.slots.cards,
      redraw: () => this.redraw(),
      enlarge: (one) => this.enlarge(one),
      enlarged: () => this.enlarged,
    });
    this.build();
    this.update();
  }

  build() {
    const { settings, cursor } = this;
    this.toolbar = createToolbar(settings, { resetZoom: () => cursor.resetZooms() });
    this.legend = createLegend((id) => settings.toggle("hidden", id));
    this.over = make("div", "cards-grid cards-over");
    this.grid = createGrid({
      slotOf: (card) => this.slots.nodeOf(this.specs.get(card.key)),
      fold: (key) => settings.set("folds", { ...settings.get("folds"), [key]: !this.isOpen(key) }),
      more: (key) => settings.toggle("whole", key),
    });
    this.empty = make("div", "cards-empty");
    const { toolbar, legend, over, grid, empty } = this;
    this.node.prepend(toolbar.node, legend.node, over, grid.node, empty);
  }

  get part() {
    return this.store.part(this.key);
  }

  isOpen(key) {
    return this.groups.find((group) => group.key === key)?.open ?? false;
  }

  /** Take what has changed: everything, or what the store says of this part. */
  update(changes) {
    if (!this.part) return;
    const has = (name) => !changes || changes.full || changes[name]?.has(this.key);
    if (has("cards") || has("lines")) this.layout();
    if (has("marks") || has("lines")) this.redraw(WHEN.paced);
    for (const key of changes?.points?.get(this.key) ?? []) {
      this.touch(this.slots.cardOf(key));
      if (this.overlaid.has(key)) this.touch(this.slots.cardOf(OVERLAY));
    }
  }

  /** Draw a card in a coming frame; its first points soon, later ones when there is time. */
  touch(card, when = WHEN.paced) {
    if (card) this.frames.add(card, card.plot?.message ? Math.max(when, WHEN.soon) : when);
  }

  /** Draw all cards in sight again; at once, where a person has asked for it. */
  redraw(when = WHEN.now) {
    for (const card of this.slots.cards) this.touch(card, when);
    this.showToolbar();
  }

  /** A setting has changed, in this view or in another. */
  change(name) {
    if (name === "axis") this.cursor.resetZooms();
    if (!DRAWN_ONLY.includes(name)) this.layout();
    this.redraw();
  }

  showToolbar() {
    const shown = this.groups.reduce((sum, { cards }) => sum + cards.length, 0);
    const total = this.part?.cards.length ?? 0;
    this.toolbar.update({ shown, total, zoomed: this.cursor.zooms.size > 0 });
  }

  /**
   * Arrange the slots anew: the cards, the filter, the folds, the pins or the overlay are others.
   */
  layout() {
    const { cards } = this.part;
    const names = ["filter", "pins", "folds", "whole", "overlay"];
    const [filter, pins, folds, whole, overlay] = names.map(this.settings.get);
    const over = cards.filter((card) => overlay.includes(card.tag));
    this.overlaid = new Set(over.map((card) => card.key));
    this.specs = specsOf(() => this.part, over, () => this.settings.get("hidden"));
    const groups = groupCards(cards, { test: matcher(filter).test, pins });
    const open = openGroups(groups, folds, filter.trim() !== "");
    this.groups = groups.map((group, i) =>
      ({ ...group, open: open[i], whole: whole.includes(group.key) }));
    this.show();
  }

  /** Put what layout has decided into the page. */
  show() {
    const { cards } = this.part;
    this.slots.keep(this.specs);
    keepFocus(this.node, () => this.grid.show(this.groups));
    this.legend.update(runsOf(this.part, cards, this.settings.get("hidden")));
    const overlay = this.specs.get(OVERLAY);
    if (overlay) this.over.append(this.slots.nodeOf(overlay));
    this.over.hidden = !overlay;
    this.toolbar.node.hidden = !cards.length;
    const none = cards.length ? "no tag matches the filter" : "no scalars yet";
    setText(this.empty, this.groups.length ? "" : none);
    this.slots.enlarge(this.enlarged);
    this.showToolbar();
  }

  enlarge(key) {
    this.enlarged = key === this.enlarged ? null : key;
    this.slots.enlarge(this.enlarged);
    this.redraw();
  }

  /** A slot has come in sight. */
  mount(node, spec) {
    const { settings } = this;
    const card = new Card(node, spec, {
      settings,
      theme: this.theme,
      cursor: () => this.cursor.place,
      zoomOf: (key) => this.cursor.zoomOf(key),
      marks: () => this.part.marks,
      stateOf: ({ key, tag }) => ({ large: key === this.enlarged,
        pinned: settings.get("pins").includes(tag),
        overlaid: settings.get("overlay").includes(tag) }),
      actions: { enlarge: (key) => this.enlarge(key),
        pin: (tag) => settings.toggle("pins", tag),
        overlay: (tag) => settings.toggle("overlay", tag),
        clear: () => settings.set("overlay", []) },
      watchLine: (item, { key }) => key && this.sight.watch(item, "cards", [this.key, key]),
    });
    card.stops.push(this.cursor.listen(card));
    this.resizes.observe(card.plotNode); // it reports the size at once, and so draws
    return card;
  }

  unmount(card) {
    this.resizes.unobserve(card.plotNode);
    this.frames.drop(card);
    card.destroy();
  }

  resize(entries) {
    const cards = new Map(this.slots.cards.map((card) => [card.plotNode, card]));
    for (const { target, contentRect } of entries) {
      const card = cards.get(target);
      if (!card) continue;
      const first = !card.size;
      card.size = contentRect;
      if (first) this.touch(card, WHEN.soon);
      else this.draw(card); // at once: until a later frame the stretched picture would be seen
    }
  }

  draw(card) {
    if (card.size && this.part) card.draw();
    if (this.cursor.card === card) this.cursor.show();
  }

  destroy() {
    this.slots.keep(new Map());
    [this.cursor, this.frames, this.theme, this.settings].forEach((one) => one.destroy());
    this.resizes.disconnect();
    this.node.remove();
  }
}

/** The scalars of one part: { node, update(changes), destroy() }. */
export const createCards = (context, part) => new Cards(context, part);
