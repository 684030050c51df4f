// What asks for attention: alerts, faults, what a session waits for. Hidden where there is nothing.
import { arrange, button, make, setAttribute, setText } from "./dom.js";

const SHOWN = 3; // the others on request
const WORDS = { error: "Error", warning: "Warning", info: "Note" };

/** Entries with keys of their own: of two that are alike each keeps its place. */
export function keyed(entries) {
  const seen = new Map();
  return entries.map((entry) => {
    const name = JSON.stringify([entry.level, entry.title]);
    seen.set(name, (seen.get(name) ?? 0) + 1);
    return { ...entry, key: `${seen.get(name)} ${name}` };
  });
}

/** The few to show of many, in their order: the worst, and of equals the latest. */
export function worst(entries, most = SHOWN) {
  const order = Object.keys(WORDS);
  const rank = ({ level }) => (order.includes(level) ? order.indexOf(level) : order.length);
  const chosen = new Set([...entries].reverse().sort((a, b) => rank(a) - rank(b)).slice(0, most));
  return entries.filter((entry) => chosen.has(entry));
}

function createEntry() {
  return make("div", "alert", {}, make("span", "alert-level"), make("b", "alert-title"),
    make("span", "alert-text"));
}

function updateEntry(node, { level, title, text }) {
  const [kind, heading, more] = node.children;
  setAttribute(node, "data-level", level in WORDS ? level : "info");
  setText(kind, WORDS[level] ?? WORDS.info);
  setText(heading, title ?? "");
  setText(more, text ?? "");
}

/** What asks for attention in the part that `show` was last called with. */
export function createAttention({ store, memory }) {
  const list = make("div", "alerts", { role: "status" });
  let part = "";
  const all = () => memory.get("attention/all", false);
  const more = button("button more", "", {}, () => memory.set("attention/all", !all()));
  const node = make("div", "attention", {}, list, more);
  const draw = () => {
    const entries = keyed(store.part(part).attention);
    const over = Math.max(0, entries.length - SHOWN);
    node.hidden = !entries.length;
    more.hidden = !over;
    setText(more, all() ? `show ${SHOWN} only` : `show ${over} more`);
    arrange(list, all() ? entries : worst(entries),
      { key: (entry) => entry.key, create: createEntry, update: updateEntry });
  };
  const off = memory.on("attention/all", draw);
  return {
    node,
    show(key) {
      part = key;
      draw();
    },
    update: (changes) => (changes.full || changes.attention.has(part)) && draw(),
    destroy: off,
  };
}
