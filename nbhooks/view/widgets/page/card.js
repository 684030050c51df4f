// One card: a name, the latest value, a chart on a canvas, a few buttons.

import { paint } from "./chart.js";
import { button, copyText, make, setAttribute, setText } from "./dom.js";
import { exact, whole } from "./format.js";
import { createLegend } from "./legend.js";
import { fit } from "./plot.js";
import { describe, placeText, valueAt } from "./reading.js";
import { placeOf, restartOf, traceOf } from "./series.js";

const COPIED = 1200; // ms for which the copy button says that it has copied

/** The last value of a line: the latest point's, or what the last bin holds. */
function lastOf({ series }, axis) {
  if (!series?.count && Number.isNaN(series?.step ?? NaN)) return null;
  const { count, low, high, x, wall } = series;
  const i = count - 1;
  const known = Number.isFinite(series.step);
  const value = known ? exact(series.last) : exact((low[i] + high[i]) / 2);
  const place = axis === "step" ? (known ? series.step : x[i]) : axis === "wall" ? wall[i] : wall[i] - wall[0];
  return { value, place, finite: known ? Number.isFinite(series.last) : Number.isFinite(low[i]) };
}

/** The marks of a card on the axis of its first line; those of NaN and Inf are its lines' own. */
function marksOf(traces, marks) {
  if (!traces.length) return [];
  const [first] = traces;
  const make = (trace, kind, step, text) => ({ kind, text, place: placeOf(trace, step) });
  const restart = (step) => ({ kind: "restart", text: "", place: restartOf(first, step) });
  return [
    ...marks.restarts.map(restart),
    ...marks.checkpoints.map(([step, path]) => make(first, "checkpoint", step, path)),
    ...traces.flatMap((trace) => trace.series.nonfinite.map((step) => make(trace, "nonfinite", step, ""))),
    ...(marks.cursor === null || marks.cursor === undefined ? [] : [make(first, "cursor", marks.cursor, "")]),
  ].filter((mark) => Number.isFinite(mark.place));
}

/** What is left out or thinned, in a few words; "" where nothing is. */
function noteOf(plot, traces) {
  const nonfinite = traces.reduce((sum, { series }) => sum + series.nonfiniteCount, 0);
  const thinned = Math.max(1, ...traces.map(({ series }) => series.thinned));
  const bins = plot.leftOut === 1 ? "1 bin" : `${whole(plot.leftOut)} bins`;
  return [nonfinite && `${whole(nonfinite)} NaN or Inf`, plot.leftOut && `${bins} ≤ 0 left out`,
    thinned > 1 && `every ${whole(thinned)}th point kept`].filter(Boolean).join(" · ");
}

function createTools(parent, spec, actions) {
  const tools = make("span", "card-tools");
  const add = (kind, label, act) => {
    const node = button(`card-tool ${kind}`, "", { title: label, "aria-label": label }, act);
    tools.append(node);
    return node;
  };
  const copy = add("card-copy", "Copy the full name", async () => {
    copy.title = (await copyText(spec.tag)) ? "Copied" : "Could not copy";
    copy.dataset.done = copy.title;
    setTimeout(() => {
      copy.title = "Copy the full name";
      delete copy.dataset.done;
    }, COPIED);
  });
  if (!spec.pin) add("card-clear", "Take the overlay away", actions.clear);
  const pin = spec.pin && add("card-pin", "Pin to the top", () => actions.pin(spec.tag));
  const overlay = spec.pin && add("card-overlay", "Overlay with other cards that are chosen so", () => actions.overlay(spec.tag));
  const large = add("card-enlarge", "Enlarge", () => actions.enlarge(spec.key));
  parent.append(tools);
  return (state) => {
    if (pin) setAttribute(pin, "aria-pressed", String(state.pinned));
    if (overlay) setAttribute(overlay, "aria-pressed", String(state.overlaid));
    setAttribute(large, "aria-pressed", String(state.large));
    setAttribute(large, "title", state.large ? "Make small again (Escape)" : "Enlarge (Enter)");
  };
}

