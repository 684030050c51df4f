// What is to be known of each card: its lines, what makes its slot another one, what it watches.

import { linesOf, overlaidLines } from "./lines.js";

export const OVERLAY = "overlay"; // the key of the card in which others are overlaid

/** The card of a tag. A slot whose stamp is another one is made anew. */
function specOf(part, card, hidden) {
  const stamp = `${card.tag} ${card.label} ${card.unit ?? ""}`;
  const lines = () => linesOf(part(), card, hidden());
  return { ...card, stamp, lines, sight: card.key, own: true };
}

/** A card in which others are overlaid. */
function overlayOf(part, cards, hidden) {
  const tag = `${cards.length} tags overlaid`;
  const stamp = cards.map((card) => card.key).join(" ");
  const names = cards.map((card) => card.tag).join("\n");
  const lines = () => overlaidLines(part(), cards, hidden());
  return { key: OVERLAY, tag, label: tag, stamp, names, lines, sight: cards[0].key, own: false };
}

/** The specs of a part by key, with that of the overlay if there are cards to overlay. */
export function specsOf(part, over, hidden) {
  const specs = new Map(part().cards.map((card) => [card.key, specOf(part, card, hidden)]));
  if (over.length > 1) specs.set(OVERLAY, overlayOf(part, over, hidden));
  return specs;
}
