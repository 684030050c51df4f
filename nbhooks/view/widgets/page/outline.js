// The shape of a line in pixels: its stretches, with no more than one point a pixel. Knows no page.

import { measured } from "./series.js";

/**
 * The stretches of a trace that are drawn without a break: [begin, end (not included), overtaken].
 *
 * Between the end of one attempt and the start of the next nothing was measured. A stretch that has
 * been overtaken begins with the bin before it, so that the line holds together.
 */
export function stretches(trace, log) {
  const found = [];
  const starts = new Set(trace.starts);
  let open = null;
  for (let i = 0; i < trace.count; i += 1) {
    if (starts.has(i)) open = null;
    if (!measured(trace, i) || (log && trace.high[i] <= 0)) {
      open = null;
    } else if (open && open[2] === trace.overtaken[i]) {
      open[1] = i + 1;
    } else {
      open = [open ? i - 1 : i, i + 1, trace.overtaken[i]];
      found.push(open);
    }
  }
  return found;
}

/**
 * One stretch in pixels: { count, x, top, bottom, middle, smoothed, wide }.
 *
 * Bins that fall on one pixel become one point, from the lowest to the highest of them, its middle
 * the mean of theirs: a narrow chart costs less, and looks the same. wide: whether there is a band.
 */
export function outline(trace, [begin, end], { X, Y, log }) {
  const room = end - begin;
  const [x, top, bottom, middle, smoothed] =
    Array.from({ length: 5 }, () => new Float32Array(room));
  let [count, column, held, wide] = [0, NaN, 0, false];
  for (let i = begin; i < end; i += 1) {
    const low = log && trace.low[i] <= 0 ? trace.high[i] : trace.low[i];
    const [at, up, down] = [X(trace.x[i]), Y(trace.high[i]), Y(low)];
    const fresh = Math.floor(at) !== column;
    const value = trace.smoothed?.[i] ?? NaN;
    const even = log && value <= 0 ? (up + down) / 2 : Y(value);
    held = fresh ? 1 : held + 1;
    if (fresh) count += 1;
    const k = count - 1;
    column = Math.floor(at);
    x[k] += (at - x[k]) / held;
    middle[k] += ((up + down) / 2 - middle[k]) / held;
    smoothed[k] += (even - smoothed[k]) / held;
    top[k] = fresh ? up : Math.min(top[k], up);
    bottom[k] = fresh ? down : Math.max(bottom[k], down);
    wide ||= bottom[k] > top[k];
  }
  return { count, x, top, bottom, middle, smoothed, wide };
}
