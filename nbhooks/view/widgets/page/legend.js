// A legend: an entry for each line, which hides and shows it.

import { arrange, button, make, setAttribute, setText } from "./dom.js";
import { dashOf, hueColour } from "./theme.js";

/** An entry: a swatch, the name with its end in view, the latest value. */
function createItem(act) {
  const node = button("legend-item", "", {}, () => act(node.dataset.id));
  const name = make("span", "name", {}, make("bdi"));
  node.append(make("span", "swatch"), name, make("b", "legend-value"));
  return node;
}

function updateItem(node, { id, name, hue, hidden, value = "" }) {
  const [swatch, label, last] = node.children;
  node.dataset.id = id;
  setAttribute(node, "aria-pressed", String(!hidden));
  setAttribute(node, "title", `${hidden ? "Show" : "Hide"} ${name}`);
  setText(label.firstChild, name);
  setText(last, value);
  swatch.style.color = hueColour(hue);
  swatch.style.borderTopStyle = dashOf(hue).length ? "dashed" : "solid";
}

/** A legend; act(id) is called when an entry is clicked, made(node, entry) when one is made. */
export function createLegend(act, made = () => {}) {
  const node = make("div", "legend", { role: "group", "aria-label": "lines" });
  const create = (entry) => {
    const item = createItem(act);
    made(item, entry);
    return item;
  };
  return {
    node,
    /** Show entries: { id, name, hue, hidden, value }. */
    update(entries) {
      node.hidden = !entries.length;
      arrange(node, entries, { key: (entry) => entry.id, create, update: updateItem });
    },
  };
}
