// What the parts of the board make of what they are given: words, orders, forms, drawings.
import assert from "node:assert/strict";
import { test } from "node:test";
import { keyed, worst } from "../../nbhooks/view/widgets/page/attention.js";
import { distinct } from "../../nbhooks/view/widgets/page/blocks.js";
import { formOf, isImage } from "../../nbhooks/view/widgets/page/cell.js";
import { sifted } from "../../nbhooks/view/widgets/page/chooser.js";
import * as head from "../../nbhooks/view/widgets/page/head.js";
import { levelOf, matches, newsOf } from "../../nbhooks/view/widgets/page/log.js";
import { openAtFirst } from "../../nbhooks/view/widgets/page/sections.js";
import { barsPath, linePath } from "../../nbhooks/view/widgets/page/spark.js";
import { createTitle, urgent } from "../../nbhooks/view/widgets/page/title.js";
import { placed } from "../../nbhooks/view/widgets/page/view.js";

test("the head names only what there is", () => {
  assert.equal(head.stepWords({ step: 1234, until: 5000 }), "step 1,234 of 5,000");
  assert.equal(head.stepWords({ step: 0, until: null }), "step 0");
  assert.equal(head.stepWords({ step: null }), "");
  assert.equal(head.leftWords({ progress: 0.2599, left: "3 s" }), "25 % · 3 s left");
  assert.equal(head.leftWords({ progress: null, left: "" }), "");
  assert.equal(head.ageWords(900, 942), "42 s ago");
  assert.equal(head.ageWords(900, null), "");
  assert.equal(head.ageWords(undefined, 1), "");
});

test("a silence is worth a word where a session is live", () => {
  assert.equal(head.silenceWords({ state: "running" }, 9), "");
  assert.equal(head.silenceWords({ state: "running" }, 75.3), "no report for 1 min 15 s");
  assert.equal(head.silenceWords({ state: "finished" }, 75), "");
});

test("the worst alerts are shown, and of equals the latest", () => {
  const entries = keyed([["error", "a"], ["info", "b"], ["warning", "c"], ["warning", "d"],
    ["warning", "d"]].map(([level, title]) => ({ level, title })));
  assert.deepEqual(worst(entries).map(({ title }) => title), ["a", "d", "d"]);
  assert.equal(new Set(entries.map(({ key }) => key)).size, 5);
});

test("rows have keys of their own", () => {
  const keys = distinct([{ key: "a" }, { key: "a" }, {}]).map(({ key }) => key);
  assert.equal(new Set(keys).size, 3);
});

test("a cell's form is what it holds", () => {
  assert.deepEqual(formOf("a"), ["text", { text: "a" }]);
  assert.deepEqual(formOf(null), ["text", { text: "" }]);
  assert.equal(formOf({ text: 3, kind: "number" })[1].text, "3");
  assert.equal(formOf({ text: "a", kind: "constructor" })[0], "text");
  assert.equal(formOf({ trend: [1, 2] })[0], "trend");
  assert.equal(formOf({ image: "data:image/png;base64,AAAA" })[0], "image");
  assert.equal(formOf({ image: "https://example.org/a.png" })[0], "text");
});

test("only the data of an image is one", () => {
  assert.ok(isImage("data:image/jpeg;base64,/9j+A=="));
  for (const source of ["data:image/svg+xml;base64,AAAA", "data:text/html;base64,AAAA", "/a.png",
    "data:image/png;base64,AAAA\" onerror=\"x", " data:image/png;base64,AAAA", null, {}]) {
    assert.ok(!isImage(source), String(source));
  }
});

test("sections that the head does not stand for are open, the first few", () => {
  const kinds = ["steps", "tensors", "nan", "checkpoints", "summaries"];
  assert.deepEqual([...openAtFirst(kinds.map((kind) => ({ kind, key: kind })))],
    ["tensors", "checkpoints"]);
});

test("lines of a log have levels and can be looked for", () => {
  const lines = ["WARNING:tensorflow:a", "ERROR:x", "INFO:tensorflow:WARN", "E0101 1"];
  assert.deepEqual(lines.map(levelOf), ["warning", "error", "", "error"]);
  assert.ok(matches("Loss = 1", "lOSS"));
  assert.ok(matches("Loss", ""));
  assert.ok(!matches("Loss", "acc"));
  assert.equal(newsOf({ from: 4000, list: Array.from({ length: 1000 }), dropped: 4000 }),
    "5,000 lines, the last 1,000 kept");
  assert.equal(newsOf({ from: 0, list: ["a"], dropped: 0 }), "1 line");
  assert.equal(newsOf({ from: 0, list: [], dropped: 0 }), "");
});

test("runs are sifted by a part of their names", () => {
  assert.deepEqual(sifted([{ name: "run A" }, { name: "b" }], "RUN"), [{ name: "run A" }]);
});

test("a trend goes through its numbers, and has gaps", () => {
  assert.equal(linePath([0, 1], 11, 11), "M1.5 9.5L9.5 1.5");
  assert.equal(linePath([1, null, 1, 1], 11, 10), "M1.5 5M6.8 5L9.5 5");
  assert.equal(linePath([1], 10, 10), "");
  assert.equal(linePath(["NaN", "Infinity", 2], 10, 10), "");
});

test("bars are as high as their shares, within the drawing", () => {
  assert.equal(barsPath([0.5, 0, 7], 30, 10), "M0 10v-5h10v5zM20 10v-10h10v10z");
  assert.equal(barsPath(["x", NaN, -1], 30, 10), "");
});

test("of live sessions the latest has the head, of several saved runs none", () => {
  assert.deepEqual(placed(["a", "b"], false), { latest: "b", others: ["a"] });
  assert.deepEqual(placed(["a", "b"], true), { latest: null, others: ["a", "b"] });
  assert.deepEqual(placed(["a"], true), { latest: "a", others: [] });
  assert.deepEqual(placed([], false), { latest: null, others: [] });
});

test("the title is given back exactly, whatever boards have said in it", () => {
  const page = { title: "notebook" };
  const [one, two] = [createTitle(page), createTitle(page)];
  one("⚠ first");
  two("⚠ second");
  assert.equal(page.title, "⚠ first · notebook");
  one("");
  assert.equal(page.title, "⚠ second · notebook");
  two("");
  assert.equal(page.title, "notebook");
});

test("a title that somebody else has set meanwhile is kept", () => {
  const page = { title: "notebook" };
  const show = createTitle(page);
  show("⚠ a");
  page.title = "other";
  show("⚠ a");
  assert.equal(page.title, "⚠ a · other");
  page.title = "third";
  show("");
  assert.equal(page.title, "third");
});

test("what is urgent comes first", () => {
  const parts = {
    p0: { head: { state: "finished" }, attention: [{ level: "info", title: "b" }] },
    p1: { head: { state: "paused", words: "paused at step 3" },
      attention: [{ level: "warning", title: "a" }] },
    p2: { head: { state: "died", words: "died of X" }, attention: [] },
  };
  const store = { parts: Object.keys(parts), part: (key) => parts[key] };
  assert.deepEqual(urgent(store), ["✖ died of X", "⚠ a", "⏸ paused at step 3", "● b"]);
});
