// The board in the page: one state for a model, and a view for each place that shows it.
import { createMemory } from "./memory.js";
import { createReport } from "./sight.js";
import { createStore } from "./state.js";
import { watchTitle } from "./title.js";
import { createView } from "./view.js";

const AGAIN = 500; // ms after which the kernel is asked again, at first
const SELDOM = 8000; // ms at most: a busy kernel may not answer, and requests must not pile up

/** A message for the kernel. One that is gone takes none; what was received can still be read. */
function sendTo(model, content) {
  try {
    model.send(content);
  } catch (error) {
    console.warn("nbhooks: the kernel took no message:", error);
  }
}

/** Ask for everything, and again until it has come, or for ever longer where it does not. */
function askUntilKnown(store, page) {
  let timer = 0;
  const ask = (pause) => {
    if (store.known) return;
    store.send({ type: "ready", page });
    timer = setTimeout(() => ask(Math.min(1.5 * pause, SELDOM)), pause);
  };
  const begin = () => {
    clearTimeout(timer);
    store.known = false;
    ask(AGAIN);
  };
  return { begin, stop: () => clearTimeout(timer) };
}

/** All that is one for the views of a model. */
function createBoard(model) {
  const page = Math.random().toString(36).slice(2);
  const store = createStore((content) => sendTo(model, content));
  const report = createReport(store.send, page);
  const asking = askUntilKnown(store, page);
  const receive = (content, buffers) => store.apply(content, buffers);
  const hide = () => report.hide(document.hidden);
  store.misfit = () => store.known && asking.begin();
  store.on((changes) => changes.full && report.again());
  const stopTitle = watchTitle(store, document);
  model.on("msg:custom", receive);
  document.addEventListener("visibilitychange", hide);
  hide();
  asking.begin();
  return { store, report, memory: createMemory(), destroy() {
    asking.stop();
    stopTitle();
    model.off("msg:custom", receive);
    document.removeEventListener("visibilitychange", hide);
  } };
}

/** What anywidget takes: called once for each model. */
export function widget() {
  let board = null;
  return {
    initialize({ model }) {
      board = createBoard(model);
      return () => board.destroy();
    },
    render: ({ el }) => createView(board, el),
  };
}
