// What a person has chosen for the scalars; kept in the page's memory, shared by its views and
// parts.

const DEFAULTS = {
  axis: "step", // or "relative", "wall"
  filter: "",
  folds: {}, // group: whether it is open
  hidden: [], // names of lines that are not drawn
  linked: false, // whether a zoom is of all cards
  log: false,
  overlay: [], // tags
  pins: [], // tags
  smoothing: 0,
  whole: [], // groups that are shown beyond their first cards
};

/** Reads and changes the settings; act(name) is called when one has changed, in whichever view. */
export function createSettings(memory, act) {
  const get = (name) => memory.get(`cards/${name}`, DEFAULTS[name]);
  const set = (name, value) => memory.set(`cards/${name}`, value);
  const offs = Object.keys(DEFAULTS).map((name) => memory.on(`cards/${name}`, () => act(name)));
  return {
    get,
    set,
    /** Put an item into a list, or take it out where it is in it. */
    toggle(name, item) {
      const list = get(name);
      set(name, list.includes(item) ? list.filter((other) => other !== item) : [...list, item]);
    },
    destroy: () => offs.forEach((off) => off()),
  };
}
