// Chooses among saved runs: which are compared, in which colour, by which tag, and which are shown.
import { arrange, button, make, nameLabel, setAttribute, setText } from "./dom.js";
import { whole } from "./format.js";
import { hueColour } from "./theme.js";

const FILTER_FROM = 9; // runs from which a filter is worth its place

/** What is being watched, and the way out. */
function createWatch(send) {
  const status = make("span", "watch-status", { role: "status", tabindex: -1 });
  const stop = button("button", "stop watching", {}, () => send({ type: "stop", chooser: true }));
  const node = make("div", "chooser-line", {}, status, stop);
  return { node, show(state) {
    node.hidden = !state.status;
    setText(status, state.status ?? "");
    if (!state.watching && stop.matches(":focus")) status.focus(); // rather than nowhere
    stop.hidden = !state.watching;
  } };
}

function createRun(send, { name }) {
  const check = make("input", "check", { type: "checkbox" });
  const label = make("label", "run-label", {}, check, make("span", "run-swatch"), nameLabel(name));
  const open = button("button panels", "show", { "aria-label": `show ${name}` }, () =>
    send({ type: "panels", run: name, on: open.getAttribute("aria-pressed") !== "true" }));
  check.addEventListener("change", () => send({ type: "compare", run: name, on: check.checked }));
  return make("div", "run", {}, label, open);
}

function updateRun(node, { hue, open }, full) {
  const [label, shown] = node.children;
  const [check, swatch] = label.children;
  check.checked = hue !== null;
  check.disabled = full && hue === null;
  setAttribute(node, "data-compared", hue !== null);
  swatch.style.background = hue === null ? "" : hueColour(hue);
  setAttribute(shown, "aria-pressed", String(Boolean(open)));
}

/** The runs whose name has the words looked for, in any case. */
export function sifted(runs, wanted) {
  const words = wanted.toLowerCase();
  return runs.filter(({ name }) => name.toLowerCase().includes(words));
}

/** The runs: which are compared, in which colour, and which are shown. */
function createRuns(send, memory) {
  const filter = make("input", "field run-filter", { type: "search", placeholder: "filter runs",
    "aria-label": "filter runs" });
  const [count, note] = [make("span", "run-count"), make("span", "run-note")];
  const list = make("div", "run-list", { tabindex: -1 });
  const node = make("div", "runs", { role: "group", "aria-label": "runs" },
    make("div", "chooser-line", {}, count, filter, note), list);
  let last = { runs: [], most: 0 };
  const draw = () => {
    const { runs, most } = last;
    const shown = sifted(runs, memory.get("chooser/filter", ""));
    const compared = runs.filter(({ hue }) => hue !== null).length;
    node.hidden = runs.length < 2;
    filter.hidden = runs.length < FILTER_FROM;
    setText(count, `${whole(runs.length)} runs, ${compared} compared`);
    const full = compared >= most;
    setText(note, full && runs.length > most ? `${most} at most are compared at once` : "");
    arrange(list, shown, {
      key: ({ name }) => name,
      create: (run) => createRun(send, run),
      update: (row, run) => updateRun(row, run, full),
    });
  };
  filter.value = memory.get("chooser/filter", "");
  filter.addEventListener("input", () => memory.set("chooser/filter", filter.value));
  const off = memory.on("chooser/filter", (words) => {
    if (filter.value !== words) filter.value = words;
    draw();
  });
  return { node, off, show(state) {
    last = { runs: state.runs ?? [], most: state.most ?? 0 };
    draw();
  } };
}

/** The tag that is compared. */
function createTag(send) {
  const select = make("select", "field", { "aria-label": "tag to compare" });
  const node = make("label", "chooser-line", {}, make("span", "step-label", {}, "compare"), select);
  select.addEventListener("change", () => send({ type: "tag", tag: select.value }));
  return { node, show({ runs = [], tags = [], tag = "" }) {
    node.hidden = runs.length < 2 || !tags.length;
    arrange(select, tags, {
      key: (name) => name,
      create: (name) => new Option(name, name),
    });
    select.value = tag;
  } };
}

/** The choice among saved runs; hidden on a board of live sessions. */
export function createChooser({ store, memory }) {
  const send = (content) => store.send(content);
  const runs = createRuns(send, memory);
  const pieces = [createWatch(send), runs, createTag(send)];
  const node = make("div", "chooser", {}, ...pieces.map((piece) => piece.node));
  const draw = () => {
    const { chooser } = store;
    for (const piece of chooser ? pieces : []) piece.show(chooser);
    node.hidden = !chooser || pieces.every((piece) => piece.node.hidden);
  };
  draw();
  return {
    node,
    update: (changes) => (changes.full || changes.chooser) && draw(),
    destroy: runs.off,
  };
}
