// What is read at a place, and what a card says besides its chart.

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  atCursor, labelOf, latestOf, marksOf, noteOf,
} from "../../nbhooks/view/widgets/page/latest.js";
import { describe, stops, valueAt } from "../../nbhooks/view/widgets/page/reading.js";
import { traceOf } from "../../nbhooks/view/widgets/page/series.js";
import { line, series } from "./bins.js";

const plot = { X: (x) => x, inView: () => true };
const chart = (bins, { name = "", marks = [], weight = 0 } = {}) => {
  const trace = traceOf(series(bins), "step", weight);
  return { axis: "step", marks, plot, lines: [{ name, hue: 0, trace }] };
};
const said = (one, place) => describe(one, place).said;

test("the nearest bin is read, with its step and times", () => {
  const reading = describe(chart(line(1 / 3, 2, 3)), 3);
  assert.deepEqual(reading.rows.map(({ value }) => value), ["0.33333"]);
  assert.equal(reading.place, 0);
  assert.equal(reading.heading[0], "step 0");
  assert.equal(reading.heading[1], "after 0 s");
  assert.equal(reading.said, "step 0; 0.33333");
});

test("a bin of many values is read from low to high, the smoothed value first", () => {
  assert.equal(said(chart([[0, 0, 1, 3]]), 0), "step 0; 1 to 3");
  assert.equal(said(chart([[0, 0, 1, 3]], { weight: 0.5 }), 0), "step 0; 2 (1 to 3)");
});

test("lines that have no bin there are read at the nearest they have", () => {
  const one = chart(line(1, 2, 3), { name: "a" });
  one.lines.push({ name: "b", hue: 1, trace: traceOf(series([[15, 0, 9, 9]]), "step", 0) });
  assert.equal(said(one, 20), "step 20; a: 3; b: 9 at 15");
});

test("after a restart the newer value is read", () => {
  const bins = [[0, 0, 1, 1], [10, 1, 2, 2], [20, 2, 3, 3], [10, 3, 8, 8], [22, 4, 9, 9]];
  assert.equal(said(chart(bins), 10), "step 10; 8");
  assert.equal(said(chart(bins), 20), "step 22; 9");
});

test("marks close to the cursor are listed", () => {
  const marks = [{ kind: "checkpoint", text: "model.ckpt-10", place: 10 },
    { kind: "nonfinite", text: "", place: 12 }, { kind: "restart", text: "", place: 17 }];
  assert.equal(said(chart(line(1, 2, 3), { marks }), 10),
    "step 10; 2; model.ckpt-10: checkpoint; NaN or Inf at 12");
});

test("what is not finite is said to be so", () => {
  assert.equal(said(chart(line(1, NaN)), 10), "step 10; NaN or Inf");
  assert.equal(valueAt(traceOf(series(line(1, NaN)), "step", 0), 9), "NaN or Inf");
});

test("where there is nothing, nothing is read", () => {
  assert.equal(describe(chart([]), 5), null);
});

test("the arrow keys stop at bins and marks in order", () => {
  const marks = [{ kind: "checkpoint", text: "", place: 5 },
    { kind: "restart", text: "", place: 10 }];
  assert.deepEqual(stops(chart(line(1, 2), { marks })), [0, 5, 10]);
});

test("the latest value is the latest point's, finite or not", () => {
  const one = series([[0, 7, 1, 1], [10, 9, 1, 5]], { last: "NaN", step: 12 });
  assert.deepEqual(latestOf(one, "step"), { value: "NaN", place: 12, finite: false });
  assert.equal(latestOf(one, "relative").place, 2);
  assert.equal(latestOf(undefined, "step"), null);
  assert.equal(latestOf(series([[0, 7, 1, 3]]), "step").value, "2");
});

test("marks stand on the axis of the first line, NaN on their own", () => {
  const trace = traceOf(series(line(1, NaN, 3), { nonfinite: [10] }), "relative", 0);
  const marks = marksOf([trace], { restarts: [], checkpoints: [[20, "ckpt"]], cursor: 10 });
  assert.deepEqual(marks.map(({ kind, place }) => [kind, place]),
    [["checkpoint", 2], ["nonfinite", 1], ["cursor", 1]]);
  const bins = [...line(1, 2, 3), [10, 60, 4, 4]];
  const again = traceOf(series(bins), "relative", 0);
  const [restart] = marksOf([again], { restarts: [8], checkpoints: [], cursor: null });
  assert.equal(restart.place, 60);
  assert.deepEqual(marksOf([], { restarts: [1], checkpoints: [], cursor: null }), []);
});

test("at a cursor the value is the one when its step was passed last", () => {
  const trace = traceOf(series(line(1, 2, NaN, 4), { last: 4, step: 30 }), "step", 0);
  const values = [-1, 0, 14, 20, 99].map((step) => atCursor(trace, step)?.value ?? null);
  assert.deepEqual(values, [null, "1", "2", "NaN or Inf", "4"]);
  assert.equal(atCursor(trace, 14).place, 10);
  const label = labelOf({ tag: "loss", axis: "step", message: "", note: "", cursor: 14,
    latest: [{ name: "", last: atCursor(trace, 14) }] });
  assert.ok(label.includes("over the global step. as of step 14. 2 at 10. Left"));
});

test("what is left out is noted", () => {
  const trace = traceOf(series(line(1), { nonfinite_count: 1200, thinned: 2 }), "step", 0);
  assert.equal(noteOf({ leftOut: 1 }, [trace]),
    "1,200 NaN or Inf · 1 bin ≤ 0 left out · 1 of 2 points kept");
  assert.equal(noteOf({ leftOut: 0 }, []), "");
});

test("a screen reader is given the latest values", () => {
  const label = labelOf({ tag: "loss", axis: "step", message: "", note: "",
    latest: [{ name: "a", last: { value: "2", place: 1000 } }] });
  assert.ok(label.startsWith("loss, line chart over the global step. a: last 2 at 1,000. Left"));
});
