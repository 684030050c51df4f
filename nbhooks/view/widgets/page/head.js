// A session at a glance: its state, step, speed, health and newest checkpoint, and its Stop button.
import { createDebugger } from "./debugger.js";
import { button, make, nameLabel, setAttribute, setName, setText } from "./dom.js";
import { ago, duration, whole } from "./format.js";
import { createTrend, setTrend } from "./spark.js";

const TICK = 1000; // ms from one look at the clock to the next
const SILENT = 10; // seconds without a report that are worth a word
const LIVE = new Set(["running", "paused"]);

/** The words for a step, of how many there are to make. */
export function stepWords({ step, until }) {
  if (step === null || step === undefined) return "";
  return `step ${whole(step)}${until ? ` of ${whole(until)}` : ""}`;
}

/** The words for what is done and what is left. */
export function leftWords({ progress, left }) {
  const share = typeof progress === "number" ? `${Math.floor(progress * 100)} %` : "";
  return [share, left && `${left} left`].filter(Boolean).join(" · ");
}

/** The words for a silence: a long step or a kernel that is gone look the same from here. */
export function silenceWords({ state }, silence) {
  if (!LIVE.has(state) || silence < SILENT) return "";
  return `no report for ${duration(Math.floor(silence))}`;
}

/** How old something is that was written at `wall`; nothing where no clock is known. */
export function ageWords(wall, now) {
  return typeof wall === "number" && now !== null ? ago(Math.max(0, now - wall)) : "";
}

/** A fact: a word that says what it is, and what there is to say. Hidden where that is nothing. */
function createFact(parent, kind, label, ...children) {
  const words = make("b", "fact-words");
  const node = make("span", `fact ${kind}`, {}, make("span", "fact-label", {}, label), words);
  node.append(...children);
  node.hidden = true;
  parent.append(node);
  return { node, show(text, visible = Boolean(text)) {
    node.hidden = !visible;
    setText(words, text);
  } };
}

function createRate(parent) {
  const trend = createTrend(72, 16);
  const fact = createFact(parent, "rate", "speed", trend);
  return ({ rate = "", rate_trend: numbers = [] }) => {
    fact.show(rate);
    trend.style.display = numbers.length > 1 ? "" : "none";
    setTrend(trend, numbers);
  };
}

function createHealth(parent) {
  const tag = nameLabel("");
  const fact = createFact(parent, "health", "health", tag);
  return ({ health }) => {
    fact.show(health && health.level !== "none" ? health.words : "");
    setAttribute(fact.node, "data-level", health?.level);
    setName(tag, health?.tag ?? "");
    tag.hidden = !health?.tag;
  };
}

function createCheckpoint(parent) {
  const name = nameLabel("");
  const age = make("span", "fact-age");
  const fact = createFact(parent, "checkpoint", "checkpoint", name, age);
  return ({ checkpoint }, now) => {
    fact.show("", Boolean(checkpoint));
    setName(name, checkpoint?.words ?? "");
    setAttribute(name, "title", checkpoint?.path ?? checkpoint?.words);
    setText(age, checkpoint ? ageWords(checkpoint.wall_time, now) : "");
  };
}

/** Stop: shows that it was clicked until the session reports what became of it. */
function createStop(send) {
  let asked = null; // the part that was asked to stop
  const stop = button("button stop", "Stop", {
    title: "End the session after the step at hand, as a hook that requests a stop does",
  }, () => {
    asked = stop.dataset.part;
    show({ can_stop: true }, asked);
    send({ type: "stop", part: asked });
  });
  const show = ({ can_stop: can, stopping }, part) => {
    const busy = Boolean(stopping) || asked === part;
    stop.dataset.part = part;
    stop.hidden = !can && !stopping;
    stop.disabled = busy;
    setText(stop, busy ? "Stopping …" : "Stop");
  };
  return { stop, show, answered: () => { asked = null; } };
}

function createProgress() {
  const bar = make("div", "progress-bar");
  const node = make("div", "progress", { role: "progressbar", "aria-label": "progress" }, bar);
  return { node, show({ progress }) {
    const known = typeof progress === "number";
    node.hidden = !known;
    if (!known) return;
    setAttribute(node, "aria-valuenow", Math.floor(progress * 100));
    bar.style.transform = `scaleX(${Math.min(Math.max(progress, 0), 1)})`;
  } };
}

/** The first line: what a reader looks for first, and the controls. */
function createFirst(controls) {
  const [state, name] = [make("span", "state", { role: "status" }), nameLabel("")];
  const [step, left] = [make("b", "head-step"), make("span", "head-left")];
  const acts = make("span", "head-controls", {}, ...controls);
  const node = make("div", "head-line", {}, state, name, step, left, acts);
  return { node, show(head) {
    setText(state, head.words ?? head.state);
    setAttribute(state, "title", head.words);
    setName(name, head.name ?? "");
    name.hidden = !head.name;
    setText(step, stepWords(head));
    setText(left, leftWords(head));
  } };
}

/** The second line: facts, each where it is known. */
function createFacts(store) {
  const node = make("div", "head-line facts");
  const remaining = createFact(node, "remaining", ""); // where the first line has no room for it
  const [rate, health, checkpoint] = [createRate, createHealth, createCheckpoint]
    .map((create) => create(node));
  const elapsed = createFact(node, "elapsed", "for");
  const silence = createFact(node, "silence", "");
  const tick = (head) => {
    checkpoint(head, store.clock());
    silence.show(silenceWords(head, Date.now() / 1000 - store.received));
  };
  return { node, tick, show(head) {
    remaining.show(leftWords(head));
    rate(head);
    health(head);
    elapsed.show(head.elapsed ?? "");
    tick(head);
  } };
}

/** The head of the part that `show` was last called with. */
export function createHead({ store }) {
  const send = (content) => store.send(content);
  const [stopping, debugging] = [createStop(send), createDebugger(send)];
  const first = createFirst([debugging.node, stopping.stop]);
  const [facts, progress] = [createFacts(store), createProgress()];
  const node = make("div", "head", {}, first.node, facts.node, progress.node);
  let part = "";
  const draw = () => {
    const head = store.part(part).head ?? { state: "waiting", words: "waiting" };
    setAttribute(node, "data-state", head.state);
    for (const piece of [first, facts, progress]) piece.show(head);
    for (const control of [debugging, stopping]) control.show(head, part);
  };
  const tick = () => {
    const { head } = store.part(part);
    if (head && !document.hidden) facts.tick(head);
  };
  const show = (key) => {
    part = key;
    draw();
  };
  const timer = setInterval(tick, TICK);
  const update = (changes) => {
    if (changes.heads.has(part)) for (const one of [debugging, stopping]) one.answered();
    if (changes.heads.has(part) || changes.full) draw();
    else tick();
  };
  return { node, show, update, destroy: () => clearInterval(timer) };
}
