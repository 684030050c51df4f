// The step of saved runs: a slider whose right end is "the latest", and a field to type one in.
import { make, setText } from "./dom.js";
import { whole } from "./format.js";
import { oneAtATime, stepOf } from "./seek.js";

/** The step that all parts show their values at. */
export function createStepper({ store }) {
  const slider = make("input", "slider", { type: "range", step: 1, "aria-label": "step" });
  const field = make("input", "field step-field", { type: "number", step: 1,
    "aria-label": "step, as a number" });
  const note = make("span", "step-note");
  const words = make("span", "step-label", {}, "step");
  const node = make("label", "stepper", {}, words, slider, field, note);
  const seek = oneAtATime((step) => store.send({ type: "seek", step }));
  const show = (step, { last }) => {
    if (!field.matches(":focus")) field.value = step ?? last; // else it is being typed
    setText(note, step === null ? "the latest" : `of ${whole(last)}`);
  };
  const choose = (value) => {
    const step = stepOf(value, store.chooser);
    slider.value = step ?? store.chooser.last;
    show(step, store.chooser);
    seek.request(step);
  };
  for (const input of [slider, field]) input.addEventListener("input", () => choose(input.value));
  field.addEventListener("blur", () => store.chooser && show(store.chooser.step, store.chooser));
  const draw = () => {
    const { chooser } = store;
    node.hidden = !chooser || chooser.first === chooser.last;
    if (node.hidden) return;
    for (const input of [slider, field]) {
      Object.assign(input, { min: chooser.first, max: chooser.last });
    }
    if (seek.busy()) return; // what it has may be out of date
    slider.value = chooser.step ?? chooser.last;
    show(chooser.step ?? null, chooser);
  };
  draw();
  return {
    node,
    update(changes) {
      if (changes.sought) seek.done();
      if (changes.full || changes.chooser || changes.sought) draw();
    },
    destroy: seek.stop,
  };
}
