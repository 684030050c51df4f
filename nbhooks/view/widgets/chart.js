// Draws binned series as a live line chart: hover, logarithmic scale, drag to zoom, reset, keyboard.
// Names and titles come from a kernel and may be hostile: they are set as text, never as markup.

const HUES = 8; // in style.css; what is beyond them is dashed
const DASHES = ["none", "7 3", "2 3", "8 3 2 3"];
const ASK_EVERY = 500; // ms between two requests for the full state
const DOTS_UP_TO = 40; // visible bins of a series that are few enough to be marked one by one
const NEAR = 6; // px: marks this close to the cursor are listed; a shorter drag is a click; room for whole dots

function add(parent, name, kind, attributes = {}, text = "") {
  const space = ["svg", "path", "text"].includes(name) ? "2000/svg" : "1999/xhtml";
  const node = document.createElementNS(`http://www.w3.org/${space}`, name);
  node.setAttribute("class", `nbhooks-${kind}`);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.textContent = text;
  parent.append(node);
  return node;
}

// A little of the text's colour makes every series stand out more, in a dark theme as in a light one.
const colour = (i) => `color-mix(in oklab, var(--nbhooks-hue-${i % HUES}) 82%, var(--nbhooks-chart-ink))`;
const stroke = (i) => `stroke: ${colour(i)}; stroke-dasharray: ${DASHES[Math.floor(i / HUES) % 4]}`;

/** A line of the legend or of the tooltip: how series i is drawn, its name, and its value. */
function addItem(parent, name, i, value = "") {
  const item = add(parent, "div", "chart-item");
  const swatch = add(item, "svg", "chart-swatch", { width: 18, height: 8, "aria-hidden": true });
  if (i !== undefined) add(swatch, "path", "chart-line", { d: "M0 4H18", style: stroke(i) });
  add(item, "span", "chart-name", { title: name }, name);
  add(item, "b", "chart-value", {}, value);
}

const magnitude = (value) => Math.floor(Math.log10(Math.abs(value)) + 1e-9);
const format = (value, maximumSignificantDigits = 17, notation = "standard") => value
  .toLocaleString("en-US", { notation, maximumSignificantDigits }).replace("K", "k").replace("E", "e");

/** A tick's label: short, with as many digits as distinguish it from the next tick. */
function compact(value, step, largest = value) {
  if (Math.abs(value) < step / 2) return "0";
  const size = magnitude(value);
  const digits = Math.max(1, size - magnitude(step) + 1);
  const extreme = magnitude(largest) < -3 || magnitude(largest) > 14;
  return format(value, digits, extreme ? "scientific" : digits - (size % 3) > 3 ? "standard" : "compact");
}

/** A value for reading: five digits, and of a larger whole number the seven that a float32 holds. */
const exact = (value, size = value ? magnitude(value) : 0) =>
  format(value, Math.min(Math.max(5, size + 1), 7), size < -4 || size > 8 ? "scientific" : "standard");
const measured = (bin) => Number.isFinite(bin.low) && Number.isFinite(bin.high);
const reading = (bin) => [...new Set([exact(bin.low), exact(bin.high)])].join(" to ");

function linearTicks(from, to, wanted, smallest = 0) {
  const rough = Math.max((to - from) / wanted, smallest);
  const step = [1, 2, 5, 10].map((k) => k * 10 ** magnitude(rough)).find((k) => k >= rough * 0.999);
  const [first, last] = [Math.ceil(from / step - 1e-9), Math.floor(to / step + 1e-9)];
  const values = Array.from({ length: last - first + 1 }, (_, k) => (first + k) * step);
  return values.map((value) => [value, compact(value, step, Math.max(Math.abs(from), Math.abs(to)))]);
}

function logTicks(from, to, wanted) {
  const powers = linearTicks(Math.log10(from), Math.log10(to), wanted, 1).map(([exponent]) => 10 ** exponent);
  return powers.length < 2 ? linearTicks(from, to, wanted) : powers.map((ten) => [ten, compact(ten, ten)]);
}

/** The bins of one series: count float64 x, then count float32 low, then count float32 high. */
function decode(buffer, count) { // with a DataView, since a typed array would refuse an odd offset
  const view = new DataView(buffer.buffer ?? buffer, buffer.byteOffset ?? 0, buffer.byteLength);
  return Array.from({ length: count }, (_, i) => ({ x: view.getFloat64(8 * i, true),
    low: view.getFloat32(8 * count + 4 * i, true), high: view.getFloat32(12 * count + 4 * i, true) }));
}

/** The bin closest to a step; of equals the last, since after a restart the newer one is meant. */
const nearest = (bins, step) => bins.reduce((best, bin) =>
  (best && Math.abs(best.x - step) < Math.abs(bin.x - step) ? best : bin), undefined);

