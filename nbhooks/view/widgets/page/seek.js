// Sends the latest of many requests: the next one when the one before has been carried out.

const PATIENCE = 3000; // ms after which an answer that did not come is not waited for any more

/** One request at a time; `done` is called when it has been carried out. */
export function oneAtATime(send) {
  let [pending, next, timer] = [false, undefined, 0];
  const done = () => {
    clearTimeout(timer);
    pending = false;
    if (next !== undefined) request(next);
  };
  const request = (value) => {
    next = pending ? value : undefined;
    if (pending) return;
    pending = true;
    timer = setTimeout(done, PATIENCE);
    send(value);
  };
  return { request, done, busy: () => pending, stop: () => clearTimeout(timer) };
}

/** The step that is meant by what a field or a slider holds: null for the latest. */
export function stepOf(value, { first, last }) {
  if (value === "" || !Number.isFinite(Number(value)) || Number(value) >= last) return null;
  return Math.max(Math.round(Number(value)), first);
}
