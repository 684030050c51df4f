// What a card says besides its chart: the latest values, what is left out, the marks.

import { exact, reading, whole } from "./format.js";
import { placeText } from "./reading.js";
import { measured, placeOf, restartOf } from "./series.js";

const SAID = 8; // lines that a screen reader is given of one card
const KEYS = "Left and right arrow keys read the values, Enter enlarges";

/** The place of a bin on an axis; NaN for no bin. */
function placeAt({ x, wall }, i, axis) {
  if (i < 0) return NaN;
  if (axis === "step") return x[i];
  return axis === "wall" ? wall[i] : wall[i] - wall[0];
}

/** The latest point of a series: { value (text), place, finite }, or null where there is none. */
export function latestOf(series, axis) {
  if (!series) return null;
  const { count, low, high, last, step } = series;
  const known = Number.isFinite(step); // else what the last bin holds
  if (!known && !count) return null;
  const value = known ? last : (low[count - 1] + high[count - 1]) / 2;
  const place = known && axis === "step" ? step : placeAt(series, count - 1, axis);
  return { value: exact(value), place, finite: Number.isFinite(value) };
}

/** What a line held when the step of the cursor was passed last, as `latestOf`. */
export function atCursor(trace, cursor) {
  if (!trace) return null;
  const { series, low, high, count } = trace;
  let i = count - 1;
  while (i >= 0 && series.x[i] > cursor) i -= 1; // the last one that was written, of two attempts
  if (i < 0) return null;
  const finite = measured(trace, i);
  const value = finite ? reading(low[i], high[i]) : "NaN or Inf";
  return { value, place: trace.x[i], finite };
}

/** Which values are shown where there is a cursor, "" where the latest are. */
export const asOf = (cursor) => (typeof cursor === "number" ? `as of step ${whole(cursor)}` : "");

const mark = (trace, kind, step, text = "") => ({ kind, text, place: placeOf(trace, step) });

/** The marks of a card on the axis of its first line; those of NaN and Inf are each line's own. */
export function marksOf(traces, { restarts, checkpoints, cursor }) {
  if (!traces.length) return [];
  const [first] = traces;
  const nonfinite = traces.flatMap((trace) =>
    trace.series.nonfinite.map((step) => mark(trace, "nonfinite", step)));
  return [
    ...restarts.map((step) => ({ kind: "restart", text: "", place: restartOf(first, step) })),
    ...checkpoints.map(([step, path]) => mark(first, "checkpoint", step, path)),
    ...nonfinite,
    ...(typeof cursor === "number" ? [mark(first, "cursor", cursor)] : []),
  ].filter(({ place }) => Number.isFinite(place));
}

/** What is not drawn, or thinned, in a few words; "" where there is nothing of the kind. */
export function noteOf({ leftOut }, traces) {
  const nonfinite = traces.reduce((sum, { series }) => sum + series.nonfiniteCount, 0);
  const thinned = Math.max(1, ...traces.map(({ series }) => series.thinned));
  const bins = leftOut === 1 ? "1 bin" : `${whole(leftOut)} bins`;
  return [
    nonfinite > 0 && `${whole(nonfinite)} NaN or Inf`,
    leftOut > 0 && `${bins} ≤ 0 left out`,
    thinned > 1 && `1 of ${whole(thinned)} points kept`,
  ].filter(Boolean).join(" · ");
}

/** What a screen reader says of a chart: what it is, the latest values, how to read the others. */
export function labelOf({ tag, axis, message, note, latest, cursor = null }) {
  const shown = asOf(cursor);
  const last = shown ? "" : "last ";
  const sums = latest.slice(0, SAID).map(({ name, last: { value, place } }) =>
    `${name ? `${name.slice(0, 80)}: ` : ""}${last}${value} at ${placeText(axis, place)}`);
  const over = axis === "step" ? "the global step" : `${axis} time`;
  return [`${tag}, line chart over ${over}`, message, shown, ...sums, note, KEYS]
    .filter(Boolean).join(". ");
}
