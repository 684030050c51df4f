// Paints a chart on a canvas: axes, lines with their bands, marks.

import { outline, stretches } from "./outline.js";
import { measured } from "./series.js";
import { dashOf } from "./theme.js";

const DOTS_UP_TO = 40; // visible bins of a line that are few enough to be marked one by one
const FAINT = 0.35; // of a line that was overtaken, or the raw one behind a smoothed one
const BEHIND = 0.6; // of a compared run behind the live one
const TURN = 2 * Math.PI;
const LETTER = 6; // px of a letter of a label
const fonts = new WeakMap(); // of a canvas: the font of its context, since setting one takes long

/** Set the canvas to its size in device pixels, where it differs, and clear it. */
function prepare(canvas, { width, height }, theme) {
  const ratio = window.devicePixelRatio || 1;
  const [wide, high] = [Math.round(width * ratio), Math.round(height * ratio)];
  const context = canvas.getContext("2d");
  const font = `10.5px ${theme.font}`;
  if (canvas.width !== wide || canvas.height !== high || fonts.get(canvas) !== font) {
    Object.assign(canvas, { width: wide, height: high }); // which resets the context
    context.font = font;
    fonts.set(canvas, font);
  }
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return context;
}

const crisp = (at) => Math.round(at) + 0.5;

function paintAxes(context, plot, theme) {
  const { left, right, below, X, Y } = plot;
  context.lineWidth = 1;
  context.strokeStyle = theme.rule;
  context.beginPath();
  for (const [value] of plot.yTicks) {
    context.moveTo(left, crisp(Y(value)));
    context.lineTo(right, crisp(Y(value)));
  }
  context.stroke();
  context.strokeStyle = context.fillStyle = theme.faint;
  context.beginPath();
  context.moveTo(left, crisp(below));
  context.lineTo(right, crisp(below));
  for (const [value] of plot.xTicks) {
    context.moveTo(crisp(X(value)), below);
    context.lineTo(crisp(X(value)), below + 3);
  }
  context.stroke();
  context.textAlign = "right";
  for (const [value, label] of plot.yTicks) context.fillText(label, left - 4, Y(value) + 3.5);
  paintLabels(context, plot);
}

/** The labels of the x axis, those that have room; the outermost stay within the chart. */
function paintLabels(context, { xTicks, X, left, right, below }) {
  context.textAlign = "left";
  let free = 0;
  for (const [value, label] of xTicks) {
    const width = LETTER * label.length; // about so: measuring takes as long as drawing
    const x = Math.min(Math.max(X(value) - width / 2, Math.min(left, X(value)) - 6), right + 4 - width);
    if (x < free) continue;
    context.fillText(label, x, below + 13.5);
    free = x + width + 8;
  }
}

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
function fill(context, shapes, alpha, add) {
  const path = new Path2D();
  for (const shape of shapes) add(path, shape);
  context.globalAlpha = alpha;
  context.fill(path);
}

/**
 * Stroke a line of some width.
 *
 * Without a graphics card a line of one device pixel takes a fifth of the time of a wider one. So a wider
 * one is two of those, as far apart as it is wider than one.
 */
function stroke(context, shapes, alpha, width, add) {
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
function paintLine(context, { trace, hue, behind }, plot, theme) {
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
    fill(context, shapes, 0.2 * alpha, addBand);
    stroke(context, shapes, smooth ? usual * FAINT : alpha, smooth || behind ? 1 : 1.6,
      (path, shape) => addLine(path, shape, shape.middle));
    if (smooth) {
      stroke(context, shapes, alpha, behind ? 1.4 : 1.8,
        (path, shape) => addLine(path, shape, shape.smoothed));
    } else {
      fill(context, shapes, alpha, (path, shape) => addDots(path, shape, few));
    }
  }
  context.globalAlpha = 1;
  context.setLineDash([]);
}

/** Where a line has nothing but NaN and Inf: red from top to bottom, so that it is no mere gap. */
function paintNonfinite(context, { trace }, { X, above, below }, theme) {
  context.fillStyle = theme.bad;
  for (let i = 0; i < trace.count; i += 1) {
    if (measured(trace, i)) continue;
    const begin = i;
    while (i + 1 < trace.count && !measured(trace, i + 1) && trace.x[i + 1] > trace.x[i]) i += 1;
    const next = i + 1 < trace.count && trace.x[i + 1] > trace.x[i] ? i + 1 : i;
    const [from, to] = [X(trace.x[begin]), X(trace.x[next])];
    const width = Math.max(1, to - from);
    context.globalAlpha = 0.14;
    context.fillRect(from, above, width, below - above);
    context.globalAlpha = 1;
    context.fillRect(from, above, width, 2);
  }
}

/** Vertical lines and small shapes at the places of marks: restarts, checkpoints, NaN and Inf, a cursor. */
function paintMarks(context, marks, { X, above, below }, theme) {
  const at = (kind) => marks.filter((mark) => mark.kind === kind).map((mark) => X(mark.place));
  const draw = (kind, colour, width, add) => {
    context.strokeStyle = context.fillStyle = colour;
    context.lineWidth = width;
    context.beginPath();
    for (const x of at(kind)) add(x);
  };
  const rule = (x) => {
    context.moveTo(x, above);
    context.lineTo(x, below);
  };
  context.setLineDash([3, 3]);
  draw("restart", theme.faint, 1, (x) => rule(crisp(x)));
  context.stroke();
  context.setLineDash([]);
  draw("cursor", theme.focus, 2, rule);
  context.stroke();
  draw("checkpoint", theme.ink, 1, (x) => {
    context.moveTo(x, below - 6);
    context.lineTo(x + 4, below);
    context.lineTo(x - 4, below);
  });
  context.fill();
  let last = -Infinity;
  draw("nonfinite", theme.bad, 1, (x) => {
    if (Math.abs(x - last) < 3) return;
    last = x;
    context.moveTo(x, above + 7);
    context.lineTo(x + 4, above);
    context.lineTo(x - 4, above);
  });
  context.fill();
}

/** Why there is nothing to see, in the middle, in two lines where there is no room for one. */
function paintMessage(context, { message, left, right, above, below }, theme) {
  context.fillStyle = theme.faint;
  context.textAlign = "center";
  const words = message.split(" ");
  const half = Math.ceil(words.length / 2);
  const fits = context.measureText(message).width <= right - left;
  const lines = fits ? [message] : [words.slice(0, half).join(" "), words.slice(half).join(" ")];
  const top = (above + below) / 2 - 7 * (lines.length - 1);
  lines.forEach((line, i) => context.fillText(line, (left + right) / 2, top + 14 * i));
}

/** Paint a plot: lines are { trace, hue, behind }, marks are { kind, place }. */
export function paint(canvas, plot, lines, marks, theme, size) {
  const context = prepare(canvas, size, theme);
  paintAxes(context, plot, theme);
  context.save();
  context.beginPath();
  context.rect(plot.left, 0, plot.right - plot.left, plot.below + 1);
  context.clip();
  context.lineJoin = "bevel"; // round joins cost twice as much, and no one sees them
  const restarts = marks.filter((mark) => mark.kind === "restart" || mark.kind === "cursor");
  paintMarks(context, restarts, plot, theme);
  for (const line of lines) paintNonfinite(context, line, plot, theme);
  for (const line of [...lines].reverse()) paintLine(context, line, plot, theme);
  paintMarks(context, marks.filter((mark) => !restarts.includes(mark)), plot, theme);
  context.restore();
  if (plot.message) paintMessage(context, plot, theme);
}
