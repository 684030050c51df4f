// The buttons of a debugger: Pause, or Resume and Step, and Save; each asks something of a run.
import { button, make, setAttribute } from "./dom.js";

const PATIENCE = 3000; // ms for which a button waits for the report of what it asked

/** How many runs a field asks for, 1 where it holds no whole number. */
export function countOf(text) {
  const count = /^\d{1,9}$/.test(text.trim()) ? Number(text) : 0;
  return count > 0 ? count : 1;
}

/** Buttons that ask with send(); after a click they wait until the head is reported anew. */
export function createDebugger(send) {
  let [part, waits] = ["", 0];
  const node = make("span", "debugger");
  const buttons = [];
  const wait = (until) => {
    waits = until;
    for (const one of buttons) setAttribute(one, "aria-busy", waits > Date.now());
  };
  const add = (name, label, title, value = () => "") => {
    const one = button("button", label, { title }, () => {
      if (waits > Date.now()) return; // a second click would be a second step
      wait(Date.now() + PATIENCE);
      send({ type: "ask", part, name, value: value() });
    });
    buttons.push(one);
    return one;
  };
  const count = make("input", "field count", { type: "number", min: "1", value: "1",
    "aria-label": "runs to make", title: "How many runs Step makes" });
  const pause = add("pause", "Pause", "Hold the session before its next run");
  const resume = add("resume", "Resume", "Run on");
  const runs = () => String(countOf(count.value));
  const step = add("step", "Step", "Make so many runs, then pause", runs);
  const save = add("save", "Save", "Write a checkpoint now");
  count.addEventListener("keydown", (event) => {
    if (event.key === "Enter") step.click();
  });
  node.append(pause, resume, step, count, save);
  return {
    node,
    answered: () => wait(0),
    show({ can_pause: can, state, stopping }, key) {
      if (key !== part) wait(0);
      part = key;
      node.hidden = !can || Boolean(stopping);
      const paused = state === "paused";
      const moves = pause.matches(":focus") && paused; // the button of the keyboard stays in reach
      const back = resume.matches(":focus") && !paused;
      pause.hidden = paused;
      for (const one of [resume, step, count]) one.hidden = !paused;
      if (moves) resume.focus();
      if (back) pause.focus();
    },
  };
}
