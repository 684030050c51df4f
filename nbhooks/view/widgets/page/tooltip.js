// The box beside the cursor with all that a chart says there; one for all cards of a board.

import { make, setText } from "./dom.js";
import { hueColour } from "./theme.js";

const ROWS = 14; // listed at most
const BESIDE = 12; // px between the cursor and the box

/** A line's name and value, with a swatch where it has a colour. */
function addRow(parent, { name, hue, value }) {
  const row = make("div", "tooltip-row");
  if (hue !== undefined) row.append(make("span", "swatch", { style: `color: ${hueColour(hue)}` }));
  if (name) row.append(make("span", "name tooltip-name", {}, make("bdi", "", {}, name)));
  row.append(make("b", "tooltip-value", {}, value));
  parent.append(row);
}

/** A tooltip within root, which must have a position. */
export function createTooltip(root) {
  const node = make("div", "tooltip", { hidden: true });
  root.append(node);
  return {
    /** Show a description at x, px within the plot, an element in root. */
    show(plot, x, { heading, rows }) {
      node.replaceChildren(make("div", "tooltip-head", {}, heading[0]));
      const times = heading.slice(1).join(" · ");
      if (times) node.append(make("div", "tooltip-time", {}, times));
      for (const row of rows.slice(0, ROWS)) addRow(node, row);
      const more = rows.length - ROWS;
      if (more > 0) node.append(make("div", "tooltip-time", {}, `and ${more} more`));
      node.hidden = false;
      const [outer, inner] = [root.getBoundingClientRect(), plot.getBoundingClientRect()];
      const { width } = node.getBoundingClientRect();
      const right = inner.left - outer.left + x + BESIDE;
      const left = right - 2 * BESIDE - width;
      const fits = right + width <= outer.width || left < 0;
      node.style.left = `${fits ? Math.max(0, Math.min(right, outer.width - width)) : left}px`;
      node.style.top = `${inner.top - outer.top + 8}px`;
    },
    hide() {
      node.hidden = true;
      setText(node, "");
    },
    destroy: () => node.remove(),
  };
}
