// Slots: elements of a fixed height that hold a card only while they are in sight.

import { make } from "./dom.js";

/**
 * Keeps a slot for each spec; watch(node, spec, act) → stop, mount(node, spec) → card,
 * unmount(card).
 */
export class Slots {
  constructor({ watch, mount, unmount }) {
    this.act = { watch, mount, unmount };
    this.slots = new Map();
  }

  /** The element of a spec's slot, made where there is none yet. */
  nodeOf(spec) {
    const known = this.slots.get(spec.key);
    if (known) return known.node;
    const slot = { spec, card: null, node: make("div", "card", { "data-key": spec.key }) };
    slot.stop = this.act.watch(slot.node, spec, (visible) => {
      if (visible) slot.card ??= this.act.mount(slot.node, spec);
      else this.empty(slot);
    });
    this.slots.set(spec.key, slot);
    return slot.node;
  }

  empty(slot) {
    if (slot.card) this.act.unmount(slot.card);
    slot.card = null;
    slot.node.replaceChildren();
  }

  cardOf(key) {
    return this.slots.get(key)?.card ?? null;
  }

  /** The cards in sight. */
  get cards() {
    return [...this.slots.values()].map((slot) => slot.card).filter(Boolean);
  }

  /** Give one slot more room, and take it from the others. */
  enlarge(key) {
    for (const [one, { node }] of this.slots) {
      node.classList.toggle("nbhooks-card-large", one === key);
    }
  }

  /** Forget the slots of what is not in specs, a map by key, or is another thing now. */
  keep(specs) {
    for (const [key, slot] of this.slots) {
      if (specs.get(key)?.stamp === slot.spec.stamp) continue;
      slot.stop();
      this.empty(slot);
      slot.node.remove();
      this.slots.delete(key);
    }
  }
}
