// The scalars of one recording: a card a tag, in groups, with one cursor and one toolbar for all.

import { createCard } from "./card.js";
import { Cursor } from "./cursor.js";
import { make, setText } from "./dom.js";
import { Frames, WHEN } from "./frame.js";
import { createGrid } from "./grid.js";
import { groupCards, matcher, openGroups } from "./groups.js";
import { createLegend } from "./legend.js";
import { linesOf, overlaidLines, runsOf } from "./lines.js";
import { createSettings } from "./settings.js";
import { Slots } from "./slots.js";
import { createTheme } from "./theme.js";
import { createToolbar } from "./toolbar.js";

const OVERLAY = "overlay"; // the key of the card in which others are overlaid
const DRAWN_ONLY = ["axis", "linked", "log", "smoothing"]; // settings that move no card

class Cards {
  constructor({ store, memory, sight, root }, key) {
    Object.assign(this, { key, store, sight, specs: new Map(), groups: [], enlarged: null });
    this.node = make("div", "cards");
    this.settings = createSettings(memory, (name) => this.change(name));
    this.frames = new Frames((card) => this.draw(card));
    this.theme = createTheme(root, () => this.redraw());
    this.resizes = new ResizeObserver((entries) => this.resize(entries));
    this.slots = new Slots({ mount: (node, spec) => this.mount(node, spec), unmount: (card) => this.unmount(card),
      watch: (node, spec, act) => sight.watch(node, "cards", [key, spec.sight], act) });
    this.cursor = new Cursor(this.node, { cards: () => this.slots.cards, settings: this.settings,
      redraw: () => this.redraw(), enlarge: (one) => this.enlarge(one), enlarged: () => this.enlarged });
    this.build();
    this.update();
  }

  build() {
    const { settings, cursor } = this;
    this.toolbar = createToolbar(settings, { resetZoom: () => cursor.resetZooms() });
    this.legend = createLegend((id) => settings.toggle("hidden", id));
    this.over = make("div", "cards-grid cards-over");
    this.grid = createGrid({ slotOf: (card) => this.slots.nodeOf(this.specs.get(card.key)),
      fold: (key) => settings.set("folds", { ...settings.get("folds"), [key]: !this.isOpen(key) }),
      more: (key) => settings.toggle("whole", key) });
    this.empty = make("div", "cards-empty");
    this.node.prepend(this.toolbar.node, this.legend.node, this.over, this.grid.node, this.empty);
  }

  get part() {
    return this.store.part(this.key);
  }

  isOpen(key) {
    return this.groups.find((group) => group.key === key)?.open ?? false;
  }

  /** Take what has changed: everything, or what the store says of this part. */
  update(changes = { full: true }) {
    if (!this.part) return;
    if (changes.full || changes.cards?.has(this.key) || changes.lines?.has(this.key)) this.layout();
    if (changes.full || changes.marks?.has(this.key)) this.redraw(WHEN.paced);
    for (const key of changes.points?.get(this.key) ?? []) {
      this.touch(this.slots.cardOf(key));
      if (this.overlaid.has(key)) this.touch(this.slots.cardOf(OVERLAY));
    }
  }

  touch(card, when = WHEN.paced) {
    if (card) this.frames.add(card, when);
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
    this.toolbar.update({ shown, total: this.part?.cards.length ?? 0, zoomed: this.cursor.zooms.size > 0 });
  }

  /** Arrange the slots anew: the cards, the filter, the folds, the pins or the overlay have changed. */
  layout() {
    const { part, settings } = this;
    const { cards } = part;
    const [filter, pins, folds] = ["filter", "pins", "folds"].map(settings.get);
    const hidden = () => settings.get("hidden");
    this.specs = new Map(cards.map((card) => [card.key, { ...card, sight: card.key, pin: true,
      stamp: `${card.tag} ${card.label} ${card.unit ?? ""}`, lines: () => linesOf(this.part, card, hidden()) }]));
    this.layoutOverlay(cards.filter((card) => settings.get("overlay").includes(card.tag)), hidden);
    const groups = groupCards(cards, { test: matcher(filter).test, pins });
    const open = openGroups(groups, folds, filter.trim() !== "");
    const whole = settings.get("whole");
    this.groups = groups.map((group, i) => ({ ...group, open: open[i], whole: whole.includes(group.key) }));
    this.slots.keep(this.specs);
    this.grid.show(this.groups);
    this.legend.update(runsOf(part, cards, hidden()));
    if (this.specs.has(OVERLAY)) this.over.append(this.slots.nodeOf(this.specs.get(OVERLAY)));
    this.toolbar.node.hidden = !cards.length;
    this.over.hidden = !this.specs.has(OVERLAY);
    setText(this.empty, cards.length ? (groups.length ? "" : "no tag matches the filter") : "no scalars yet");
    this.showEnlarged();
    this.showToolbar();
  }

  layoutOverlay(cards, hidden) {
    this.overlaid = new Set(cards.map((card) => card.key));
    if (cards.length < 2) return;
    const tag = `${cards.length} tags overlaid`;
    this.specs.set(OVERLAY, { key: OVERLAY, tag, label: tag, legend: true, sight: cards[0].key,
      stamp: cards.map((card) => card.key).join(" "), names: cards.map((card) => card.tag).join("\n"),
      lines: () => overlaidLines(this.part, cards, hidden()) });
  }

  enlarge(key) {
    this.enlarged = key === this.enlarged ? null : key;
    this.showEnlarged();
    this.redraw();
  }

  showEnlarged() {
    for (const [key, { node }] of this.slots.slots) {
      node.classList.toggle("nbhooks-card-large", key === this.enlarged);
    }
  }

  /** A slot has come in sight. */
  mount(node, spec) {
    const { settings } = this;
    const card = createCard(node, spec, {
      settings, theme: this.theme, cursor: () => this.cursor.place,
      zoomOf: (key) => this.cursor.zoomOf(key),
      marks: () => this.part?.marks ?? { restarts: [], checkpoints: [], cursor: null },
      stateOf: ({ key, tag }) => ({ large: key === this.enlarged, pinned: settings.get("pins").includes(tag),
        overlaid: settings.get("overlay").includes(tag) }),
      actions: { pin: (tag) => settings.toggle("pins", tag), overlay: (tag) => settings.toggle("overlay", tag),
        clear: () => settings.set("overlay", []), enlarge: (key) => this.enlarge(key) },
      watchLine: (item, { key }) => key && this.sight.watch(item, "cards", [this.key, key], () => {}),
    });
    card.stop = this.cursor.hear(card);
    this.resizes.observe(card.plotNode); // it reports the size at once, and so draws
    return card;
  }

  unmount(card) {
    this.resizes.unobserve(card.plotNode);
    this.frames.drop(card);
    card.stop();
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
    if (card.size) card.draw();
    if (this.cursor.card === card) this.cursor.show();
  }

  destroy() {
    this.slots.keep(new Map());
    for (const part of [this.cursor, this.frames, this.theme, this.settings]) part.destroy();
    this.resizes.disconnect();
    this.node.remove();
  }
}

/** The scalars of one part: { node, update(changes), destroy() }. */
export const createCards = (context, part) => new Cards(context, part);
