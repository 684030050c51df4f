// Where a chart's parts stand: ranges, pixels, outlines.

import assert from "node:assert/strict";
import { test } from "node:test";

import { outline, stretches } from "../../nbhooks/view/widgets/page/outline.js";
import { fit } from "../../nbhooks/view/widgets/page/plot.js";
import { traceOf } from "../../nbhooks/view/widgets/page/series.js";
import { line, series } from "./bins.js";

const trace = (bins, weight = 0) => traceOf(series(bins), "step", weight);
const USUAL = { places: [], axis: "step", log: false, zoom: null, width: 300, height: 120 };
const fitted = (traces, options = {}) => fit({ traces, ...USUAL, ...options });

test("the axes hold all bins and marks", () => {
  const plot = fitted([trace(line(1, 2, 3))], { places: [100] });
  assert.deepEqual([plot.from, plot.to], [0, 100]);
  assert.ok(plot.X(0) >= plot.left && plot.X(100) <= plot.right);
  assert.ok(plot.Y(1) < plot.below && plot.Y(3) > plot.above);
  assert.ok(Math.abs(plot.at(plot.X(37)) - 37) < 1e-9);
});

test("a zoom shows a range, its values on their own scale", () => {
  const plot = fitted([trace(line(1000, 1, 2, 1000))], { zoom: [5, 25] });
  assert.deepEqual([plot.from, plot.to], [5, 25]);
  assert.ok(plot.Y(2) > plot.above && plot.Y(1000) < 0);
});

test("a single point stands in the middle", () => {
  const plot = fitted([trace([[100, 0, 5, 5]])]);
  assert.ok(Math.abs(plot.X(100) - (plot.left + plot.right) / 2) < 1);
  assert.ok(Math.abs(plot.Y(5) - (plot.above + plot.below) / 2) < 1);
});

test("a logarithmic scale leaves out what is not above zero, and counts it", () => {
  const plot = fitted([trace([...line(1e-3, 1, 0), [30, 3, -1, 10]])], { log: true });
  assert.equal(plot.leftOut, 2);
  assert.ok(Math.abs(plot.Y(1e-3) - plot.Y(1e-2) - (plot.Y(0.1) - plot.Y(1))) < 1e-9);
});

test("a chart with nothing to draw says why", () => {
  assert.equal(fitted([]).message, "no points yet");
  assert.equal(fitted([trace([])]).message, "no points yet");
  assert.equal(fitted([trace(line(NaN))]).message, "no finite values yet");
  assert.equal(fitted([trace(line(-1, 0))], { log: true }).message,
    "nothing above 0 to show on a logarithmic scale");
  assert.equal(fitted([trace(line(1))]).message, "");
});

test("a line breaks where a value is not finite, and between attempts", () => {
  assert.deepEqual(stretches(trace(line(1, 2, NaN, 3)), false), [[0, 2, 0], [3, 4, 0]]);
  const bins = [[0, 0, 5, 5], [10, 1, 4, 4], [20, 2, 3, 3], [10, 3, 8, 8], [20, 4, 7, 7]];
  assert.deepEqual(stretches(trace(bins), false), [[0, 1, 0], [0, 3, 1], [3, 5, 0]]);
  assert.deepEqual(stretches(trace(line(1, 0, 2)), true), [[0, 1, 0], [2, 3, 0]]);
});

test("bins on one pixel become one point, from the lowest to the highest", () => {
  const bins = Array.from({ length: 10000 }, (_, i) => [i, i, i % 7, i % 7]);
  const one = trace(bins);
  const plot = fitted([one]);
  const shape = outline(one, [0, 10000, 0], plot);
  assert.ok(shape.count <= 300, String(shape.count));
  assert.ok(shape.wide);
  for (let k = 0; k < shape.count; k += 1) {
    assert.ok(shape.top[k] <= shape.middle[k] && shape.middle[k] <= shape.bottom[k]);
  }
  assert.ok(Math.abs(Math.min(...shape.top.subarray(0, shape.count)) - plot.Y(6)) < 1e-3);
  assert.ok(Math.abs(Math.max(...shape.bottom.subarray(0, shape.count)) - plot.Y(0)) < 1e-3);
});

test("few bins keep their places", () => {
  const one = trace(line(1, 2, 4), 0.5);
  const plot = fitted([one]);
  const shape = outline(one, [0, 3, 0], plot);
  assert.equal(shape.count, 3);
  assert.ok(!shape.wide);
  assert.ok(Math.abs(shape.x[2] - plot.X(20)) < 1e-3);
  assert.ok(Math.abs(shape.middle[2] - plot.Y(4)) < 1e-3);
  assert.ok(Math.abs(shape.smoothed[0] - plot.Y(1)) < 1e-3);
});
