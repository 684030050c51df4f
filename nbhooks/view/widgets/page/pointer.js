// Pointer on a card's chart: moves the shared cursor, drags out a range to zoom into, resets it.

import { make } from "./dom.js";
import { NEAR } from "./reading.js";

/**
 * Listen to the pointer on a card.
 *
 * act: { point(px or null), zoom([from, to] or null) }.
 */
export function listenToPointer(card, act, signal) {
  const { canvas, plotNode } = card;
  let [start, end, box] = [null, null, null];
  const listen = (type, listener) => canvas.addEventListener(type, listener, { signal });
  const toPlot = (event) => {
    const px = event.clientX - canvas.getBoundingClientRect().left;
    return Math.min(Math.max(px, card.plot.left), card.plot.right);
  };
  const finish = () => {
    box?.remove();
    start = end = box = null;
  };
  listen("pointermove", (event) => {
    if (!card.plot) return;
    end = toPlot(event);
    if (start !== null && Math.abs(end - start) >= NEAR) {
      if (!box) plotNode.append(box = make("div", "card-drag"));
      box.style.left = `${Math.min(start, end)}px`;
      box.style.width = `${Math.abs(end - start)}px`;
    }
    act.point(start === null ? end : null);
  });
  listen("pointerdown", (event) => {
    if (event.button !== 0 || !card.plot || card.plot.empty) return;
    start = end = toPlot(event);
    canvas.setPointerCapture(event.pointerId);
  });
  listen("pointerup", () => {
    if (start !== null && Math.abs(end - start) >= NEAR) {
      act.zoom([start, end].sort((one, other) => one - other).map(card.plot.at));
    }
    finish();
  });
  listen("lostpointercapture", finish); // after pointerup, or the drag was broken off
  listen("pointerleave", () => act.point(null));
  listen("dblclick", () => act.zoom(null));
  listen("blur", () => act.point(null));
  return { dragging: () => start !== null, stop: finish };
}
