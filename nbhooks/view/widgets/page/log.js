// The log: its last lines, in pieces that are laid out once, with a filter and a copy button.
import { button, copyText, make, setText } from "./dom.js";
import { createFold } from "./fold.js";
import { whole } from "./format.js";
import { LINES } from "./lists.js";

const PIECE = 50; // lines of one element
const BOTTOM = 8; // px from the end at which a reader counts as being there
const THANKS = 1500; // ms for which a button says that it has copied
const LEVELS = [[/^(?:E\d{4} |ERROR|CRITICAL|FATAL)/, "error"], [/^(?:W\d{4} |WARN)/, "warning"]];

/** How bad a line is, by its beginning; "" for most. */
export const levelOf = (line) => LEVELS.find(([begin]) => begin.test(line))?.[1] ?? "";

/** Whether a line has the words that are looked for, in any case. */
export const matches = (line, wanted) =>
  !wanted || line.toLowerCase().includes(wanted.toLowerCase());

/** The head's words for what a log holds; until it is seen only its last line is here. */
export function newsOf({ from, list, dropped }) {
  const total = from + list.length;
  if (!total) return "";
  const lines = `${whole(total)} line${total === 1 ? "" : "s"}`;
  return dropped ? `${lines}, the last ${whole(total - dropped)} kept` : lines;
}

function write(piece, line) {
  const level = levelOf(line);
  const text = `${line}\n`;
  piece.lines += 1;
  if (level) piece.append(make("span", "log-line", { "data-level": level }, text));
  else if (piece.lastChild instanceof Text) piece.lastChild.appendData(text); // keeps a selection
  else piece.append(text);
}

/** The lines in pieces: new ones go behind, and only what they go into is laid out again. */
function createPieces() {
  const node = make("div", "log-lines", { tabindex: 0, role: "log", "aria-live": "off",
    "aria-label": "lines of the log" });
  let atEnd = true;
  node.addEventListener("scroll", () => {
    atEnd = node.scrollHeight - node.scrollTop - node.clientHeight <= BOTTOM;
  }, { passive: true });
  const toEnd = () => atEnd && node.scrollTo(0, node.scrollHeight);
  const add = (lines) => {
    for (const line of lines) {
      if ((node.lastChild?.lines ?? PIECE) >= PIECE) {
        node.append(Object.assign(make("pre", "log-piece"), { lines: 0 }));
      }
      write(node.lastChild, line);
    }
    while (node.childElementCount > LINES / PIECE + 1) node.firstChild.remove();
    if (lines.length) toEnd();
  };
  const clear = () => {
    node.replaceChildren();
    atEnd = true;
  };
  return { node, add, clear, toEnd };
}

/** The lines that have the words looked for; `draw` adds what is new since it was called last. */
function createTail(store, found) {
  const pieces = createPieces();
  let [first, next, last, wanted] = [0, 0, "", ""];
  const draw = () => {
    const { from, list } = store.log;
    const known = next - from; // lines of the list that are drawn; beyond it, another log has begun
    const earlier = from < first; // than those drawn: until it was seen only the last line was here
    const other = earlier || known > list.length || (known > 0 && list[known - 1] !== last);
    if (other || !next) first = from;
    if (other) pieces.clear();
    const lines = list.slice(other ? 0 : Math.max(0, known));
    [next, last] = [from + list.length, list.at(-1)];
    pieces.add(lines.filter((line) => matches(line, wanted)));
    const hits = wanted ? list.filter((line) => matches(line, wanted)).length : 0;
    setText(found, wanted ? `${whole(hits)} of ${whole(list.length)}` : "");
  };
  const sift = (words) => {
    wanted = words;
    next = 0;
    pieces.clear();
    draw();
  };
  return { node: pieces.node, draw, sift, toEnd: pieces.toEnd };
}

function createCopy(store) {
  const copy = button("button", "Copy all", {}, async () => {
    const done = await copyText(store.log.list.join("\n"));
    setText(copy, done ? "Copied" : "Not copied");
    setTimeout(() => setText(copy, "Copy all"), THANKS);
  });
  return copy;
}

/** The log of a board. */
export function createLog({ store, memory, sight }) {
  const filter = make("input", "field", { type: "search", placeholder: "filter lines",
    "aria-label": "filter the log's lines" });
  const found = make("span", "log-found", { role: "status" });
  const note = make("p", "text", { "data-level": "muted" });
  const tail = createTail(store, found);
  let visible = false;
  const draw = () => visible && fold.isOpen() && tail.draw();
  const fold = createFold({ memory, name: "log/open", kind: "section", act: draw });
  const bar = make("div", "log-bar", {}, filter, found, createCopy(store));
  fold.body.append(note, bar, tail.node);
  const sift = (words) => {
    if (filter.value !== words) filter.value = words;
    tail.sift(words);
  };
  filter.addEventListener("input", () => memory.set("log/filter", filter.value));
  const stop = sight.watch(fold.body, "log", true, (now) => {
    visible = now;
    draw();
    if (now) tail.toEnd();
  });
  const offs = [memory.on("log/filter", sift), fold.destroy, stop];
  const update = () => {
    fold.node.hidden = !store.log.list.length && !store.log.note;
    fold.show("Log", newsOf(store.log));
    setText(note, store.log.note);
    note.hidden = !store.log.note;
    bar.hidden = tail.node.hidden = !store.log.list.length;
    draw();
  };
  fold.apply();
  sift(memory.get("log/filter", ""));
  update();
  return {
    node: fold.node,
    update: (changes) => (changes.full || changes.log) && update(),
    destroy: () => offs.forEach((off) => off()),
  };
}
