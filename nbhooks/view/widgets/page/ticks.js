// Where ticks stand on an axis, each with its label: [[value, label], ...].

import { clock, compact, date, magnitude } from "./format.js";

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86400;
const TIMES = [1, 2, 5, 10, 15, 30, MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE,
  30 * MINUTE, HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY];

/** The multiples of step within a range. */
function multiples(from, to, step) {
  const [first, last] = [Math.ceil(from / step - 1e-9), Math.floor(to / step + 1e-9)];
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, k) => (first + k) * step);
}

/** A step of 1, 2 or 5 times a power of ten, so that there are about as many ticks as wanted. */
function niceStep(from, to, wanted, smallest = 0) {
  const rough = Math.max((to - from) / wanted, smallest);
  return [1, 2, 5, 10].map((k) => k * 10 ** magnitude(rough)).find((k) => k >= rough * 0.999);
}

/** Ticks at multiples of a nice step. */
export function linearTicks(from, to, wanted, smallest = 0) {
  const step = niceStep(from, to, wanted, smallest);
  const largest = Math.max(Math.abs(from), Math.abs(to));
  return multiples(from, to, step).map((value) => [value, compact(value, step, largest)]);
}

/** Ticks at powers of ten; within one decade as on a linear axis. */
export function logTicks(from, to, wanted) {
  const powers = linearTicks(Math.log10(from), Math.log10(to), wanted, 1)
    .map(([exponent]) => 10 ** exponent);
  if (powers.length < 2) return linearTicks(from, to, wanted);
  return powers.map((ten) => [ten, compact(ten, ten)]);
}

/** The step between two ticks of a time axis, in seconds. */
function timeStep(from, to, wanted) {
  const rough = (to - from) / wanted;
  if (rough <= 1) return niceStep(from, to, wanted);
  if (rough > TIMES.at(-1)) return DAY * niceStep(from / DAY, to / DAY, wanted, 1);
  const away = (step) => Math.abs(Math.log(step / rough));
  return TIMES.reduce((best, step) => (away(step) < away(best) ? step : best));
}

/** Seconds on a time axis in the largest unit that gives whole numbers at this step. */
function timeLabel(seconds, step) {
  if (seconds === 0) return "0";
  if (step < 1) return `${compact(seconds, step)} s`;
  const sign = seconds < 0 ? "-" : "";
  const size = Math.round(Math.abs(seconds));
  const [d, h, m, s] = [Math.floor(size / DAY), Math.floor(size / HOUR) % 24,
    Math.floor(size / MINUTE) % 60, size % 60];
  const parts = [[d, "d"], [h, "h"], [m, "m"], [s, "s"]].filter(([count]) => count);
  return sign + parts.map(([count, unit]) => `${count}${unit}`).join(" ");
}

/** Ticks of a relative time axis: 0, 30s, 1m, 1m 30s. */
export function durationTicks(from, to, wanted) {
  const step = timeStep(from, to, wanted);
  return multiples(from, to, step).map((value) => [value, timeLabel(value, step)]);
}

/**
 * Ticks of a wall time axis, at round times of the reader's time zone; the date where the step is a
 * day.
 */
export function wallTicks(from, to, wanted) {
  const step = timeStep(from, to, wanted);
  const offset = new Date(from * 1000).getTimezoneOffset() * MINUTE;
  const label = (wall) => {
    if (step >= DAY) return date(wall).slice(5);
    if (step >= MINUTE) return clock(wall, false);
    const part = step < 1 ? (wall % 1).toFixed(Math.max(1, -magnitude(step))).slice(1) : "";
    return clock(wall + 1e-6) + part;
  };
  return multiples(from - offset, to - offset, step)
    .map((local) => [local + offset, label(local + offset)]);
}
