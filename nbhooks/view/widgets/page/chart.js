// Paints a chart on a canvas: axes, lines with their bands, marks.

import { span, stretches } from "./plot.js";
import { dashOf } from "./theme.js";

const DOTS_UP_TO = 40; // visible bins of a line that are few enough to be marked one by one
const FAINT = 0.35; // of a line that was overtaken, or the raw one behind a smoothed one
const BEHIND = 0.6; // of a compared run behind the live one
const TURN = 2 * Math.PI;

/** Set the canvas to its size in device pixels, where it differs, and clear it. */
function prepare(canvas, { width, height }) {
  const ratio = window.devicePixelRatio || 1;
  const [wide, high] = [Math.round(width * ratio), Math.round(height * ratio)];
  const context = canvas.getContext("2d");
  if (canvas.width !== wide || canvas.height !== high) Object.assign(canvas, { width: wide, height: high });
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return context;
}

const crisp = (at) => Math.round(at) + 0.5;

function paintAxes(context, plot, theme) {
  const { left, right, below, X, Y } = plot;
  context.font = `10.5px ${theme.font}`;
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
    const { width } = context.measureText(label);
    const x = Math.min(Math.max(X(value) - width / 2, Math.min(left, X(value)) - 6), right + 4 - width);
    if (x < free) continue;
    context.fillText(label, x, below + 13.5);
    free = x + width + 8;
  }
}

/** Add a stretch of a line to the path, through Y(value(i)) for each bin. */
function addLine(context, trace, [begin, end], X, height) {
  context.moveTo(X(trace.x[begin]), height(begin));
  for (let i = begin + 1; i < end; i += 1) context.lineTo(X(trace.x[i]), height(i));
}

/** Add the band from low to high of a stretch to the path, where bins hold more than one value. */
function addBand(context, trace, [begin, end], { X, Y, log }) {
  let wide = false;
  for (let i = begin; i < end && !wide; i += 1) wide = trace.low[i] !== trace.high[i];
  if (!wide) return;
  for (let i = begin; i < end; i += 1) {
    const [x, y] = [X(trace.x[i]), Y(trace.high[i])];
    if (i === begin) context.moveTo(x, y);
    else context.lineTo(x, y);
  }
  for (let i = end - 1; i >= begin; i -= 1) context.lineTo(X(trace.x[i]), Y(span(trace, i, log)[0]));
  context.closePath();
}

/** Dots where a line would say too little: of few bins, and of a bin that stands alone. */
function addDots(context, trace, parts, { X, inView }, height) {
  let visible = 0;
  for (let i = 0; i < trace.count; i += 1) visible += inView(trace.x[i]);
  for (const [begin, end] of parts) {
    if (visible > DOTS_UP_TO && end - begin > 1) continue;
    for (let i = begin; i < end; i += 1) {
      const [x, y] = [X(trace.x[i]), height(i)];
      context.moveTo(x + 2, y);
      context.arc(x, y, 2, 0, TURN);
    }
  }
}

function stroke(context, width, alpha) {
  context.lineWidth = width;
  context.globalAlpha = alpha;
  context.stroke();
}

/** Paint one line; of its stretches first those that were overtaken, so that the newer ones lie above. */
function paintLine(context, { trace, hue, behind }, plot, theme) {
  const { X, Y, log } = plot;
  const parts = stretches(trace, log);
  const middle = (i) => (Y(trace.high[i]) + Y(span(trace, i, log)[0])) / 2;
  const { smoothed } = trace;
  const usual = behind ? BEHIND : 1;
  context.strokeStyle = context.fillStyle = theme.hues[hue % theme.hues.length];
  context.setLineDash(dashOf(hue));
  for (const faint of [1, 0]) {
    const these = parts.filter((part) => Boolean(part[2]) === Boolean(faint));
    if (!these.length) continue;
    context.beginPath();
    for (const part of these) addBand(context, trace, part, plot);
    context.globalAlpha = (faint ? 0.1 : 0.2) * usual;
    context.fill();
    context.beginPath();
    for (const part of these) addLine(context, trace, part, X, middle);
    stroke(context, smoothed || behind ? 1.2 : 1.6, usual * (smoothed || faint ? FAINT : 1));
    if (!smoothed) {
      context.beginPath();
      addDots(context, trace, these, plot, middle);
      context.fill();
    } else {
      context.beginPath();
      for (const part of these) {
        const positive = (i) => (log && smoothed[i] <= 0 ? middle(i) : Y(smoothed[i]));
        addLine(context, trace, part, X, positive);
      }
      stroke(context, behind ? 1.4 : 1.8, usual * (faint ? FAINT : 1));
    }
  }
  context.globalAlpha = 1;
  context.setLineDash([]);
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
  draw("nonfinite", theme.bad, 1, rule);
  context.globalAlpha = 0.3;
  context.stroke();
  context.globalAlpha = 1;
  draw("nonfinite", theme.bad, 1, (x) => {
    context.moveTo(x, above + 7);
    context.lineTo(x + 4, above);
    context.lineTo(x - 4, above);
  });
  context.fill();
}

/** Paint a plot: lines are { trace, hue, behind }, marks are { kind, place }. */
export function paint(canvas, plot, lines, marks, theme, size) {
  const context = prepare(canvas, size);
  paintAxes(context, plot, theme);
  context.save();
  context.beginPath();
  context.rect(plot.left, 0, plot.right - plot.left, plot.below + 1);
  context.clip();
  context.lineJoin = "round";
  const restarts = marks.filter((mark) => mark.kind === "restart" || mark.kind === "cursor");
  paintMarks(context, restarts, plot, theme);
  for (const line of [...lines].reverse()) paintLine(context, line, plot, theme);
  paintMarks(context, marks.filter((mark) => !restarts.includes(mark)), plot, theme);
  context.restore();
  if (!plot.message) return;
  context.fillStyle = theme.faint;
  context.textAlign = "center";
  context.fillText(plot.message, (plot.left + plot.right) / 2, (plot.above + plot.below) / 2);
}
