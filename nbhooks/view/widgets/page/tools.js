// The small buttons in a card's head.

import { button, copyText, make, setAttribute } from "./dom.js";

const COPIED = 1200; // ms for which the copy button says that it has copied
const COPY = "Copy the full name";

function addTool(parent, kind, label, act) {
  const names = { title: label, "aria-label": label };
  const node = button(`card-tool card-${kind}`, "", names, act);
  parent.append(node);
  return node;
}

async function copy(node, text) {
  node.title = (await copyText(text)) ? "Copied" : "Could not copy";
  node.dataset.done = node.title;
  await new Promise((resolve) => {
    setTimeout(resolve, COPIED);
  });
  node.title = COPY;
  delete node.dataset.done;
}

/**
 * Copy, pin, overlay, enlarge: { node, update({ pinned, overlaid, large }) }.
 *
 * actions: { pin(tag), overlay(tag), clear(), enlarge(key) }. A card of others has no tag to pin.
 */
export function createTools({ key, tag, names, own }, actions) {
  const node = make("span", "card-tools");
  const copying = addTool(node, "copy", COPY, () => copy(copying, names ?? tag));
  const pressed = {};
  if (own) {
    pressed.pinned = addTool(node, "pin", "Pin to the top", () => actions.pin(tag));
    const overlay = "Overlay with the other cards that are chosen so";
    pressed.overlaid = addTool(node, "overlay", overlay, () => actions.overlay(tag));
  } else {
    addTool(node, "clear", "Take the overlay away", () => actions.clear());
  }
  pressed.large = addTool(node, "enlarge", "Enlarge", () => actions.enlarge(key));
  const update = (state) => {
    for (const [name, one] of Object.entries(pressed)) {
      setAttribute(one, "aria-pressed", String(state[name]));
    }
    setAttribute(pressed.large, "title",
      state.large ? "Make small again (Escape)" : "Enlarge (Enter)");
  };
  return { node, update };
}
