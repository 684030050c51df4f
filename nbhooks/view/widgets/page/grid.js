// The groups of cards: heads that fold, grids of slots. A slot out of sight is one empty element.

import { arrange, button, make, setAttribute, setText } from "./dom.js";
import { whole } from "./format.js";
import { FIRST } from "./groups.js";

function createGroup(act) {
  const node = make("section", "cards-group");
  const head = button("fold cards-fold", "", {}, () => act.fold(node.dataset.key));
  const title = make("span", "name", {}, make("bdi"));
  head.append(make("span", "caret"), title, make("span", "cards-count"));
  const more = button("button cards-more", "", {}, () => act.more(node.dataset.key));
  node.append(head, make("div", "cards-grid"), more);
  return node;
}

/**
 * The groups; show([{ key, title, cards, open, whole }]) arranges the slots that slotOf(card)
 * gives.
 */
export function createGrid({ fold, more, slotOf }) {
  const node = make("div", "cards-groups");
  const update = (one, group) => {
    const [head, grid, rest] = one.children;
    one.dataset.key = group.key;
    const [, title, count] = head.children;
    setText(title.firstChild, group.title);
    setAttribute(title, "title", group.title);
    setText(count, whole(group.cards.length));
    setAttribute(head, "aria-expanded", String(group.open));
    grid.hidden = !group.open;
    rest.hidden = !group.open || group.cards.length <= FIRST;
    setText(rest, group.whole ? "show fewer" : `show all ${whole(group.cards.length)}`);
    const cards = !group.open ? [] : group.whole ? group.cards : group.cards.slice(0, FIRST);
    arrange(grid, cards, { key: slotOf, create: slotOf }); // a card renamed has another slot
  };
  return {
    node,
    show: (groups) => arrange(node, groups,
      { key: (group) => group.key, create: () => createGroup({ fold, more }), update }),
  };
}
