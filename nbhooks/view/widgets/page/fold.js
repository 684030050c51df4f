// A head that folds and unfolds what is below it; which of them are open is remembered.
import { button, make, setAttribute, setName, setText, nameLabel } from "./dom.js";

/**
 * A fold: its head says what it is and what is new; act(open) is called whenever that is set.
 *
 * `name` is what its state is remembered by, `open` what it is until somebody has chosen.
 */
export function createFold({ memory, name, kind, open = false, act = () => {} }) {
  const title = nameLabel("", { class: "nbhooks-name nbhooks-fold-title" });
  const news = make("span", "fold-news");
  const head = button("fold", "", {}, () => memory.set(name, !isOpen()));
  const isOpen = () => memory.get(name, open);
  const body = make("div", `fold-body ${kind}-body`);
  const node = make("div", kind, {}, head, body);
  head.append(make("span", "caret", { "aria-hidden": true }), title, news);
  const apply = () => {
    setAttribute(head, "aria-expanded", String(isOpen()));
    body.hidden = !isOpen();
    act(isOpen());
  };
  const off = memory.on(name, apply);
  return {
    node,
    head,
    body,
    isOpen,
    apply,
    show(words, more = "") {
      setName(title, words);
      setText(news, more);
      setAttribute(news, "title", more || null);
    },
    destroy: off,
  };
}
