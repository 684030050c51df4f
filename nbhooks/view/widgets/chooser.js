// Chooses what a board of saved runs shows: the step, the runs, the tag to compare. The kernel holds what is
// chosen; this says what was clicked. Names come from files and may be hostile: they are set as text only.

const FILTER_FROM = 9; // runs from which a filter is worth its place
const PATIENCE = 3000; // ms after which an answer that did not come is not waited for any more

function add(parent, name, kind, attributes = {}, text = "") {
  const node = document.createElement(name);
  node.className = `nbhooks-chooser-${kind}`;
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.textContent = text;
  parent.append(node);
  return node;
}

const count = (value) => value.toLocaleString("en-US");
const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

/** Sends the latest of many requests: the next one when the one before has been carried out. */
function oneAtATime(send) {
  let [waiting, next, timer] = [false, undefined, 0];
  const done = () => {
    clearTimeout(timer);
    waiting = false;
    if (next !== undefined) ask(next);
  };
  const ask = (request) => {
    next = waiting ? request : undefined;
    if (waiting) return;
    waiting = true;
    timer = setTimeout(done, PATIENCE);
    send(request);
  };
  return { ask, done, busy: () => waiting, stop: () => clearTimeout(timer) };
}

/** The step: a slider whose right end is "the latest", and a field to type one in. */
function createStep(parent, seek, busy) {
  const line = add(parent, "label", "line", {}, "step ");
  const slider = add(line, "input", "slider", { type: "range", step: 1, "aria-label": "step" });
  const field = add(line, "input", "field", { type: "number", step: 1, "aria-label": "step, as a number" });
  const note = add(line, "span", "note");
  const show = (step, { last }) => {
    if (!field.matches(":focus")) field.value = step ?? last; // it is being typed
    note.textContent = step === null ? "the latest" : `of ${count(last)}`;
  };
  let state = {};
  const choose = (value) => {
    const step = value === "" || Number(value) >= state.last ? null : Math.max(Number(value), state.first);
    slider.value = step ?? state.last;
    show(step, state);
    seek(step);
  };
  for (const input of [slider, field]) input.addEventListener("input", () => choose(input.value));
  field.addEventListener("blur", () => show(state.step, state));
  return (now) => {
    const { first, last, step } = (state = now);
    line.hidden = first === last;
    for (const input of [slider, field]) Object.assign(input, { min: first, max: last });
    if (busy()) return; // what it shows may be out of date
    slider.value = step ?? last;
    show(step, now);
  };
}

/** The runs: which are compared, in which colour, and of which the panels are shown. */
function createRuns(parent, send) {
  const box = add(parent, "div", "runs", { role: "group", "aria-label": "runs" });
  const filter = add(box, "input", "filter", { type: "search", placeholder: "filter runs" });
  const list = add(box, "div", "list");
  const note = add(box, "div", "note");
  let [rows, names] = [new Map(), []];
  const sift = () => {
    const wanted = filter.value.toLowerCase();
    rows.forEach(({ row }, name) => { row.hidden = !name.toLowerCase().includes(wanted); });
  };
  filter.addEventListener("input", sift);
  const makeRow = (name) => {
    const row = add(document.createDocumentFragment(), "div", "run");
    const label = add(row, "label", "label", { title: name });
    const check = add(label, "input", "check", { type: "checkbox" });
    const swatch = add(label, "span", "swatch", { "aria-hidden": true });
    add(label, "span", "name", {}, name);
    const panels = add(row, "button", "button", { type: "button" }, "panels");
    panels.ariaLabel = `panels of ${name}`;
    check.addEventListener("change", () => send({ type: "compare", run: name, on: check.checked }));
    panels.addEventListener("click", () =>
      send({ type: "panels", run: name, on: panels.ariaPressed !== "true" }));
    return { row, check, swatch, panels };
  };
  return ({ runs, most }) => {
    box.hidden = runs.length < 2;
    filter.hidden = runs.length < FILTER_FROM;
    if (!same(names, runs.map((run) => run.name))) {
      names = runs.map((run) => run.name);
      rows.forEach(({ row }, name) => { if (!names.includes(name)) row.remove(); });
      rows = new Map(names.map((name) => [name, rows.get(name) ?? makeRow(name)]));
      names.forEach((name, i) => { // a row that is where it belongs keeps the focus that it may have
        const { row } = rows.get(name);
        if (list.children[i] !== row) list.insertBefore(row, list.children[i] ?? null);
      });
      sift();
    }
    const full = runs.filter((run) => run.hue !== null).length >= most;
    note.textContent = full && runs.length > most ? `${most} at most are compared at once` : "";
    for (const { name, hue, open } of runs) {
      const { check, swatch, panels } = rows.get(name);
      check.checked = hue !== null;
      check.disabled = full && hue === null;
      swatch.style.background = hue === null ? ""
        : `color-mix(in oklab, var(--nbhooks-hue-${hue}) 82%, var(--nbhooks-chart-ink))`; // as in chart.js
      panels.ariaPressed = String(open);
    }
  };
}

/** The tag that is compared. */
function createTag(parent, send) {
  const line = add(parent, "label", "line", {}, "compare ");
  const select = add(line, "select", "select", { "aria-label": "tag to compare" });
  let names = [];
  select.addEventListener("change", () => send({ type: "tag", tag: select.value }));
  return ({ runs, tags, tag }) => {
    line.hidden = runs.length < 2 || !tags.length;
    if (!same(names, tags)) select.replaceChildren(...tags.map((name) => new Option(name, name)));
    names = tags;
    select.value = tag;
  };
}

/** What is being watched, and the way out. */
function createWatch(parent, send) {
  const line = add(parent, "div", "line");
  const note = add(line, "span", "note", { role: "status", tabindex: -1 });
  const button = add(line, "button", "button", { type: "button" }, "stop watching");
  button.addEventListener("click", () => send({ type: "stop" }));
  return (state) => {
    line.hidden = !state.status;
    note.textContent = state.status;
    if (!state.watching && button.matches(":focus")) note.focus(); // rather than nowhere
    button.hidden = !state.watching;
  };
}

export default {
  render({ model, el }) {
    el.classList.add("nbhooks-chooser");
    const send = (content) => model.send(content);
    const { ask, done, busy, stop } = oneAtATime((step) => send({ type: "seek", step }));
    const parts = [createWatch, createRuns, createTag].map((create) => create(el, send));
    parts.push(createStep(el, ask, busy));
    const draw = () => {
      const [runs, tags] = [model.get("runs"), model.get("tags")];
      parts.forEach((show) => show({ ...model.get("chosen"), runs, tags }));
    };
    const receive = (content) => {
      if (content.type !== "sought") return;
      done();
      draw();
    };
    draw();
    model.on("change", draw);
    model.on("msg:custom", receive);
    // Lab takes keys for its cells at the document in the capture phase: only the window comes before it.
    const keys = new AbortController();
    const keep = (event) => {
      if (!event.ctrlKey && !event.metaKey && el.contains(event.composedPath()[0])) event.stopPropagation();
    };
    window.addEventListener("keydown", keep, { capture: true, signal: keys.signal });
    send({ type: "ready" });
    return () => {
      stop();
      keys.abort();
      model.off("change", draw);
      model.off("msg:custom", receive);
    };
  },
};
