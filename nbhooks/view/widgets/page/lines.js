// The lines of a card: the live one, and those of compared runs, with colours that all cards agree
// on.

const LIVE = "live"; // the name that is shown of the line that has none, where there are others

/** Names and colours of a card's lines, as the kernel gave them; one unnamed where it gave none. */
function namesOf(part, card) {
  return (part.lines?.[card.key] ?? [""]).map((line, i) =>
    (typeof line === "string" ? { name: line, hue: i } : { name: line.name, hue: line.hue ?? i }));
}

/** The lines of one card; those of compared runs lie behind a live one, which has no name. */
export function linesOf(part, card, hidden) {
  const names = namesOf(part, card);
  const live = names[0].name === "";
  const series = part.points.get(card.key) ?? [];
  return names.map(({ name, hue }, i) => ({
    id: `run ${name}`,
    name: names.length > 1 && !name ? LIVE : name,
    hue,
    behind: live && i > 0,
    series: series[i],
    hidden: hidden.includes(`run ${name}`),
  }));
}

/** How many letters in front tags share, up to the end of a scope. */
function sharedScope(tags) {
  let shared = tags[0].lastIndexOf("/") + 1;
  while (shared && !tags.every((tag) => tag.startsWith(tags[0].slice(0, shared)))) {
    shared = tags[0].lastIndexOf("/", shared - 2) + 1;
  }
  return shared;
}

/** The lines of several cards in one: each tag has a colour of its own. */
export function overlaidLines(part, cards, hidden) {
  const shared = sharedScope(cards.map((card) => card.tag));
  const lines = cards.flatMap((card) => linesOf(part, card, []).map((line) => ({ card, line })));
  return lines.map(({ card, line }, hue) => {
    const id = `tag ${card.tag} ${line.name}`;
    const tag = card.tag.slice(shared);
    const name = line.name && line.name !== LIVE ? `${tag} · ${line.name}` : tag;
    return { ...line, id, name, hue, key: card.key, hidden: hidden.includes(id) };
  });
}

/**
 * The runs of all cards, for one legend: { id, name, hue, hidden }; none where there is but one
 * line.
 */
export function runsOf(part, cards, hidden) {
  const runs = new Map();
  for (const card of cards) {
    if (!part.lines?.[card.key]) continue;
    for (const { id, name, hue } of linesOf(part, card, hidden)) {
      runs.set(id, { id, name, hue, hidden: hidden.includes(id) });
    }
  }
  return runs.size > 1 ? [...runs.values()] : [];
}
