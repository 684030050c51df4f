// Where everything of a chart stands: the ranges of its axes, their ticks, pixels from values.
// Knows no page.

import { measured } from "./series.js";
import { durationTicks, linearTicks, logTicks, wallTicks } from "./ticks.js";

const EDGE = 5; // px between the bins and the sides of the plot: room for whole dots
const LETTER = 5.9; // px of a tick's letter
const X_TICKS = { step: (from, to, wanted) => linearTicks(from, to, wanted, 1),
  relative: durationTicks, wall: wallTicks };

/**
 * The smallest low and the largest high that can be drawn of some bins, as powers of ten if log.
 */
function extent(traces, log, accept) {
  let [bottom, top, leftOut] = [Infinity, -Infinity, 0];
  const take = (value) => {
    bottom = Math.min(bottom, value);
    top = Math.max(top, value);
  };
  for (const trace of traces) {
    for (let i = 0; i < trace.count; i += 1) {
      if (!measured(trace, i)) continue;
      if (log && trace.low[i] <= 0) leftOut += 1;
      if (!accept(trace.x[i]) || (log && trace.high[i] <= 0)) continue;
      take(trace.high[i]);
      take(log && trace.low[i] <= 0 ? trace.high[i] : trace.low[i]);
    }
  }
  const drawn = bottom <= top;
  const f = log ? Math.log10 : Number;
  return { drawn, leftOut, bottom: f(bottom), top: f(top) };
}

/** The range of the places of all bins and marks; a single one stands in the middle. */
function horizontal(traces, places, zoom) {
  let [from, to] = zoom ?? [Infinity, -Infinity];
  if (!zoom) {
    const take = (place) => {
      from = Math.min(from, place);
      to = Math.max(to, place);
    };
    for (const { x, count } of traces) for (let i = 0; i < count; i += 1) take(x[i]);
    for (const place of places) take(place);
  }
  const empty = !(from <= to);
  if (empty) [from, to] = [0, 1];
  const least = zoom ? 1e-6 : 1;
  if (to - from < least) [from, to] = [(from + to - least) / 2, (from + to + least) / 2];
  return { from, to, empty };
}

/** Why there is nothing to draw, or "". */
function messageOf(traces, { drawn, leftOut }) {
  if (drawn) return "";
  if (leftOut) return "nothing above 0 to show on a logarithmic scale";
  return traces.some((trace) => trace.count) ? "no finite values yet" : "no points yet";
}

/**
 * Fit axes around some traces.
 *
 * Takes traces, places (of marks, on the x axis), axis, log, zoom ([from, to] on the x axis, or
 * null), width and height of it all in px. X and Y give the pixel of a value, at the x of a pixel.
 */
export function fit({ traces, places, axis, log, zoom, width, height }) {
  const { from, to, empty } = horizontal(traces, places, zoom);
  const inView = (x) => x >= from && x <= to;
  const [all, some] = [extent(traces, log, () => true), extent(traces, log, inView)];
  const { bottom: low, top: high } = some.drawn ? some : all;
  const message = messageOf(traces, all);
  const spare = (high - low) * 0.08 || (log ? 0.2 : Math.abs(high) * 0.1 || 1);
  const [bottom, top] = message ? [0, 1] : [low - spare, high + spare];
  const [f, g] = log ? [Math.log10, (value) => 10 ** value] : [Number, Number];
  const yTicks = message ? []
    : (log ? logTicks : linearTicks)(g(bottom), g(top), Math.max(3, height / 40));
  const letters = Math.max(1, ...yTicks.map(([, label]) => label.length));
  const [left, right] = [8 + LETTER * letters, width - 6];
  const [above, below, across] = [6, height - 17, Math.max(1, right - left - 2 * EDGE)];
  const X = (x) => left + EDGE + ((x - from) / (to - from)) * across;
  const Y = (y) => below - ((f(y) - bottom) / (top - bottom)) * (below - above);
  const at = (px) => from + ((px - left - EDGE) / across) * (to - from);
  const xTicks = empty ? [] : X_TICKS[axis](from, to, Math.max(3, across / 80));
  return { from, to, left, right, above, below, X, Y, at, log, inView, xTicks, yTicks, message,
    leftOut: log ? all.leftOut : 0, zoomed: Boolean(zoom), empty };
}
