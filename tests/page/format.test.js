// Numbers and times as text.

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  ago, clock, compact, date, duration, exact, reading, whole,
} from "../../nbhooks/view/widgets/page/format.js";

test("a value is read with five digits, and a whole number with seven", () => {
  const values = [0, 1 / 3, -2.5, 123456, 1234567, 1e-7, 0.00012345678, 1e12];
  assert.deepEqual(values.map((value) => exact(value)),
    ["0", "0.33333", "-2.5", "123,456", "1,234,567", "1e-7", "0.00012346", "1e12"]);
});

test("what is not finite is called by its name", () => {
  assert.deepEqual([NaN, Infinity, -Infinity].map((value) => exact(value)), ["NaN", "Inf", "-Inf"]);
});

test("a bin is read as its value, or from its smallest to its largest", () => {
  assert.equal(reading(2, 2), "2");
  assert.equal(reading(1, 3), "1 to 3");
  assert.equal(reading(0.123456, 0.234567, 3), "0.123 to 0.235");
});

test("a tick has as many digits as distinguish it from the next", () => {
  assert.equal(compact(0.1 + 0.2 - 0.3, 0.1), "0");
  assert.equal(compact(1e6, 1e6), "1M");
  assert.equal(compact(12200, 200), "12.2k");
  assert.equal(compact(12002, 2), "12,002");
  assert.equal(compact(2e-5, 1e-5), "2e-5");
  assert.equal(compact(0.00105, 0.00005), "0.00105");
});

test("thousands are separated", () => {
  assert.equal(whole(1234567), "1,234,567");
});

test("a duration has two units at most", () => {
  const texts = [0, 0.25, 9.4, 42, 60, 723, 3600, 18720, 273600, -42].map(duration);
  assert.deepEqual(texts, ["0 s", "0.25 s", "9.4 s", "42 s", "1 min", "12 min 3 s", "1 h",
    "5 h 12 min", "3 d 4 h", "-42 s"]);
  assert.equal(duration(NaN), "–");
});

test("ago is in whole seconds", () => {
  assert.equal(ago(0.4), "just now");
  assert.equal(ago(42.9), "42 s ago");
});

test("the time of day is the reader's", () => {
  const wall = new Date(2026, 10, 25, 4, 3, 9).getTime() / 1000;
  assert.equal(clock(wall), "04:03:09");
  assert.equal(clock(wall, false), "04:03");
  assert.equal(date(wall), "2026-11-25");
  assert.equal(clock(NaN), "–");
});
