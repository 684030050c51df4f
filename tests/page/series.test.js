// Bins as they are received, split into attempts, smoothed, and placed on an axis.

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  appendPoints, attemptsOf, nearest, overtakenOf, placeOf, restartOf, smooth, traceOf,
} from "../../nbhooks/view/widgets/page/series.js";
import { stretches } from "../../nbhooks/view/widgets/page/outline.js";
import { series } from "./bins.js";

const list = (values, count) => [...values.subarray(0, count)];

test("bins are read at any offset, and put behind those that are kept", () => {
  const one = series([[0, 100, 1, 2], [10, 101, 3, 4]]);
  assert.deepEqual(list(one.x, one.count), [0, 10]);
  assert.deepEqual(list(one.wall, one.count), [100, 101]);
  assert.deepEqual(list(one.low, one.count), [1, 3]);
  assert.deepEqual(list(one.high, one.count), [2, 4]);
  const same = series([[20, 102, 5, 5]], { from: 1, last: 5, step: 20 }, one);
  assert.equal(same, one);
  assert.deepEqual(list(one.x, one.count), [0, 20]);
  assert.deepEqual([one.last, one.step, one.version], [5, 20, 2]);
});

test("a thousand bins have room", () => {
  const one = series(Array.from({ length: 1000 }, (_, i) => [i, i, i, i]));
  assert.equal(one.count, 1000);
  assert.equal(one.x[999], 999);
});

test("what does not fit is not taken", () => {
  const one = series([[0, 0, 1, 1]]);
  assert.equal(series([[5, 0, 1, 1]], { from: 2 }, one), null);
  assert.equal(series([[5, 0, 1, 1]], { from: 1, generation: 3 }, one), null);
  assert.equal(appendPoints(one, { from: 1, count: 2 }, new DataView(new ArrayBuffer(24))), null);
  assert.equal(one.count, 1);
  assert.equal(series([[7, 0, 1, 1]], { generation: 3 }, one).x[0], 7);
});

test("numbers that JSON has no words for are strings", () => {
  const values = ["NaN", "Infinity", "-Infinity", 2]
    .map((value) => series([[0, 0, 1, 1]], { last: value }).last);
  assert.deepEqual(values, [NaN, Infinity, -Infinity, 2]);
});

test("an attempt begins wherever the step does not grow", () => {
  assert.deepEqual(attemptsOf([0, 10, 20, 10, 20, 5], 6), [0, 3, 5]);
  assert.deepEqual(attemptsOf([], 0), []);
});

test("an attempt that goes on behind the one before begins where the kernel says so", () => {
  const bins = [[0, 0, 1, 1], [10, 1, 2, 2], [20, 9, 3, 3], [30, 10, 4, 4]];
  const trace = traceOf(series(bins, { starts: [2] }), "step", 0);
  assert.deepEqual(trace.starts, [0, 2]);
  assert.deepEqual([...trace.overtaken], [0, 0, 0, 0]);
  assert.deepEqual(stretches(trace, false), [[0, 2, 0], [2, 4, 0]]);
});

test("a bin is overtaken at or after the first step of any later attempt", () => {
  const x = [0, 10, 20, 30, 20, 30, 40, 30, 50];
  assert.deepEqual([...overtakenOf(x, 9, attemptsOf(x, 9))], [0, 0, 1, 1, 0, 1, 1, 0, 0]);
});

test("smoothing is TensorBoard's: an exponential moving average without the bias to zero", () => {
  const smoothed = smooth([1, 2, 3], 0.5);
  assert.equal(smoothed[0], 1);
  assert.ok(Math.abs(smoothed[1] - (0.25 * 1 + 0.5 * 2) / 0.75) < 1e-12);
  assert.ok(Math.abs(smoothed[2] - (0.125 * 1 + 0.25 * 2 + 0.5 * 3) / 0.875) < 1e-12);
  assert.ok([...smooth([5, 5, 5], 0.9)].every((value) => Math.abs(value - 5) < 1e-12));
});

test("smoothing passes over what is not finite, and begins anew with an attempt", () => {
  const smoothed = [...smooth([4, NaN, 4, Infinity], 0.9)].map((value) => Math.round(value));
  assert.deepEqual(smoothed, [4, NaN, 4, Infinity]);
  assert.equal(smooth([100, 100, 1], 0.99, [0, 2])[2], 1);
});

test("an axis is of steps, of seconds since the first bin, or of wall times", () => {
  const one = series([[0, 500, 1, 1], [10, 503, 1, 1]]);
  assert.deepEqual([...traceOf(one, "step", 0).x], [0, 10]);
  assert.deepEqual([...traceOf(one, "relative", 0).x], [0, 3]);
  assert.deepEqual([...traceOf(one, "wall", 0).x], [500, 503]);
});

test("a trace is made anew only when something has changed", () => {
  const one = series([[0, 500, 1, 3]]);
  const trace = traceOf(one, "step", 0.5);
  assert.equal(traceOf(one, "step", 0.5), trace);
  assert.deepEqual([...trace.smoothed], [2]);
  series([[10, 501, 1, 1]], { from: 1 }, one);
  assert.equal(traceOf(one, "step", 0.5).count, 2);
});

test("the nearest bin is the last of equals", () => {
  const trace = traceOf(series([[0, 0, 1, 1], [10, 0, 2, 2], [10, 0, 3, 3]]), "step", 0);
  assert.equal(nearest(trace, 11), 2);
  assert.equal(nearest(trace, 4), 0);
  assert.equal(nearest(trace, 11, (i) => i < 2), 1);
});

test("a step lies between the bins around it, a restart where its attempt begins", () => {
  const bins = [[0, 100, 1, 1], [10, 110, 1, 1], [20, 120, 1, 1], [10, 200, 1, 1], [20, 210, 1, 1]];
  const trace = traceOf(series(bins), "relative", 0);
  assert.equal(placeOf(trace, 5), 50);
  assert.equal(placeOf(trace, 15), 105);
  assert.equal(placeOf(trace, 99), 110);
  assert.equal(restartOf(trace, 10), 100);
  assert.equal(restartOf(traceOf(series(bins), "step", 0), 10), 10);
  assert.ok(Number.isNaN(placeOf(traceOf(series([]), "wall", 0), 5)));
});
