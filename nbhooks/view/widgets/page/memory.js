// What a reader has chosen (folds, filters, pins): kept while the page lives, one for all views.

/** Values by name, and who wants to know of a change. */
export function createMemory() {
  const values = new Map();
  const listeners = new Map();
  return {
    get: (name, fallback) => (values.has(name) ? values.get(name) : fallback),
    set(name, value) {
      values.set(name, value);
      for (const act of listeners.get(name) ?? []) act(value);
    },
    on(name, act) {
      if (!listeners.has(name)) listeners.set(name, new Set());
      listeners.get(name).add(act);
      return () => listeners.get(name).delete(act);
    },
  };
}
