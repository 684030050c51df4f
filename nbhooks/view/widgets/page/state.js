// What a page knows of a board: the kernel's messages, applied to a state that its views read.
import { EMPTY_LOG, continued, continuedLog } from "./lists.js";
import { appendPoints } from "./series.js";

const BIN = 24; // bytes: float64 step, float64 wall time, float32 low, float32 high
const MARKS = { restarts: [], checkpoints: [], cursor: null };

const createPart = (key) => ({
  key,
  head: null,
  attention: [],
  cards: [],
  marks: MARKS,
  sections: [],
  contents: new Map(),
  points: new Map(),
  lines: {},
});

const noChanges = () => ({
  full: false,
  parts: false,
  heads: new Set(),
  attention: new Set(),
  cards: new Set(),
  marks: new Set(),
  sections: new Set(),
  contents: new Map(),
  points: new Map(),
  lines: new Set(),
  log: false,
  chooser: false,
  sought: false,
});

const seconds = () => Date.now() / 1000;

/** Add a name to the set that a map has for a part. */
function addTo(map, part, name) {
  if (!map.has(part)) map.set(part, new Set());
  map.get(part).add(name);
}

class Store {
  constructor(send) {
    this.send = send;
    this.parts = [];
    this.log = EMPTY_LOG;
    this.chooser = null;
    this.known = false; // whether a full update has come
    this.received = seconds(); // when the last message came, by the page's clock
    this.misfit = () => {}; // called where a message does not fit what is known
    this.offset = null;
    this.byKey = new Map();
    this.listeners = new Set();
  }

  /** A part, which may be gone already: then as if nothing were known of it. */
  part(key) {
    return this.byKey.get(key) ?? createPart(key);
  }

  /** The kernel's wall time in seconds; null before it was reported. */
  clock() {
    return this.offset === null ? null : seconds() + this.offset;
  }

  on(listener) {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  apply(content, buffers = []) {
    const changes = noChanges();
    this.received = seconds();
    if (content?.type === "sought") changes.sought = true;
    else if (content?.type !== "update") return;
    else if (!this.update(content, buffers, changes)) this.misfit();
    for (const listener of this.listeners) listener(changes);
  }

  update(content, buffers, changes) {
    if (content.full) this.forget(changes);
    if (typeof content.now === "number") this.offset = content.now - seconds();
    if (content.parts) this.arrange(content.parts, changes);
    this.takeWholes(content, changes);
    const fits = ["cards", "sections"].map((kind) => this.takeLists(kind, content, changes));
    this.takeNews(content.news ?? {}, changes);
    this.takeContents(content.contents ?? {}, changes);
    const together = this.takePoints(content.points ?? [], buffers[0], changes);
    this.takeShared(content, changes);
    return fits.every(Boolean) && together;
  }

  /** Forget everything: what follows is all there is. */
  forget(changes) {
    Object.assign(this, { known: true, log: EMPTY_LOG, chooser: null, byKey: new Map() });
    Object.assign(changes, { full: true, parts: true, log: true, chooser: true });
  }

  arrange(keys, changes) {
    this.parts = keys;
    this.byKey = new Map(keys.map((key) => [key, this.part(key)]));
    changes.parts = true;
  }

  /** What comes whole, or as the keys of it that have changed. */
  takeWholes(content, changes) {
    const each = (kind, act) => {
      for (const [key, value] of Object.entries(content[kind] ?? {})) {
        if (!this.byKey.has(key)) continue;
        act(this.part(key), value);
        changes[kind].add(key);
      }
    };
    each("heads", (part, head) => { part.head = { ...part.head, ...head }; });
    each("attention", (part, list) => { part.attention = list; });
    each("marks", (part, marks) => { part.marks = { ...part.marks, ...marks }; });
    each("lines", (part, lines) => { part.lines = { ...part.lines, ...lines }; });
  }

  takeLists(kind, content, changes) {
    let fits = true;
    for (const [key, piece] of Object.entries(content[kind] ?? {})) {
      const part = this.part(key);
      const list = continued(part[kind], piece);
      if (list) part[kind] = list;
      else fits = false;
      changes[kind].add(key);
      if (kind === "cards") dropGone(part);
    }
    return fits;
  }

  takeNews(news, changes) {
    for (const [key, words] of Object.entries(news)) {
      const part = this.part(key);
      part.sections = part.sections.map((section) =>
        (Object.hasOwn(words, section.key) ? { ...section, news: words[section.key] } : section));
      changes.sections.add(key);
    }
  }

  takeContents(contents, changes) {
    for (const [key, sections] of Object.entries(contents)) {
      for (const [name, blocks] of Object.entries(sections)) {
        this.part(key).contents.set(name, blocks);
        addTo(changes.contents, key, name);
      }
    }
  }

  /** The bins of several lines, packed one after the other. */
  takePoints(entries, buffer, changes) {
    let [begin, fits] = [0, true];
    for (const entry of entries) {
      const bytes = cut(buffer, begin, BIN * entry.count);
      begin += BIN * entry.count;
      if (!this.byKey.has(entry.part)) continue;
      fits = this.takeLine(entry, bytes) && fits;
      addTo(changes.points, entry.part, entry.card);
    }
    return fits;
  }

  takeLine({ part, card, line = 0, ...entry }, bytes) {
    const { points } = this.part(part);
    const lines = points.get(card) ?? [];
    const series = bytes && appendPoints(lines[line], { part, card, line, ...entry }, bytes);
    if (series) lines[line] = series;
    points.set(card, lines);
    return Boolean(series);
  }

  takeShared({ log, chooser }, changes) {
    if (log) this.log = continuedLog(this.log, log);
    if (chooser !== undefined) this.chooser = chooser && { ...this.chooser, ...chooser };
    changes.log ||= log !== undefined;
    changes.chooser ||= chooser !== undefined;
  }
}

/** A piece of a message's buffer; null where the buffer is too short. */
function cut(buffer, begin, size) {
  if (size === 0) return new DataView(new ArrayBuffer(0));
  if (!buffer || begin + size > buffer.byteLength) return null;
  return new DataView(buffer.buffer ?? buffer, (buffer.byteOffset ?? 0) + begin, size);
}

/** Forget the points of cards that are not there any more. */
function dropGone({ cards, points }) {
  const keys = new Set(cards.map((card) => card.key));
  for (const key of points.keys()) if (!keys.has(key)) points.delete(key);
}

/** What a page knows of a board; `send` takes a message for the kernel. */
export const createStore = (send) => new Store(send);
