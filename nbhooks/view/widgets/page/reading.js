// What a chart says at a place of its x axis: the values of its lines there, and the marks close
// by.

import { clock, duration, exact, moment, reading, whole } from "./format.js";
import { measured, nearest } from "./series.js";

export const NEAR = 6; // px: marks this close to the cursor are listed; a shorter drag is a click
const IN_HEAD = 3; // digits of a range in a card's head
const PLACES = { step: (value) => whole(Math.round(value)), relative: duration, wall: clock };
const NONFINITE = "NaN or Inf";
const KINDS = { nonfinite: NONFINITE }; // what a kind of marks is called, where it is not its name

/** A place on the x axis as text. */
export const placeText = (axis, value) => PLACES[axis](value);

/**
 * The bin that is read at a place: of an attempt that no later one has overtaken, if there is one.
 */
function binAt(trace, place, inView = () => true) {
  const current = nearest(trace, place, (i) => !trace.overtaken[i] && inView(trace.x[i]));
  return current >= 0 ? current : nearest(trace, place, (i) => inView(trace.x[i]));
}

/**
 * The place closest to another that has a bin in view, or a mark where there is no bin; NaN for
 * none.
 */
export function snap(lines, marks, place, inView) {
  const bins = lines.map(({ trace }) => [trace, binAt(trace, place, inView)])
    .filter(([, i]) => i >= 0).map(([trace, i]) => trace.x[i]);
  const places = bins.length ? bins : marks.map((mark) => mark.place).filter(inView);
  return places.reduce((best, at) =>
    (Math.abs(at - place) < Math.abs(best - place) || Number.isNaN(best) ? at : best), NaN);
}

/** What a bin holds, the smoothed value before the raw one. */
function valueOf(trace, i) {
  if (!measured(trace, i)) return NONFINITE;
  const raw = reading(trace.low[i], trace.high[i]);
  return trace.smoothed ? `${exact(trace.smoothed[i])} (${raw})` : raw;
}

/** The value of a line at a place, for a card's head; "" where it has none. */
export function valueAt(trace, place) {
  const i = binAt(trace, place);
  if (i < 0) return "";
  if (!measured(trace, i)) return NONFINITE;
  const { smoothed, low, high } = trace;
  if (smoothed) return exact(smoothed[i]);
  return low[i] === high[i] ? exact(low[i]) : reading(low[i], high[i], IN_HEAD);
}

/** Step, time since the beginning and time of day of a bin: the axis of the chart first. */
function headingOf(axis, trace, i) {
  const { series } = trace;
  const step = `step ${whole(series.x[i])}`;
  const times = [`after ${duration(series.wall[i] - series.wall[0])}`, moment(series.wall[i])];
  return axis === "step" ? [step, ...times] : axis === "wall" ? [times[1], step] : [times[0], step];
}

/**
 * All values from the one line that has a bin there: { place, heading, rows, said }, or null for
 * none.
 */
export function describe({ lines, marks, plot, axis }, place) {
  const at = snap(lines, marks, place, plot.inView);
  if (Number.isNaN(at)) return null;
  const bins = lines.map((line) => ({ line, i: binAt(line.trace, at) })).filter(({ i }) => i >= 0);
  const exactly = bins.find(({ line, i }) => line.trace.x[i] === at);
  const heading = exactly ? headingOf(axis, exactly.line.trace, exactly.i)
    : [`${axis === "step" ? "step" : "at"} ${placeText(axis, at)}`];
  const away = (other) => (other === at ? "" : ` at ${placeText(axis, other)}`);
  const rows = bins.map(({ line, i }) => ({ name: line.name, hue: line.hue,
    value: valueOf(line.trace, i) + away(line.trace.x[i]) }));
  const near = marks.filter((mark) => Math.abs(plot.X(mark.place) - plot.X(at)) <= NEAR);
  rows.push(...near.map(({ kind, text, place: one }) =>
    ({ name: text, value: (KINDS[kind] ?? kind) + away(one) })));
  const said = rows.map(({ name, value }) => (name ? `${name.slice(0, 80)}: ${value}` : value));
  return { place: at, heading, rows, said: [heading[0], ...said].join("; ") };
}

/** All places that the arrow keys stop at, in order. */
export function stops({ lines, marks, plot }) {
  const places = new Set(marks.map((mark) => mark.place));
  for (const { trace } of lines) for (const x of trace.x.subarray(0, trace.count)) places.add(x);
  return [...places].filter(plot.inView).sort((one, other) => one - other);
}
