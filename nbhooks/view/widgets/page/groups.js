// Which cards are shown, in which groups and in which order. Knows no page.

const OPEN = 16; // cards up to which groups are open at first
export const FIRST = 24; // cards of a group that are shown until all are asked for

/** A test for names: a part of them, or a /regular expression/. */
export function matcher(text) {
  const wanted = text.trim();
  const expression = /^\/(.+?)\/?$/.exec(wanted)?.[1];
  if (wanted.startsWith("/") && wanted.length > 1 && expression) {
    try {
      const pattern = new RegExp(expression, "iu");
      return { error: "", test: (name) => pattern.test(name) };
    } catch (error) {
      const reason = error.message.split(": ").at(-1);
      return { error: `not a regular expression: ${reason}`, test: () => true };
    }
  }
  const part = wanted.toLowerCase();
  return { error: "", test: (name) => name.toLowerCase().includes(part) };
}

/**
 * Cards in groups: pinned ones; those that come first and, behind them, those of no scope, such as
 * the accuracy; then by scope in the order of the cards.
 */
export function groupCards(cards, { test, pins = [] }) {
  const groups = new Map([["pinned", []], ["first", []]]);
  const titles = { pinned: "pinned", first: "main" };
  for (const card of cards) {
    if (!test(card.tag)) continue;
    const main = card.first || !card.group;
    const key = pins.includes(card.tag) ? "pinned" : main ? "first" : `scope ${card.group}`;
    if (!groups.has(key)) groups.set(key, []);
    titles[key] ??= card.group;
    groups.get(key).push(card);
  }
  groups.get("pinned").sort((one, other) => pins.indexOf(one.tag) - pins.indexOf(other.tag));
  groups.get("first").sort((one, other) => Number(other.first) - Number(one.first));
  return [...groups].filter(([, list]) => list.length)
    .map(([key, list]) => ({ key, title: titles[key], cards: list }));
}

/**
 * Which groups are open: as they were folded by hand; else as long as few cards are open, one at
 * least.
 */
export function openGroups(groups, folds, searching = false) {
  let open = 0;
  return groups.map(({ key, cards }, i) => {
    const fits = i === 0 || open + Math.min(cards.length, FIRST) <= OPEN || searching;
    const isOpen = folds[key] ?? fits;
    if (isOpen) open += Math.min(cards.length, FIRST);
    return isOpen;
  });
}
