// One recording on a board: its cards and sections, below a line where it is not the latest.
import { createAttention } from "./attention.js";
import { createCards } from "./cards.js";
import { make, setAttribute, setText } from "./dom.js";
import { createFold } from "./fold.js";
import { stepWords } from "./head.js";
import { createSections } from "./sections.js";

/** The cards and sections of a part: made when they are first shown. */
function createBody(context, part, node) {
  let pieces = [];
  return {
    begin() {
      if (pieces.length) return;
      pieces = [createCards(context, part), createSections(context, part)];
      node.append(...pieces.map((piece) => piece.node));
    },
    update: (changes) => pieces.forEach((piece) => piece.update(changes)),
    destroy: () => pieces.forEach((piece) => piece.destroy()),
  };
}

/** The latest part, whose head stands above the board. */
export function createLatest(context, part) {
  const node = make("div", "part");
  const body = createBody(context, part, node);
  body.begin();
  return { ...body, node };
}

/** A part that is one line until it is unfolded. */
export function createFolded(context, part, open) {
  const { store, memory } = context;
  const attention = createAttention(context);
  const [state, step] = [make("span", "state"), make("span", "head-step")];
  const wanting = make("span", "wanting");
  const fold = createFold({ memory, name: `parts/${part}`, kind: "part", open,
    act: (isOpen) => isOpen && body.begin() });
  fold.head.append(state, step, wanting);
  fold.body.append(attention.node);
  const body = createBody(context, part, fold.body);
  const draw = () => {
    const { head, attention: entries } = store.part(part);
    fold.show(head?.name || "session");
    setAttribute(fold.node, "data-state", head?.state ?? "waiting");
    setText(state, head?.words ?? "");
    setText(step, head ? stepWords(head) : "");
    setText(wanting, entries.length ? `${entries.length} ⚠` : "");
    setAttribute(wanting, "aria-label", entries.length ? `${entries.length} notes` : null);
  };
  attention.show(part);
  draw();
  fold.apply();
  return {
    node: fold.node,
    update(changes) {
      if (changes.full || changes.heads.has(part) || changes.attention.has(part)) draw();
      attention.update(changes);
      body.update(changes);
    },
    destroy() {
      attention.destroy();
      body.destroy();
      fold.destroy();
    },
  };
}
