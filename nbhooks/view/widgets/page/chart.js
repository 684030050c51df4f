// Paints a chart on a canvas: axes, lines with their bands, marks.

import { measured } from "./series.js";
import { paintLine } from "./strokes.js";

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
    const leftmost = Math.min(left, X(value)) - 6;
    const x = Math.min(Math.max(X(value) - width / 2, leftmost), right + 4 - width);
    if (x < free) continue;
    context.fillText(label, x, below + 13.5);
    free = x + width + 8;
  }
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

const vertical = (context, x, { above, below }) => {
  context.moveTo(x, above);
  context.lineTo(x, below);
};
const triangle = (context, x, base, tip) => {
  context.moveTo(x, tip);
  context.lineTo(x + 4, base);
  context.lineTo(x - 4, base);
};

// Marks behind the lines and before them: kind, colour, and what is added to the path at x.
const BELOW = [
  ["restart", "faint", (context, x, plot) => vertical(context, crisp(x), plot)],
  ["cursor", "focus", vertical],
];
const ABOVE = [
  ["checkpoint", "faint", (context, x, { below }) => triangle(context, x, below, below - 6)],
  ["nonfinite", "bad", (context, x, { above }) => triangle(context, x, above, above + 7)],
];

/** Restarts and a cursor as vertical lines; checkpoints, NaN and Inf as triangles. */
function paintMarks(context, marks, plot, theme, kinds) {
  for (const [kind, colour, add] of kinds) {
    context.strokeStyle = context.fillStyle = theme[colour];
    context.lineWidth = kind === "cursor" ? 2 : 1;
    context.setLineDash(kind === "restart" ? [3, 3] : []);
    context.beginPath();
    let last = -Infinity; // of many on one place one is enough
    for (const mark of marks) {
      const x = plot.X(mark.place);
      if (mark.kind !== kind || Math.abs(x - last) < 2) continue;
      last = x;
      add(context, x, plot);
    }
    if (kinds === BELOW) context.stroke();
    else context.fill();
  }
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

/** Paint a card as it was fitted: { canvas, size, plot, lines, marks }. */
export function paint({ canvas, size, plot, lines, marks }, theme) {
  const context = prepare(canvas, size, theme);
  paintAxes(context, plot, theme);
  context.save();
  context.beginPath();
  context.rect(plot.left, 0, plot.right - plot.left, plot.below + 1);
  context.clip();
  context.lineJoin = "bevel"; // round joins take twice as long, and nobody sees them
  paintMarks(context, marks, plot, theme, BELOW);
  for (const line of lines) paintNonfinite(context, line, plot, theme);
  for (const line of [...lines].reverse()) paintLine(context, line, plot, theme);
  paintMarks(context, marks, plot, theme, ABOVE);
  context.restore();
  if (plot.message) paintMessage(context, plot, theme);
}
