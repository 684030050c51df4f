// Bins for the tests, packed as the kernel packs them.

import { appendPoints } from "../../nbhooks/view/widgets/page/series.js";

/** Bins [x, wall, low, high] as the bytes of a message, at an odd place of something larger. */
export function packed(bins) {
  const count = bins.length;
  const view = new DataView(new ArrayBuffer(24 * count + 8), 3, 24 * count);
  bins.forEach(([x, wall, low, high], i) => {
    view.setFloat64(8 * i, x, true);
    view.setFloat64(8 * (count + i), wall, true);
    view.setFloat32(16 * count + 4 * i, low, true);
    view.setFloat32(20 * count + 4 * i, high, true);
  });
  return view;
}

/** A series with these bins, or null where they do not fit behind the others. */
export const series = (bins, entry = {}, before = null) =>
  appendPoints(before ?? undefined, { count: bins.length, ...entry }, packed(bins));

/** Bins of one value each, ten steps and a second apart. */
export const line = (...values) => values.map((value, i) => [10 * i, i, value, value]);
