// The kernel's messages, applied to what a page knows.
import assert from "node:assert/strict";
import { test } from "node:test";
import { continued, continuedLog, EMPTY_LOG } from "../../nbhooks/view/widgets/page/lists.js";
import { createMemory } from "../../nbhooks/view/widgets/page/memory.js";
import { createStore } from "../../nbhooks/view/widgets/page/state.js";

const FULL = {
  type: "update", full: true, now: 1000, parts: ["p0"],
  heads: { p0: { state: "running", step: 1, rate: "" } },
  cards: { p0: { from: 0, list: [{ key: "k0" }, { key: "k1" }] } },
  sections: { p0: { from: 0, list: [{ key: "a", title: "A", news: "old" }] } },
};

/** The bytes of bins as the kernel packs them, at an odd place of a larger buffer. */
function packed(...lines) {
  const size = lines.reduce((sum, steps) => sum + 24 * steps.length, 0);
  const view = new DataView(new ArrayBuffer(size + 8), 3, size);
  let at = 0;
  for (const steps of lines) {
    for (let i = 0; i < steps.length; i += 1) {
      view.setFloat64(at + 8 * i, steps[i], true);
      view.setFloat64(at + 8 * (steps.length + i), steps[i] + 0.5, true);
      view.setFloat32(at + 16 * steps.length + 4 * i, steps[i] / 2, true);
      view.setFloat32(at + 20 * steps.length + 4 * i, steps[i] / 2, true);
    }
    at += 24 * steps.length;
  }
  return view;
}

function started(sent = []) {
  const store = createStore((content) => sent.push(content));
  const received = [];
  store.on((changes) => received.push(changes));
  store.apply(structuredClone(FULL));
  return { store, received };
}

test("a full update is all there is", () => {
  const { store, received } = started();
  assert.equal(store.known, true);
  assert.deepEqual(store.parts, ["p0"]);
  assert.equal(store.part("p0").head.state, "running");
  assert.ok(Math.abs(store.clock() - 1000) < 1);
  assert.equal(received.at(-1).full, true);
  store.apply({ ...FULL, cards: {}, log: { from: 0, list: ["a"] } });
  store.apply({ ...FULL, cards: {} });
  assert.deepEqual(store.part("p0").cards, []);
  assert.deepEqual(store.log, EMPTY_LOG);
});

test("of a known head only what has changed comes", () => {
  const { store, received } = started();
  store.apply({ type: "update", heads: { p0: { step: 2 } } });
  assert.deepEqual(store.part("p0").head, { state: "running", step: 2, rate: "" });
  assert.deepEqual([...received.at(-1).heads], ["p0"]);
  assert.equal(received.at(-1).parts, false);
});

test("lists go on where they ended, and news join what is known", () => {
  const { store } = started();
  store.apply({ type: "update", cards: { p0: { from: 2, list: [{ key: "k2" }] } },
    news: { p0: { a: "new", gone: "?" } } });
  assert.deepEqual(store.part("p0").cards.map(({ key }) => key), ["k0", "k1", "k2"]);
  assert.deepEqual(store.part("p0").sections, [{ key: "a", title: "A", news: "new" }]);
  assert.equal(continued([1], { from: 2, list: [3] }), null);
  assert.deepEqual(continued([1, 2], { list: [3] }), [3]);
});

test("parts that are not named any more are gone", () => {
  const { store } = started();
  store.apply({ type: "update", parts: ["p0", "p1"], heads: { p1: { state: "waiting" } } });
  assert.equal(store.part("p0").head.state, "running");
  store.apply({ type: "update", parts: ["p1"] });
  assert.equal(store.part("p0").head, null);
  assert.equal(store.part("p1").head.state, "waiting");
});

test("the points of several cards lie one after the other", () => {
  const { store, received } = started();
  const entry = { part: "p0", generation: 1, from: 0 };
  store.apply({ type: "update", points: [
    { ...entry, card: "k0", count: 2 },
    { ...entry, part: "gone", card: "k0", count: 1 },
    { ...entry, card: "k1", line: 1, count: 1 },
  ] }, [packed([1, 2], [7], [3])]);
  const { points } = store.part("p0");
  assert.deepEqual(Array.from(points.get("k0")[0].x).slice(0, 2), [1, 2]);
  assert.equal(points.get("k1")[1].x[0], 3);
  assert.deepEqual([...received.at(-1).points.get("p0")], ["k0", "k1"]);
});

test("what does not fit is reported, and the rest is taken", () => {
  const { store } = started();
  let misfits = 0;
  store.misfit = () => { misfits += 1; };
  store.apply({ type: "update", heads: { p0: { step: 9 } },
    points: [{ part: "p0", card: "k0", from: 5, count: 1, generation: 1 }] }, [packed([1])]);
  store.apply({ type: "update", points: [{ part: "p0", card: "k0", count: 9 }] }, [packed([1])]);
  store.apply({ type: "update", cards: { p0: { from: 7, list: [] } } });
  assert.equal(misfits, 3);
  assert.equal(store.part("p0").head.step, 9);
  assert.equal(store.part("p0").cards.length, 2);
});

test("cards that are replaced lose their points", () => {
  const { store } = started();
  store.apply({ type: "update", points: [{ part: "p0", card: "k0", count: 1 }] }, [packed([1])]);
  store.apply({ type: "update", cards: { p0: { from: 0, list: [{ key: "k9" }] } } });
  assert.equal(store.part("p0").points.size, 0);
});

test("the chooser is merged, and taken away by null", () => {
  const { store } = started();
  store.apply({ type: "update", chooser: { first: 0, step: null } });
  store.apply({ type: "update", chooser: { step: 7 } });
  assert.deepEqual(store.chooser, { first: 0, step: 7 });
  store.apply({ type: "update", chooser: null });
  assert.equal(store.chooser, null);
});

test("what is no message of a board is ignored", () => {
  const { store, received } = started();
  const before = received.length;
  store.apply({ type: "else" });
  store.apply(null);
  assert.equal(received.length, before);
  store.apply({ type: "sought" });
  assert.equal(received.at(-1).sought, true);
});

test("a log keeps its last lines and counts the others", () => {
  let log = continuedLog(EMPTY_LOG, { from: 0, list: ["a", "b", "c"] }, 4);
  log = continuedLog(log, { from: 3, list: ["d", "e"] }, 4);
  assert.deepEqual([log.from, log.list], [1, ["b", "c", "d", "e"]]);
  assert.deepEqual(continuedLog(log, { from: 4, list: ["x"] }, 4).list, ["b", "c", "d", "x"]);
  const later = { from: 9, list: ["y"] };
  assert.deepEqual(continuedLog(log, later, 4), { ...log, ...later });
  assert.deepEqual(continuedLog(log, { note: "n" }, 4), { ...log, note: "n" });
});

test("memory gives what was set, to all who listen", () => {
  const memory = createMemory();
  const received = [];
  const off = memory.on("a", (value) => received.push(value));
  assert.equal(memory.get("a", 1), 1);
  memory.set("a", undefined);
  memory.set("b", 3);
  off();
  memory.set("a", 4);
  assert.deepEqual(received, [undefined]);
  assert.equal(memory.get("a", 1), 4);
});
