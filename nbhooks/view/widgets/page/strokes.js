// Paints the lines of a chart on a canvas, with their bands and dots.

import { outline, stretches } from "./outline.js";
import { dashOf } from "./theme.js";

const DOTS_UP_TO = 40; // visible bins of a line that are few enough to be marked one by one
const FAINT = 0.35; // of a line that was overtaken, or the raw one behind a smoothed one
const BEHIND = 0.6; // of a compared run behind the live one
const TURN = 2 * Math.PI;

/** Add a line through some heights to a path. */
function addLine(path, { count, x }, heights) {
  path.moveTo(x[0], heights[0]);
  for (let k = 1; k < count; k += 1) path.lineTo(x[k], heights[k]);
}

/** Add the band from low to high to a path, where bins hold more than one value. */
function addBand(path, { count, x, top, bottom, wide }) {
  if (!wide) return;
  path.moveTo(x[0], top[0]);
  for (let k = 1; k < count; k += 1) path.lineTo(x[k], top[k]);
  for (let k = count - 1; k >= 0; k -= 1) path.lineTo(x[k], bottom[k]);
  path.closePath();
}

/** Add dots where a line would say too little: of few bins, and of a bin that stands alone. */
function addDots(path, { count, x, middle }, few) {
  if (!few && count > 1) return;
  for (let k = 0; k < count; k += 1) {
    path.moveTo(x[k] + 2, middle[k]);
    path.arc(x[k], middle[k], 2, 0, TURN);
  }
}

/** Fill what add(path, shape) makes of the shapes. */
function fillShapes(context, shapes, alpha, add) {
  context.globalAlpha = alpha;
  context.beginPath();
  for (const shape of shapes) add(context, shape);
  context.fill();
}

/**
 * Stroke a line of some width.
 *
 * Without a graphics card a line of one device pixel takes a fifth of the time of a wider one. So a
 * wider one is two of those, as far apart as it is wider than one.
 */
function strokeShapes(context, shapes, alpha, width, add) {
  const path = new Path2D();
  for (const shape of shapes) add(path, shape);
  const thin = (window.devicePixelRatio || 1) === 1 && width < 2;
  context.globalAlpha = alpha;
  context.lineWidth = thin ? 1 : width;
  if (!thin || width === 1) {
    context.stroke(path);
    return;
  }
  for (const away of [(1 - width) / 2, width - 1]) {
    context.translate(0, away);
    context.stroke(path);
  }
  context.translate(0, (1 - width) / 2);
}

/** Whether few bins of a trace are in view. */
function isFew({ count, x }, inView) {
  let visible = 0;
  for (let i = 0; i < count && visible <= DOTS_UP_TO; i += 1) visible += inView(x[i]);
  return visible <= DOTS_UP_TO;
}

/** Paint one line; first what was overtaken of it, so that the newer stretches lie above. */
export function paintLine(context, { trace, hue, behind }, plot, theme) {
  const parts = stretches(trace, plot.log);
  const few = isFew(trace, plot.inView);
  const smooth = Boolean(trace.smoothed);
  const usual = behind ? BEHIND : 1;
  context.strokeStyle = context.fillStyle = theme.hues[hue % theme.hues.length];
  context.setLineDash(dashOf(hue));
  for (const overtaken of [1, 0]) {
    const shapes = parts.filter((part) => part[2] === overtaken)
      .map((part) => outline(trace, part, plot));
    if (!shapes.length) continue;
    const alpha = usual * (overtaken ? FAINT : 1);
    fillShapes(context, shapes, 0.2 * alpha, addBand);
    strokeShapes(context, shapes, smooth ? usual * FAINT : alpha, smooth || behind ? 1 : 1.6,
      (path, shape) => addLine(path, shape, shape.middle));
    if (smooth) {
      strokeShapes(context, shapes, alpha, behind ? 1.4 : 1.8,
        (path, shape) => addLine(path, shape, shape.smoothed));
    } else {
      fillShapes(context, shapes, alpha, (path, shape) => addDots(path, shape, few));
    }
  }
  context.globalAlpha = 1;
  context.setLineDash([]);
}
