// Drawings the size of a word: a trend as a line, a histogram as bars.
import { setAttribute, shape } from "./dom.js";

const EDGE = 1.5; // px around a line, so that its stroke is not cut

const at = (value) => Number(value.toFixed(1));

/** The path of a line through numbers; what is not finite is a gap. */
export function linePath(numbers, width, height) {
  const finite = numbers.filter(Number.isFinite);
  if (finite.length < 2) return "";
  const [low, high] = [Math.min(...finite), Math.max(...finite)];
  const x = (i) => at(EDGE + (i / (numbers.length - 1)) * (width - 2 * EDGE));
  const y = (value) => at(high === low ? height / 2
    : height - EDGE - ((value - low) / (high - low)) * (height - 2 * EDGE));
  let [path, pen] = ["", "M"];
  numbers.forEach((value, i) => {
    if (Number.isFinite(value)) path += `${pen}${x(i)} ${y(value)}`;
    pen = Number.isFinite(value) ? "L" : "M";
  });
  return path;
}

/** The path of bars whose heights are from 0 to 1. */
export function barsPath(heights, width, height) {
  const each = width / Math.max(1, heights.length);
  return heights.map((share, i) => {
    const tall = at(Math.min(Math.max(Number(share) || 0, 0), 1) * height);
    return tall && `M${at(i * each)} ${height}v${-tall}h${at(each)}v${tall}z`;
  }).filter(Boolean).join("");
}

function drawing(kind, width, height) {
  const box = { width, height, viewBox: `0 0 ${width} ${height}`, "aria-hidden": true };
  return shape("svg", `spark ${kind}`, box, shape("path"));
}

/** A line through numbers; one that has fewer than two is empty. */
export const createTrend = (width = 72, height = 18) => drawing("trend", width, height);

/** Bars, such as a histogram's. */
export const createBars = (width = 72, height = 18) => drawing("bars", width, height);

const sizeOf = (svg) => [Number(svg.getAttribute("width")), Number(svg.getAttribute("height"))];

export function setTrend(svg, numbers) {
  setAttribute(svg.firstChild, "d", linePath(numbers, ...sizeOf(svg)));
}

export function setBars(svg, heights) {
  setAttribute(svg.firstChild, "d", barsPath(heights, ...sizeOf(svg)));
}