/** A line through the middles, a band from low to high, and dots where a line would say too little. */
function outline(bins, X, Y, inView) {
  const few = bins.filter((bin) => bin && inView(bin)).length <= DOTS_UP_TO;
  const at = (bin, y) => `${X(bin.x).toFixed(1)} ${y.toFixed(1)}`;
  let [line, band, dots, run] = ["", "", "", []];
  const finish = () => {
    const middle = run.map((bin) => at(bin, (Y(bin.low) + Y(bin.high)) / 2));
    const [upper, lower] = ["high", "low"].map((edge) => run.map((bin) => at(bin, Y(bin[edge]))));
    if (run.length) line += `M${middle.join("L")}`;
    if (run.some((bin) => bin.low !== bin.high)) band += `M${[...upper, ...lower.reverse()].join("L")}Z`;
    if (few || run.length === 1) dots += middle.map((point) => `M${point}h0`).join("");
    run = [];
  };
  for (const bin of bins) { // between the end of one attempt and the start of the next nothing was measured
    if (!bin || bin.x < run.at(-1)?.x) finish();
    if (bin) run.push(bin);
  }
  finish();
  return { line, band, dots };
}

function createView(model, el, state) {
  el.classList.add("nbhooks-chart");
  const head = add(el, "div", "chart-head");
  const title = add(head, "span", "chart-title");
  const caption = add(head, "span", "chart-caption");
  const addButton = (label, text) =>
    add(head, "button", "chart-button", { type: "button", title: label, "aria-label": label }, text);
  const [logButton, resetButton] = [addButton("Logarithmic scale", "log"), addButton("Reset zoom", "reset")];
  const plot = add(el, "div", "chart-plot", { role: "img", tabindex: 0 });
  const drawing = add(plot, "svg", "chart-drawing", { "aria-hidden": true });
  const tooltip = add(plot, "div", "tooltip");
  const legend = add(el, "div", "chart-legend");
  const note = add(el, "div", "chart-note");
  const said = add(el, "div", "chart-said", { "aria-live": "polite" });
  let [log, zoom, cursor, drag, frame] = [false, null, null, null, 0]; // cursor: {px} or {step}
  let [area, size, legendOf] = [{}, {}, ""]; // area: the range of steps in view and, once drawn, its scales
  const redraw = () => { frame ||= requestAnimationFrame(draw); };
  const inView = ({ x }) => x >= area.from && x <= area.to;
  const bins = () => state.series.flatMap((s) => s.bins);
  const places = () => [...bins(), ...state.marks.map((mark) => ({ x: mark.step }))];

  function drawTexts(message, leftOut) {
    title.textContent = title.title = model.get("title");
    caption.replaceChildren();
    state.caption.forEach(([label, value]) =>
      add(add(caption, "span", "chart-pair", {}, `${label} `), "b", "chart-value", {}, value));
    const names = JSON.stringify(state.series.map((s) => [s.name, s.hue]));
    if (names !== legendOf) legend.replaceChildren(); // at every refresh, a scrolled legend would jump
    if (names !== legendOf) state.series.forEach((s) => addItem(legend, s.name, s.hue));
    legendOf = names;
    note.textContent = [state.note, leftOut && `bins ≤ 0 left out: ${leftOut}`].filter(Boolean).join(" · ");
    logButton.ariaPressed = String(log);
    resetButton.disabled = !zoom;
    if (plot.matches(":focus")) return; // a screen reader would say the new label at every refresh
    const sums = state.series.map((s) => [s, s.bins.findLast(measured)]).filter(([, last]) => last)
      .map(([s, last]) => `${s.name.slice(0, 80)}: last ${reading(last)} at ${format(last.x)}`);
    plot.ariaLabel = [`${model.get("title")}, line chart over ${model.get("x_label")}`, message, ...sums,
      "Left and right arrow keys read the values"].filter(Boolean).join(". ");
  }

  function draw() {
    frame = 0;
    const xs = zoom ?? places().map((place) => place.x);
    let [from, to] = xs.reduce(([a, b], x) => [Math.min(a, x), Math.max(b, x)], [Infinity, -Infinity]);
    if (to - from < 1) [from, to] = [(from + to - 1) / 2, (from + to + 1) / 2];
    area = { from, to };
    const leftOut = log ? bins().filter((bin) => measured(bin) && bin.low <= 0).length : 0;
    const series = state.series.map((s) => s.bins.map((bin) =>
      measured(bin) && (!log || bin.low > 0 ? bin : bin.high > 0 && { ...bin, low: bin.high })));
    const drawn = series.flat().filter(Boolean);
    el.dataset.points = bins().length;
    const message = drawn.length ? "" : leftOut ? "nothing above 0 to show on a logarithmic scale"
      : bins().length ? "no finite values yet" : "no points yet";
    drawTexts(message, leftOut);
    const { width, height } = size;
    if (!width) return; // not laid out: the observer calls again
    drawing.replaceChildren();
    const [f, g] = log ? [Math.log10, (value) => 10 ** value] : [Number, Number];
    const visible = drawn.filter(inView);
    let [bottom, top] = (visible.length ? visible : drawn).reduce(
      ([a, b], bin) => [Math.min(a, f(bin.low)), Math.max(b, f(bin.high))], [Infinity, -Infinity]);
    const spare = (top - bottom) * 0.07 || (log ? 0.2 : Math.abs(top) * 0.1 || 1);
    [bottom, top] = [bottom - spare, top + spare];
    const yTicks = message ? [] : (log ? logTicks : linearTicks)(g(bottom), g(top), Math.max(2, height / 45));
    const [left, right] = [12 + 6.5 * Math.max(1, ...yTicks.map(([, label]) => label.length)), width - 22];
    const [above, below, across] = [22, height - 36, right - left - 2 * NEAR];
    const X = (x) => left + NEAR + ((x - from) / (to - from)) * across;
    const Y = (y) => below - ((f(y) - bottom) / (top - bottom)) * (below - above);
    Object.assign(area, { X, left, right, at: (px) => from + ((px - left - NEAR) / across) * (to - from) });
    const path = (parent, kind, d, style = "") => add(parent, "path", `chart-${kind}`, { d, style });
    const write = (x, y, anchor, text) =>
      add(drawing, "text", "chart-text", { x, y, "text-anchor": anchor }, text);
    for (const [value, label] of yTicks) {
      path(drawing, "grid", `M${left} ${Y(value).toFixed(1)}H${right}`);
      write(left - 6, Y(value) + 4, "end", label);
    }
    for (const [value, label] of xs.length ? linearTicks(from, to, width / 90, 1) : []) {
      path(drawing, "axis", `M${X(value).toFixed(1)} ${below}v4`);
      write(X(value), below + 16, "middle", label);
    }
    path(drawing, "axis", `M${left} ${below}H${right}`);
    write(4, 12, "start", model.get("y_label"));
    write((left + right) / 2, height - 5, "middle", model.get("x_label"));
    write((left + right) / 2, (above + below) / 2, "middle", message);
    const clip = { x: left, y: above - 4, width: right - left, height: below - above + 4 };
    const inside = add(drawing, "svg", "chart-inside", { ...clip, viewBox: Object.values(clip).join(" ") });
    const drawMarks = (kind, shape) => path(inside, kind, state.marks.filter((mark) => mark.kind === kind)
      .map((mark) => `M${X(mark.step).toFixed(1)} ${shape}`).join(""));
    drawMarks("restart", `${above}V${below}`);
    const lines = series.map((these, i) => ({ ...outline(these, X, Y, inView), hue: state.series[i].hue }));
    lines.forEach(({ band, hue }) => path(inside, "band", band, `color: ${colour(hue)}`));
    lines.forEach(({ line, hue }) => path(inside, "line", line, stroke(hue)));
    lines.forEach(({ dots, hue }) => path(inside, "dots", dots, `stroke: ${colour(hue)}`));
    if (state.cursor !== null) path(inside, "here", `M${X(state.cursor).toFixed(1)} ${above}V${below}`);
    drawMarks("checkpoint", `${below - 7}l4.5 7h-9Z`);
    drawMarks("nonfinite", `${above - 4}v11`);
    const shown = cursor && !drag && describe();
    tooltip.hidden = !shown;
    if (shown) path(inside, "cursor", `M${X(shown.step).toFixed(1)} ${above}V${below}`);
    if (drag) path(drawing, "drag", `M${drag[0]} ${above}V${below}H${drag[1]}V${above}Z`);
  }

  /** Fill the tooltip with what stands at the cursor: a step, each series there, the marks close by. */
  function describe() {
    const closest = (these) => nearest(these.filter(inView), area.at(cursor.px))?.x;
    const step = cursor.step ?? closest(bins()) ?? closest(places());
    if (step === undefined) return null;
    const [x, { width }] = [area.X(step), size];
    const at = (other) => (other === step ? "" : ` at ${format(other)}`);
    const rows = state.series.map((s) => [s.name, s.hue, nearest(s.bins, step)]).filter(([, , bin]) => bin)
      .map(([name, hue, bin]) => [name, hue, (measured(bin) ? reading(bin) : "no value") + at(bin.x)]);
    rows.push(...state.marks.filter((mark) => Math.abs(area.X(mark.step) - (cursor.px ?? x)) <= NEAR)
      .map((mark) => [mark.text, undefined, mark.kind + at(mark.step)]));
    const heading = tooltip.textContent = `${model.get("x_label")} ${format(step)}`;
    const text = [heading, ...rows.map(([name, , value]) => `${name.slice(0, 80)}: ${value}`)].join("; ");
    for (const row of rows) addItem(tooltip, ...row);
    const [side, room] = x > width / 2 ? ["right", width - x] : ["left", x];
    const away = Math.max(0, Math.min(room + 10, width - 240)); // in a narrow plot it covers the cursor
    tooltip.style = `${side}: ${away}px; max-width: ${width - away}px`;
    return { step, text };
  }

  function press(event) {
    if (event.composedPath()[0] !== plot || event.altKey || event.ctrlKey || event.metaKey) return;
    const stops = places().filter(inView).map((place) => place.x).sort((a, b) => a - b);
    const here = cursor && describe()?.step;
    const step = { Home: stops[0], ArrowLeft: stops.findLast((s) => s < (here ?? Infinity)) ?? stops[0],
      End: stops.at(-1), ArrowRight: stops.find((s) => s > (here ?? -Infinity)) ?? stops.at(-1) }[event.key];
    if (event.key === "Escape" && (zoom || drag || cursor)) zoom = drag = cursor = null;
    else if (step !== undefined) cursor = { step };
    else return;
    event.preventDefault();
    event.stopPropagation();
    said.textContent = cursor ? describe().text : "";
    redraw();
  }

  const stop = new AbortController();
  const listen = (target, type, act) =>
    target.addEventListener(type, (event) => { act(event); redraw(); }, { signal: stop.signal });
  const moveCursor = (event) => {
    const px = event.clientX - plot.getBoundingClientRect().left;
    cursor = { px: Math.min(Math.max(px, area.left), area.right) };
    if (drag) drag[1] = cursor.px;
  };
  listen(logButton, "click", () => { log = !log; });
  listen(resetButton, "click", () => { zoom = null; plot.focus(); }); // disabled, it would lose the focus
  listen(plot, "pointermove", moveCursor);
  listen(plot, "pointerdown", (event) => {
    moveCursor(event);
    if (event.button === 0 && places().length) drag = [cursor.px, cursor.px];
    plot.setPointerCapture(event.pointerId);
  });
  listen(plot, "pointerup", () => {
    if (drag && Math.abs(drag[1] - drag[0]) >= NEAR) zoom = drag.map(area.at);
  });
  listen(plot, "lostpointercapture", () => { drag = null; }); // after pointerup, or the drag was broken off
  for (const type of ["pointerleave", "blur"]) listen(plot, type, () => { cursor = null; });
  // Lab takes the arrow keys at the document in the capture phase: only the window comes before it.
  window.addEventListener("keydown", press, { capture: true, signal: stop.signal });
  // What the observer says last is so; clientWidth may be 0 for a moment that no observer reports.
  const observer = new ResizeObserver(([entry]) => { size = entry.contentRect; redraw(); });
  observer.observe(plot);
  state.views.add(redraw);
  return () => {
    state.views.delete(redraw);
    cancelAnimationFrame(frame);
    observer.disconnect();
    stop.abort();
  };
}

