// The page's title while nobody looks: it names what has come up, and is given back as it was.

const SHARED = Symbol.for("nbhooks.title"); // the boards of a page have one title between them
const LONGEST = 80; // characters of it
const MARKS = { error: "✖", warning: "⚠", pause: "⏸", info: "●" };

/** What a board has to say, most urgent first: each as a text that says all of it. */
export function urgent(store) {
  const found = [];
  for (const key of store.parts) {
    const { head, attention } = store.part(key);
    const [state, words] = [head?.state, head?.words];
    if (state === "died") found.push(`${MARKS.error} ${words}`);
    if (state === "paused") found.push(`${MARKS.pause} ${words}`);
    for (const { level, title } of attention) found.push(`${MARKS[level] ?? MARKS.info} ${title}`);
  }
  const order = Object.values(MARKS);
  return found.sort((a, b) => order.indexOf(a[0]) - order.indexOf(b[0]));
}

/** Puts words before the title of `page`, and gives it back exactly once no board has any. */
export function createTitle(page) {
  const shared = page[SHARED] ??= { words: new Map(), ours: null, before: "" };
  const me = {};
  return (words) => {
    if (words) shared.words.set(me, words);
    else shared.words.delete(me);
    const given = shared.ours !== null && page.title === shared.ours; // else another was set
    const before = given ? shared.before : page.title;
    const [first] = shared.words.values();
    const wanted = first ? `${first.slice(0, LONGEST)} · ${before}` : before;
    if (page.title !== wanted) page.title = wanted;
    Object.assign(shared, { before, ours: first ? page.title : null });
  };
}

/** Watches a board: what comes up while the page is hidden is in its title until it is shown. */
export function watchTitle(store, page) {
  const show = createTitle(page);
  let known = new Set();
  const update = () => {
    const all = urgent(store);
    if (!page.hidden) known = new Set(all);
    show(page.hidden ? all.find((words) => !known.has(words)) : "");
  };
  const off = store.on(update);
  page.addEventListener("visibilitychange", update);
  return () => {
    off();
    page.removeEventListener("visibilitychange", update);
    show("");
  };
}
