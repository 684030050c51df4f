// The line above the cards: filter, smoothing, axes, zoom.

import { button, make, setAttribute, setText } from "./dom.js";
import { whole } from "./format.js";
import { matcher } from "./groups.js";

const MOST = 0.99; // smoothing
const X_AXES = [
  ["step", "step", "global step"],
  ["relative", "relative", "time since the first value"],
  ["wall", "wall", "time of day"],
];
const Y_SCALES = [[false, "linear", "linear scale"], [true, "log", "logarithmic scale"]];

/** A filter for names, with what is wrong with it beside it, and how many are shown. */
function createFilter(settings) {
  const input = make("input", "field cards-filter", { type: "search", spellcheck: "false",
    placeholder: "filter tags or /regex/",
    "aria-label": "filter tags: part of a name, or a /regular expression/" });
  const error = make("span", "cards-error", { role: "status" });
  const count = make("span", "cards-count");
  input.addEventListener("input", () => settings.set("filter", input.value));
  const update = ({ shown, total }) => {
    const filter = settings.get("filter");
    if (!input.matches(":focus")) input.value = filter;
    const problem = matcher(filter).error;
    setText(error, problem);
    setAttribute(input, "aria-invalid", problem ? "true" : null);
    setText(count, filter && !problem ? `${whole(shown)} of ${whole(total)}` : "");
  };
  return { node: make("span", "cards-part", {}, input, count, error), update };
}

function createSmoothing(settings) {
  const slider = make("input", "cards-slider", { type: "range", min: 0, max: MOST, step: 0.01,
    "aria-label": "smoothing" });
  const value = make("output", "cards-output");
  slider.addEventListener("input", () => settings.set("smoothing", Number(slider.value)));
  const update = () => {
    const weight = settings.get("smoothing");
    if (Number(slider.value) !== weight) slider.value = weight;
    setText(value, weight.toFixed(2));
  };
  return { node: make("label", "cards-part", {}, "smoothing ", slider, value), update };
}

/** Buttons of which one is pressed. */
function createChoice(label, choices, settings, name) {
  const nodes = choices.map(([value, text, title]) =>
    [value, button("cards-choice", text, { title }, () => settings.set(name, value))]);
  const names = { role: "group", "aria-label": label };
  const node = make("span", "cards-choices", names, ...nodes.map(([, one]) => one));
  const update = () => nodes.forEach(([value, one]) =>
    setAttribute(one, "aria-pressed", String(settings.get(name) === value)));
  return { node: make("span", "cards-part", {}, `${label} `, node), update };
}

function createZoom(settings, resetZoom) {
  const linked = button("cards-choice", "link zoom", { title: "A zoom is of all cards" },
    () => settings.set("linked", !settings.get("linked")));
  const title = "Show everything again (double click, Escape)";
  const reset = button("cards-choice", "reset zoom", { title }, resetZoom);
  const node = make("span", "cards-part", {},
    ...[linked, reset].map((one) => make("span", "cards-choices", {}, one)));
  const update = ({ zoomed }) => {
    setAttribute(linked, "aria-pressed", String(settings.get("linked")));
    reset.disabled = !zoomed;
  };
  return { node, update };
}

/** The toolbar; update({ shown, total, zoomed }) makes it show the settings as they are. */
export function createToolbar(settings, { resetZoom }) {
  const parts = [
    createFilter(settings),
    createSmoothing(settings),
    createChoice("x", X_AXES, settings, "axis"),
    createChoice("y", Y_SCALES, settings, "log"),
    createZoom(settings, resetZoom),
  ];
  const node = make("div", "cards-bar", { role: "group", "aria-label": "scalars" },
    ...parts.map((part) => part.node));
  return { node, update: (state) => parts.forEach((part) => part.update(state)) };
}