// A function, so that each model has one state, which its views share: anywidget hands initialize and each
// render a different proxy of the model, and no WeakMap would know them for one.
export default () => {
  const state = { series: [], marks: [], caption: [], note: "", cursor: null, views: new Set() };
  let [stale, asked, timer] = [false, 0, 0];
  const redraw = () => state.views.forEach((view) => view());
  const ask = (model) => { asked = performance.now(); model.send({ type: "ready" }); };
  const fits = (s, i, bytes) => s.from <= state.series[i]?.bins.length && bytes?.byteLength === 16 * s.count;
  const receive = (model, content, buffers) => {
    clearTimeout(timer);
    const full = content.type === "full";
    stale = !full && (stale || !content.series.every((s, i) => fits(s, i, buffers[i])));
    if (stale) { // nothing is drawn from pieces that do not fit together
      timer = setTimeout(ask, asked + ASK_EVERY - performance.now(), model);
      return;
    }
    if (full) state.series = content.series.map(({ name, hue }, i) => ({ name, hue: hue ?? i, bins: [] }));
    content.series.forEach(({ from = 0, count }, i) =>
      state.series[i].bins.splice(from, Infinity, ...decode(buffers[i], count)));
    if (content.marks) state.marks = [...state.marks.slice(content.passed ?? Infinity), ...content.marks];
    for (const key of ["caption", "note", "cursor"]) if (key in content) state[key] = content[key];
    redraw();
  };
  return {
    initialize({ model }) {
      model.on("msg:custom", (content, buffers) => receive(model, content, buffers));
      for (const name of ["title", "x_label", "y_label"]) model.on(`change:${name}`, redraw);
      return () => clearTimeout(timer); // anywidget takes the listeners off itself
    },
    render: ({ model, el }) => { ask(model); return createView(model, el, state); },
  };
};
