// One card: a name, the latest value, a chart on a canvas, a few buttons.

import { paint } from "./chart.js";
import { make, setAttribute, setText } from "./dom.js";
import { asOf, atCursor, labelOf, latestOf, marksOf, noteOf } from "./latest.js";
import { createLegend } from "./legend.js";
import { fit } from "./plot.js";
import { describe, valueAt } from "./reading.js";
import { traceOf } from "./series.js";
import { createTools } from "./tools.js";

/**
 * Fills an element with a card.
 *
 * spec: { key, tag, label, unit, own (no overlay of others), lines() }, its lines as { id, name,
 * series, hue, behind, hidden }. view: { settings, theme, marks(), zoomOf(key), cursor(), actions,
 * stateOf(spec), watchLine(node, line) }. What was drawn last: lines (with a trace), marks, plot.
 */
export class Card {
  constructor(node, spec, view) {
    Object.assign(this, { node, spec, view, size: null, plot: null, axis: "step" });
    Object.assign(this, { lines: [], marks: [], last: null, stops: [] });
    this.value = make("b", "card-value");
    this.tools = createTools(spec, view.actions);
    const name = make("bdi", "", {}, spec.label || spec.tag);
    const title = make("span", "name card-name", { title: spec.names ?? spec.tag }, name);
    this.canvas = make("canvas", "card-canvas", { tabindex: 0, role: "img" });
    this.cross = make("div", "card-cross", { hidden: true });
    this.note = make("div", "card-note", { hidden: true });
    this.plotNode = make("div", "card-plot", {}, this.canvas, this.cross, this.note);
    this.legend = createLegend((id) => view.settings.toggle("hidden", id), (item, line) => {
      const stop = view.watchLine(item, line);
      if (stop) this.stops.push(stop);
    });
    const head = make("div", "card-head", {}, title, this.value, this.tools.node);
    node.append(head, this.plotNode, this.legend.node);
  }

  /** Draw all anew. */
  draw() {
    const { settings, theme, zoomOf, marks, cursor } = this.view;
    const all = this.spec.lines();
    this.axis = settings.get("axis");
    const weight = settings.get("smoothing");
    this.lines = all.filter((line) => line.series && !line.hidden)
      .map((line) => ({ ...line, trace: traceOf(line.series, this.axis, weight) }));
    const traces = this.lines.map(({ trace }) => trace);
    this.marks = marksOf(traces, marks());
    const { width = 0, height = 0 } = this.size ?? {};
    this.plot = fit({ traces, places: this.marks.map(({ place }) => place), axis: this.axis,
      log: settings.get("log"), zoom: zoomOf(this.spec.key), width, height });
    this.drawTexts(all);
    if (width) paint(this, theme.get());
    this.showCursor(cursor());
  }

  drawTexts(all) {
    const { spec, plot, axis } = this;
    const state = this.view.stateOf(spec);
    const { cursor } = this.view.marks();
    const read = (series) => (typeof cursor !== "number" ? latestOf(series, axis)
      : atCursor(series && traceOf(series, axis, this.view.settings.get("smoothing")), cursor));
    const latest = all.map((line) => ({ ...line, last: read(line.series) }));
    const shown = latest.filter(({ last, hidden }) => last && !hidden);
    this.last = shown[0]?.last ?? null;
    setAttribute(this.value, "title", asOf(cursor) || null);
    this.tools.update(state);
    const entries = latest.length > 1 && (state.large || !spec.own) ? latest : [];
    this.legend.update(entries.map((line) => ({ ...line, value: line.last?.value })));
    const note = noteOf(plot, this.lines.map(({ trace }) => trace));
    this.note.hidden = !note;
    setText(this.note, note);
    // With the focus on it a screen reader would say the new label at every refresh.
    if (this.canvas.matches(":focus")) return;
    const words = { tag: spec.tag, axis, message: plot.message, note, latest: shown, cursor };
    setAttribute(this.canvas, "aria-label", labelOf(words));
  }

  /** Put the crosshair at a place, and the value there into the head; null takes it away. */
  showCursor(place) {
    const { plot, lines, last, spec, value } = this;
    if (!plot) return;
    const shown = place !== null && plot.inView(place) && !plot.message;
    this.cross.hidden = !shown;
    if (shown) this.cross.style.transform = `translateX(${plot.X(place).toFixed(1)}px)`;
    const text = (shown ? valueAt(lines[0].trace, place) : last?.value) ?? "";
    setText(value, text && spec.unit ? `${text} ${spec.unit}` : text);
    value.classList.toggle("nbhooks-card-bad", !shown && last !== null && !last.finite);
    value.classList.toggle("nbhooks-card-read", shown);
  }

  /** What there is to read at a place. */
  describe(place) {
    return describe(this, place);
  }

  destroy() {
    for (const stop of this.stops) stop();
  }
}
