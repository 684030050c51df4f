// One view of a board: what stands where. A model may have several, drawn from one state.
import { createAttention } from "./attention.js";
import { createChooser } from "./chooser.js";
import { arrange, keepKeys, make } from "./dom.js";
import { createHead } from "./head.js";
import { createLog } from "./log.js";
import { createFolded, createLatest } from "./part.js";
import { createSight } from "./sight.js";
import { createStepper } from "./stepper.js";

/**
 * The part that the head is of, if any, and the others, each with a line of its own.
 *
 * Of live sessions the latest matters. Saved runs are equals, so none of several is the latest.
 */
export function placed(parts, saved) {
  if (saved && parts.length > 1) return { latest: null, others: parts };
  return { latest: parts.at(-1) ?? null, others: parts.slice(0, -1) };
}

/** The parts: made when they come, and closed when they go or take another place. */
function createParts(context, node, create) {
  const made = new Map();
  return {
    arrange(keys) {
      for (const [key, part] of made) {
        if (keys.includes(key)) continue;
        part.destroy();
        made.delete(key);
      }
      arrange(node, keys, { key: (key) => key, create: (key) => {
        made.set(key, create(context, key));
        return made.get(key).node;
      } });
      node.hidden = !keys.length;
    },
    update: (changes) => made.forEach((part) => part.update(changes)),
    destroy: () => made.forEach((part) => part.destroy()),
  };
}

/** Where a fault of the page is shown: the rest of the board goes on. */
function createFaults() {
  const node = make("div", "alert page-fault", { "data-level": "error", role: "alert" });
  node.hidden = true;
  const guard = (act) => {
    try {
      act();
    } catch (error) {
      console.error(error);
      node.hidden = false;
      node.textContent = `The page could not draw this: ${error}`;
    }
  };
  return { node, guard };
}

/** Show a board in `root`; returns a function that takes it away. */
export function createView({ store, memory, report }, root) {
  root.classList.add("nbhooks-board", "nbhooks-live");
  const sight = createSight(report);
  const context = { store, memory, sight, root };
  const [head, attention] = [createHead(context), createAttention(context)];
  const stepper = createStepper(context);
  const [latest, earlier] = [make("div", "latest"), make("div", "earlier")];
  const top = make("div", "top", {}, head.node, stepper.node);
  const { node: fault, guard } = createFaults();
  const current = createParts(context, latest, createLatest);
  const others = createParts(context, earlier, (one, key) =>
    createFolded(one, key, store.chooser !== null));
  const [chooser, log] = [createChooser(context), createLog(context)];
  const pieces = [head, stepper, attention, chooser, current, log, others];
  root.append(top, fault, attention.node, chooser.node, latest, log.node, earlier);
  const place = () => {
    const saved = store.chooser !== null;
    const where = placed(store.parts, saved);
    head.node.hidden = where.latest === null && saved;
    head.show(where.latest ?? "");
    attention.show(where.latest ?? "");
    current.arrange(where.latest === null ? [] : [where.latest]);
    others.arrange(where.others);
  };
  const off = store.on((changes) => {
    if (changes.full || changes.parts || changes.chooser) guard(place);
    for (const piece of pieces) guard(() => piece.update(changes));
  });
  const keys = new AbortController();
  keepKeys(root, () => {}, keys.signal);
  guard(place);
  return () => {
    off();
    keys.abort();
    for (const piece of pieces) piece.destroy();
    sight.destroy();
    root.replaceChildren();
  };
}
