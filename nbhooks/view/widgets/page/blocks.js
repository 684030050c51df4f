// The contents of a section: texts, tables, bars, code, choices and entries, updated in place.
import { updateCell } from "./cell.js";
import { arrange, make, setAttribute, setText } from "./dom.js";

const PATIENCE = 3000; // ms for which a choice stands although the kernel has not answered yet

/** Entries that have a key each, even where two were given the same one. */
export function distinct(rows) {
  const seen = new Map();
  return rows.map((row) => {
    const name = String(row.key ?? "");
    seen.set(name, (seen.get(name) ?? 0) + 1);
    return { ...row, key: `${seen.get(name)} ${name}` };
  });
}

const isNumber = (cell) => cell?.kind === "number";

/** Place the cells of a row: as many elements as there are cells. */
function fillRow(row, tag, cells, update) {
  const items = cells.map((cell, i) => ({ cell, i }));
  arrange(row, items, {
    key: ({ i }) => i,
    create: () => make(tag),
    update: (node, { cell }) => update(node, cell),
  });
}

const text = {
  create: () => make("p", "text"),
  update(node, { text: words, level, title }) {
    setText(node, words);
    setAttribute(node, "title", title || null);
    setAttribute(node, "data-level", level || null);
  },
};

const code = {
  create: () => make("pre", "code", { tabindex: 0 }),
  update: (node, { text: words }) => setText(node, words),
};

const table = {
  create() {
    const heads = make("tr");
    const inner = make("table", "table", {}, make("thead", "", {}, heads), make("tbody"));
    return make("div", "tabular", {}, make("div", "scroll", {}, inner), make("p", "text"));
  },
  update(node, { heads = [], rows = [], more = "" }) {
    const [head, body] = node.firstChild.firstChild.children;
    head.hidden = !heads.length;
    fillRow(head.firstChild, "th", heads, (cell, words) => setText(cell, words));
    const numbers = new Set(rows[0]?.cells.flatMap((cell, i) => (isNumber(cell) ? [i] : [])));
    [...head.firstChild.children].forEach((cell, i) =>
      setAttribute(cell, "data-form", numbers.has(i) ? "number" : null));
    arrange(body, distinct(rows), {
      key: (row) => row.key,
      create: () => make("tr"),
      update(row, { state, cells }) {
        setAttribute(row, "data-state", state || null);
        fillRow(row, "td", cells, updateCell);
      },
    });
    setText(node.lastChild, more);
    setAttribute(node.lastChild, "data-level", "muted");
    node.lastChild.hidden = !more;
  },
};

const bar = {
  create: () => make("div", "bar", { role: "progressbar" }, make("div", "progress-bar")),
  update(node, { value, max }) {
    const share = max > 0 ? Math.min(Math.max(value / max, 0), 1) : null;
    setAttribute(node, "aria-valuenow", share === null ? null : Math.floor(share * 100));
    setAttribute(node, "data-unknown", share === null);
    node.firstChild.style.transform = share === null ? "" : `scaleX(${share})`;
  },
};

const choice = {
  create(_, choose) {
    const select = make("select", "field");
    select.addEventListener("change", () => {
      select.chosen = { value: select.value, until: Date.now() + PATIENCE };
      choose(select.dataset.name, select.value);
    });
    return make("div", "choice", {}, select);
  },
  update(node, { name, options, value }) {
    const select = node.firstChild;
    select.dataset.name = name;
    setAttribute(select, "aria-label", name);
    const items = options.map(([key, label]) => ({ key, label }));
    arrange(select, distinct(items), {
      key: (item) => item.key,
      create: () => document.createElement("option"),
      update: (option, { key, label }) => {
        option.value = key.slice(key.indexOf(" ") + 1); // without the number that makes it distinct
        setText(option, label);
      },
    });
    const { chosen } = select;
    const pending = chosen && chosen.value !== value && Date.now() < chosen.until;
    if (!pending) select.value = value;
  },
};

const entry = {
  create(_, choose) {
    const line = make("input", "field", { type: "text" });
    const act = make("button", "button", { type: "submit" });
    const form = make("form", "entry", {}, line, act);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (!line.value.trim()) return;
      choose(form.dataset.name, line.value);
      line.value = "";
    });
    return form;
  },
  update(form, { name, label, hint }) {
    const [line, act] = form.children;
    form.dataset.name = name;
    setAttribute(line, "placeholder", hint);
    setAttribute(line, "aria-label", `${label}: ${hint}`);
    setText(act, label);
  },
};

const KINDS = { text, table, bar, code, choice, entry };

/** Show blocks in `node`; choose(name, value) is called when one of several values is chosen. */
export function updateBlocks(node, blocks, choose) {
  const numbered = distinct(blocks.filter((block) => Object.hasOwn(KINDS, block?.type))
    .map((block) => ({ block, key: block.type })));
  arrange(node, numbered, {
    key: (item) => item.key,
    create: ({ block }) => KINDS[block.type].create(block, choose),
    update: (child, { block }) => KINDS[block.type].update(child, block),
  });
}
