// What is in sight, for the modules that draw and for the kernel, which sends nothing else.

const SETTLED = 50; // ms without a change after which the kernel is sent what is in sight
const AHEAD = "200px"; // what is about to come into view counts as seen

/** What is in sight in any view of a model: sent when it has settled, and where it has changed. */
export function createReport(send, page) {
  const counts = new Map();
  let [timer, sent, hidden] = [0, "", false];
  const list = (kind) => [...counts.keys()].map((name) => JSON.parse(name))
    .filter(([one]) => one === kind).map(([, value]) => value);
  const report = () => {
    const seen = hidden ? { cards: [], sections: [], log: false }
      : { cards: list("cards"), sections: list("sections"), log: list("log").length > 0 };
    const text = JSON.stringify(seen);
    if (text !== sent) send({ type: "sight", page, ...seen });
    sent = text;
  };
  const settle = () => {
    clearTimeout(timer);
    timer = setTimeout(report, SETTLED);
  };
  const count = (kind, value, change) => {
    const name = JSON.stringify([kind, value]);
    const now = (counts.get(name) ?? 0) + change;
    if (now > 0) counts.set(name, now);
    else counts.delete(name);
    settle();
  };
  return {
    add: (kind, value) => count(kind, value, 1),
    remove: (kind, value) => count(kind, value, -1),
    /** Send it again: the kernel has forgotten. */
    again() {
      sent = "";
      settle();
    },
    /** Whether the whole page is out of sight, as in a browser's tab behind others. */
    hide(value) {
      hidden = value;
      settle();
    },
  };
}

/** What is in sight in one view. */
export function createSight(report) {
  const watched = new Map();
  const see = (node, visible) => {
    const one = watched.get(node);
    if (!one || one.visible === visible) return;
    one.visible = visible;
    report[visible ? "add" : "remove"](one.kind, one.value);
    one.act(visible);
  };
  const observer = new IntersectionObserver(
    (entries) => entries.forEach(({ target, isIntersecting }) => see(target, isIntersecting)),
    { rootMargin: AHEAD, scrollMargin: AHEAD });
  const stop = (node) => {
    see(node, false);
    watched.delete(node);
    observer.unobserve(node);
  };
  return {
    /** Watch a node that shows something of a kind; act(visible) is called when that changes. */
    watch(node, kind, value, act = () => {}) {
      watched.set(node, { kind, value, act, visible: false });
      observer.observe(node);
      return () => stop(node);
    },
    destroy() {
      for (const node of watched.keys()) stop(node);
      observer.disconnect();
    },
  };
}
