// Numbers, steps and times as text.

const DASH = "–";

/** The power of ten of a number's first digit. */
export const magnitude = (value) => Math.floor(Math.log10(Math.abs(value)) + 1e-9);

const formats = new Map(); // making an Intl.NumberFormat takes longer than a hundred uses of it

/** A number with so many significant digits. */
export function digits(value, maximumSignificantDigits = 17, notation = "standard") {
  const key = `${maximumSignificantDigits} ${notation}`;
  let format = formats.get(key);
  if (!format) {
    format = new Intl.NumberFormat("en-US", { notation, maximumSignificantDigits });
    formats.set(key, format);
  }
  return format.format(value).replace("K", "k").replace("E", "e");
}

/** A whole number, its thousands separated. */
export const whole = (value) => digits(value);

/** A tick's label: short, with as many digits as distinguish it from the next tick. */
export function compact(value, step, largest = value) {
  if (Math.abs(value) < step / 2) return "0";
  const size = magnitude(value);
  const wanted = Math.max(1, size - magnitude(step) + 1);
  const extreme = magnitude(largest) < -3 || magnitude(largest) > 14;
  const short = wanted - (size % 3) > 3 ? "standard" : "compact";
  return digits(value, wanted, extreme ? "scientific" : short);
}

/**
 * A value for reading: five digits, and of a larger whole number the seven that a float32 holds.
 */
export function exact(value, most = 5) {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "NaN" : value > 0 ? "Inf" : "-Inf";
  const size = value ? magnitude(value) : 0;
  const wanted = Math.min(Math.max(most, size + 1), 7);
  return digits(value, wanted, size < -4 || size > 8 ? "scientific" : "standard");
}

/** What a bin holds: its value, or its smallest and largest. */
export function reading(low, high, most = 5) {
  const [from, to] = [exact(low, most), exact(high, most)];
  return from === to ? from : `${from} to ${to}`;
}

const two = (value) => String(value).padStart(2, "0");

/** Seconds in two units at most: "0.25 s", "42 s", "12 min 3 s", "5 h 12 min", "3 d 4 h". */
export function duration(seconds) {
  if (!Number.isFinite(seconds)) return DASH;
  if (Math.abs(seconds) < 9.95) return `${digits(Number(seconds.toFixed(2)), 2)} s`;
  const size = Math.round(Math.abs(seconds));
  const [d, h] = [Math.floor(size / 86400), Math.floor(size / 3600) % 24];
  const [m, s] = [Math.floor(size / 60) % 60, size % 60];
  const pair = d ? [[d, "d"], [h, "h"]] : h ? [[h, "h"], [m, "min"]] : [[m, "min"], [s, "s"]];
  const words = pair.filter(([count]) => count)
    .map(([count, unit]) => `${count} ${unit}`).join(" ");
  return (seconds < 0 ? "-" : "") + words;
}

/** How long ago: "just now", "42 s ago". */
export const ago = (seconds) => (seconds < 1 ? "just now" : `${duration(Math.floor(seconds))} ago`);

/** The time of day of a wall time (seconds since the epoch), in the reader's time zone. */
export function clock(wall, seconds = true) {
  if (!Number.isFinite(wall)) return DASH;
  const at = new Date(wall * 1000);
  const time = `${two(at.getHours())}:${two(at.getMinutes())}`;
  return seconds ? `${time}:${two(at.getSeconds())}` : time;
}

/** The date of a wall time, as 2026-11-25. */
export function date(wall) {
  if (!Number.isFinite(wall)) return DASH;
  const at = new Date(wall * 1000);
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}

/** Date and time of a wall time. */
export const moment = (wall) => (Number.isFinite(wall) ? `${date(wall)} ${clock(wall)}` : DASH);