/**
 * Fill node with a card.
 *
 * spec: { key, tag, label, unit, pin (whether it can be pinned and overlaid), lines() } with lines as
 * { id, name, series, hue, behind, hidden }. view: { settings, theme, marks(), zoomOf(key), cursor(),
 * stateOf(spec), actions, watchLine }. draw() paints all; showCursor(place) sets the crosshair and the value.
 */
export function createCard(node, spec, view) {
  const title = make("span", "name card-name", { title: spec.tag }, make("bdi", "", {}, spec.label));
  const value = make("b", "card-value");
  const head = make("div", "card-head", {}, title, value);
  const canvas = make("canvas", "card-canvas", { tabindex: 0, role: "img" });
  const cross = make("div", "card-cross", { hidden: true });
  const note = make("div", "card-note", { hidden: true });
  const plotNode = make("div", "card-plot", {}, canvas, cross, note);
  const legend = createLegend((id) => view.settings.toggle("hidden", id), view.watchLine);
  const showTools = createTools(head, spec, view.actions);
  node.append(head, plotNode, legend.node);
  const card = { spec, node, canvas, plotNode, size: null, lines: [], marks: [], plot: null, axis: "step" };

  function drawTexts(all) {
    const lasts = all.map((line) => ({ line, last: lastOf(line, card.axis) })).filter(({ last }) => last);
    card.last = lasts.find(({ line }) => !line.hidden)?.last ?? null;
    const state = view.stateOf(spec);
    showTools(state);
    const entries = all.length > 1 && (state.large || spec.legend)
      ? all.map((line) => ({ ...line, value: lasts.find((one) => one.line === line)?.last.value }))
      : [];
    legend.update(entries);
    const text = noteOf(card.plot, card.lines.map(({ trace }) => trace));
    note.hidden = !text;
    setText(note, text);
    if (canvas.matches(":focus")) return; // a screen reader would say the new label at every refresh
    const sums = lasts.filter(({ line }) => !line.hidden).slice(0, 8).map(({ line, last }) =>
      `${line.name.slice(0, 80)}${line.name && ": "}last ${last.value} at ${placeText(card.axis, last.place)}`);
    setAttribute(canvas, "aria-label", [`${spec.tag}, line chart over ${card.axis}`, card.plot.message, ...sums,
      text, "Left and right arrow keys read the values, Enter enlarges"].filter(Boolean).join(". "));
  }

  card.draw = () => {
    const { settings } = view;
    const all = spec.lines();
    card.axis = settings.get("axis");
    const weight = settings.get("smoothing");
    card.lines = all.filter((line) => line.series && !line.hidden)
      .map((line) => ({ ...line, trace: traceOf(line.series, card.axis, weight) }));
    const traces = card.lines.map(({ trace }) => trace);
    card.marks = marksOf(traces, view.marks());
    card.plot = fit({ traces, places: card.marks.map(({ place }) => place), axis: card.axis,
      log: settings.get("log"), zoom: view.zoomOf(spec.key), width: card.size?.width ?? 0,
      height: card.size?.height ?? 0 });
    drawTexts(all);
    if (card.size?.width) paint(canvas, card.plot, card.lines, card.marks, view.theme.get(), card.size);
    card.showCursor(view.cursor());
  };

  /** Put the crosshair at a place, and the value there into the head; null takes it away. */
  card.showCursor = (place) => {
    const { plot, lines, last } = card;
    if (!plot) return;
    const shown = place !== null && plot.inView(place) && !plot.message;
    cross.hidden = !shown;
    if (shown) cross.style.transform = `translateX(${plot.X(place).toFixed(1)}px)`;
    const text = shown && lines.length ? valueAt(lines[0].trace, place) : last?.value ?? "";
    setText(value, text && spec.unit ? `${text} ${spec.unit}` : text);
    value.classList.toggle("nbhooks-card-bad", !shown && last !== null && !last.finite);
    value.classList.toggle("nbhooks-card-read", shown);
  };

  card.describe = (place) => describe(card, place);
  return card;
}
