// The sections of a part: each folds, says in its head what is new, and shows blocks while seen.
import { updateBlocks } from "./blocks.js";
import { arrange, make } from "./dom.js";
import { createFold } from "./fold.js";

const OPEN_AT_FIRST = 2; // as many as a reader sees beside the head and the first cards
const IN_HEAD = new Set(["steps", "nan", "progress", "wait"]); // the board's head has these
const PATIENCE = 2000; // ms without contents after which a section says so

/** The keys of the sections that are open until a reader has chosen. */
export function openAtFirst(sections) {
  return new Set(sections.filter(({ kind }) => !IN_HEAD.has(kind)).slice(0, OPEN_AT_FIRST)
    .map(({ key }) => key));
}

function createSection({ store, memory, sight }, part, { key }, open) {
  const waiting = make("p", "text", { "data-level": "muted" }, "…");
  const blocks = make("div", "blocks");
  let timer = 0;
  const choose = (name, value) => store.send({ type: "choose", part, section: key, name, value });
  const draw = () => {
    const contents = store.part(part).contents.get(key);
    waiting.hidden = contents !== undefined || blocks.childElementCount > 0; // the last known stay
    if (contents) updateBlocks(blocks, contents, choose);
  };
  const fold = createFold({ memory, name: `sections/${part}/${key}`, kind: "section", open,
    act: (isOpen) => isOpen && draw() });
  fold.body.append(waiting, blocks);
  const stop = sight.watch(fold.body, "sections", [part, key], (visible) => {
    clearTimeout(timer);
    if (visible) timer = setTimeout(() => {
      waiting.textContent = "Nothing received yet: the kernel is busy, or gone.";
    }, PATIENCE);
  });
  fold.apply();
  return {
    node: fold.node,
    show: ({ title, news }) => fold.show(title, news),
    draw: () => fold.isOpen() && draw(),
    destroy() {
      clearTimeout(timer);
      stop();
      fold.destroy();
    },
  };
}

/** The sections of one part. */
export function createSections(context, part) {
  const { store } = context;
  const node = make("div", "sections");
  const made = new Map();
  let open = new Set();
  const begin = (section) => {
    made.set(section.key, createSection(context, part, section, open.has(section.key)));
    return made.get(section.key).node;
  };
  const arrangeAll = () => {
    const { sections } = store.part(part);
    open = openAtFirst(sections);
    arrange(node, sections, {
      key: ({ key }) => key,
      create: begin,
      update: (_, section) => made.get(section.key).show(section),
    });
    const keys = new Set(sections.map(({ key }) => key));
    for (const [key, section] of made) {
      if (keys.has(key)) continue;
      section.destroy();
      made.delete(key);
    }
    node.hidden = !sections.length;
  };
  arrangeAll();
  return {
    node,
    update(changes) {
      if (changes.full || changes.sections.has(part)) arrangeAll();
      for (const key of changes.full ? made.keys() : changes.contents.get(part) ?? []) {
        made.get(key)?.draw();
      }
    },
    destroy: () => made.forEach((section) => section.destroy()),
  };
}
