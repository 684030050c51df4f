// The bins of one tag: received, split into attempts, smoothed, placed on an axis. Knows no page.

const BYTES = 24; // of a bin: float64 x, float64 wall time, float32 low, float32 high
const COLUMNS = { x: Float64Array, wall: Float64Array, low: Float32Array, high: Float32Array };
// What a message leaves out, as it mostly is.
const USUAL = { from: 0, count: 0, generation: 0, nonfinite: [], nonfinite_count: 0, thinned: 1,
  starts: [] };
const SPELLED = { NaN, Infinity, "-Infinity": -Infinity };

/** A number of a message, in which those that JSON has no words for are strings. */
const toNumber = (value) => (typeof value === "number" ? value : SPELLED[value] ?? NaN);

function createSeries() {
  const columns = Object.entries(COLUMNS).map(([name, Kind]) => [name, new Kind(16)]);
  const latest = { last: NaN, step: NaN };
  const nonfinite = { nonfinite: [], nonfiniteCount: 0 };
  return { ...Object.fromEntries(columns), ...latest, ...nonfinite,
    count: 0, version: 0, generation: 0, thinned: 1, starts: [] };
}

function reserve(series, count) {
  if (count <= series.x.length) return;
  for (const [name, Kind] of Object.entries(COLUMNS)) {
    const wider = new Kind(2 * count);
    wider.set(series[name]);
    series[name] = wider;
  }
}

/**
 * Put the bins of a message behind those that are kept of a series, which is undefined at first.
 *
 * Returns the series, changed, or null where the message does not fit to what is there.
 */
export function appendPoints(series, entry, bytes) {
  const { from, count, generation, nonfinite, nonfinite_count: nonfiniteCount, thinned, starts } =
    { ...USUAL, ...entry };
  const held = series ?? createSeries();
  if (from > held.count || bytes.byteLength !== BYTES * count) return null;
  if (from > 0 && generation !== held.generation) return null;
  reserve(held, from + count);
  for (let i = 0; i < count; i += 1) { // read one by one: a typed array would refuse an odd offset
    held.x[from + i] = bytes.getFloat64(8 * i, true);
    held.wall[from + i] = bytes.getFloat64(8 * (count + i), true);
    held.low[from + i] = bytes.getFloat32(16 * count + 4 * i, true);
    held.high[from + i] = bytes.getFloat32(20 * count + 4 * i, true);
  }
  const rest = { nonfinite, nonfiniteCount, thinned, starts, step: entry.step ?? held.step };
  if ("last" in entry) rest.last = toNumber(entry.last);
  return Object.assign(held, rest, { count: from + count, generation, version: held.version + 1 });
}

/** Where attempts begin: the first bin, those the kernel names, those whose step is not larger. */
export function attemptsOf(x, count, known = []) {
  const starts = count ? [0] : [];
  for (let i = 1; i < count; i += 1) if (x[i] <= x[i - 1] || known.includes(i)) starts.push(i);
  return starts;
}

/**
 * Which bins a later attempt has overtaken: those at or after its first step, 1 for each such bin.
 */
export function overtakenOf(x, count, starts) {
  const overtaken = new Uint8Array(count);
  let [first, end] = [Infinity, count];
  for (const start of [...starts].reverse()) {
    for (let i = start; i < end; i += 1) overtaken[i] = x[i] >= first ? 1 : 0;
    first = Math.min(first, x[start]);
    end = start;
  }
  return overtaken;
}

/**
 * A debiased exponential moving average, as TensorBoard's: the first values are not too light.
 *
 * It begins anew with each attempt; what is not finite stays so and is passed over.
 */
export function smooth(values, weight, starts = [0]) {
  const smoothed = Float64Array.from(values);
  const begins = new Set(starts);
  let [last, taken] = [0, 0];
  for (let i = 0; i < values.length; i += 1) {
    if (begins.has(i)) [last, taken] = [0, 0];
    if (Number.isFinite(values[i])) {
      last = last * weight + (1 - weight) * values[i];
      taken += 1;
      smoothed[i] = last / (1 - weight ** taken);
    }
  }
  return smoothed;
}

/**
 * The places of the bins on an axis: "step", "relative" (seconds since the first bin) or "wall".
 */
function placesOf(series, axis) {
  if (axis === "step") return series.x.subarray(0, series.count);
  const wall = series.wall.subarray(0, series.count);
  return axis === "wall" ? wall : wall.map((at) => at - wall[0]);
}

const traces = new WeakMap(); // of a series: the trace made last, while neither has changed

/**
 * What there is to draw of a series: x, low, high, smoothed (or null), starts and overtaken by bin.
 */
export function traceOf(series, axis, weight) {
  const key = `${series.version} ${axis} ${weight}`;
  const known = traces.get(series);
  if (known?.key === key) return known;
  const { count, x } = series;
  const [low, high] = [series.low.subarray(0, count), series.high.subarray(0, count)];
  const starts = attemptsOf(x, count, series.starts);
  const middles = weight ? Float64Array.from(low, (value, i) => (value + high[i]) / 2) : [];
  const smoothed = weight ? smooth(middles, weight, starts) : null;
  const overtaken = overtakenOf(x, count, starts);
  const trace = { key, series, axis, count, x: placesOf(series, axis), low, high, smoothed, starts,
    overtaken };
  traces.set(series, trace);
  return trace;
}

/** Whether a bin of a trace has a value: Inf and NaN are marks, and no part of its line. */
export const measured = ({ low, high }, i) => Number.isFinite(low[i]) && Number.isFinite(high[i]);

/** The bin closest to a place; of equals the last, since after a restart the newer one is meant. */
export function nearest(trace, place, accept = () => true) {
  let [best, distance] = [-1, Infinity];
  for (let i = 0; i < trace.count; i += 1) {
    const away = Math.abs(trace.x[i] - place);
    if (away <= distance && accept(i)) [best, distance] = [i, away];
  }
  return best;
}

/** Where a restart at a step lies: where the attempt begins that does so at about this step. */
export function restartOf(trace, step) {
  const starts = trace.axis === "step" ? [] : trace.starts.slice(1);
  if (!starts.length) return placeOf(trace, step);
  const away = (start) => Math.abs(trace.series.x[start] - step);
  return trace.x[starts.reduce((best, start) => (away(start) < away(best) ? start : best))];
}

/**
 * Where a step lies on the axis of a trace: between the bins around it that no attempt has
 * overtaken.
 */
export function placeOf(trace, step) {
  if (trace.axis === "step") return step;
  const steps = trace.series.x;
  let before = -1;
  for (let i = 0; i < trace.count; i += 1) {
    if (trace.overtaken[i]) continue;
    if (steps[i] >= step) {
      if (before < 0 || steps[i] === step) return trace.x[i];
      const share = (step - steps[before]) / (steps[i] - steps[before]);
      return trace.x[before] + share * (trace.x[i] - trace.x[before]);
    }
    before = i;
  }
  return before < 0 ? NaN : trace.x[before];
}
