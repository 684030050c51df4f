// Lists that grow at their end: a message brings what is new, and the place where it begins.

/** Lines of the log that are kept. */
export const LINES = 1000;

export const EMPTY_LOG = { from: 0, list: [], dropped: 0, note: "" };

/** What was known up to `from`, and then `list`; null where something in between is missing. */
export function continued(known, { from = 0, list = [] }) {
  return from > known.length ? null : [...known.slice(0, from), ...list];
}

/** The last lines of a log; `from` is the number of the first one, from the log's beginning. */
export function continuedLog(log, message, most = LINES) {
  const end = log.from + log.list.length;
  const { from = end, list = [], ...more } = message;
  const gap = from < log.from || from > end; // what was known does not reach to what is new
  const lines = gap ? list : [...log.list.slice(0, from - log.from), ...list];
  const over = Math.max(0, lines.length - most);
  return { ...log, ...more, from: (gap ? from : log.from) + over, list: lines.slice(over) };
}
