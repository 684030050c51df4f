// Where ticks stand, and their labels.

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  durationTicks, linearTicks, logTicks, wallTicks,
} from "../../nbhooks/view/widgets/page/ticks.js";

process.env.TZ = "Asia/Kolkata"; // five and a half hours ahead of UTC

const labels = (ticks) => ticks.map(([, label]) => label);

test("ticks stand at multiples of 1, 2 or 5 times a power of ten, within the range", () => {
  assert.deepEqual(labels(linearTicks(0, 3.4e6, 4)), ["0", "1M", "2M", "3M"]);
  assert.deepEqual(labels(linearTicks(-2.1, 2.1, 4)), ["-2", "0", "2"]);
  assert.deepEqual(labels(linearTicks(12000, 12500, 3)), ["12k", "12.2k", "12.4k"]);
  assert.deepEqual(labels(linearTicks(12000, 12004, 3)), ["12,000", "12,002", "12,004"]);
  assert.deepEqual(labels(linearTicks(1e30, 3e30, 3)), ["1e30", "2e30", "3e30"]);
});

test("no two ticks look alike", () => {
  const ranges = [[0, 1], [0.99999, 1.00001], [-1e-9, 1e-9], [123456, 123460], [1e14, 3e15]];
  for (const [from, to] of ranges) {
    const texts = labels(linearTicks(from, to, 5));
    assert.equal(new Set(texts).size, texts.length, texts.join());
    assert.ok(texts.length >= 2, texts.join());
  }
});

test("a step is whole", () => {
  assert.deepEqual(labels(linearTicks(0, 1, 5, 1)), ["0", "1"]);
});

test("a logarithmic axis has powers of ten, and within a decade a linear axis's ticks", () => {
  assert.deepEqual(labels(logTicks(1e-5, 10, 3)), ["1e-4", "0.01", "1"]);
  assert.deepEqual(labels(logTicks(118, 183, 4)), ["120", "140", "160", "180"]);
});

test("durations have units that people use", () => {
  assert.deepEqual(labels(durationTicks(0, 97, 3)), ["0", "30s", "1m", "1m 30s"]);
  assert.deepEqual(labels(durationTicks(0, 7300, 4)), ["0", "30m", "1h", "1h 30m", "2h"]);
  assert.deepEqual(labels(durationTicks(0, 0.9, 4)), ["0", "0.5 s"]);
  assert.deepEqual(labels(durationTicks(0, 8 * 86400, 4)), ["0", "2d", "4d", "6d", "8d"]);
});

test("wall times stand at round times of day", () => {
  const begin = new Date(2026, 10, 25, 9, 58, 12).getTime() / 1000;
  assert.deepEqual(labels(wallTicks(begin, begin + 600, 3)), ["10:00", "10:05"]);
  assert.deepEqual(labels(wallTicks(begin, begin + 60, 3)),
    ["09:58:15", "09:58:30", "09:58:45", "09:59:00"]);
  assert.deepEqual(labels(wallTicks(begin, begin + 4 * 86400, 4)),
    ["11-26", "11-27", "11-28", "11-29"]);
  assert.deepEqual(labels(wallTicks(begin, begin + 3 * 3600, 3)), ["10:00", "11:00", "12:00"]);
});
