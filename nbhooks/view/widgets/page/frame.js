// When to draw: a few items in an animation frame, new data never more than a share of the time.

const SHARE = 0.08; // the part of the time that drawing new data may take
const SLICE = 5; // ms of script in one frame; painting comes to as much again
const LEAST = 4; // items drawn in a frame all the same, where the machine has other things to do
const REST = 400; // ms at most between two frames with new data

export const WHEN = { paced: 0, soon: 1, now: 2 };

/**
 * Calls draw(item) in animation frames for what has been added.
 *
 * WHEN.now: all that waits is drawn in the next frame, as after a click. WHEN.soon: a few in each
 * frame, as at first. WHEN.paced: a few in a frame, then a rest, as for new data. The time until
 * the frame is painted counts, too: a canvas is painted after the script that draws on it.
 */
export class Frames {
  constructor(draw) {
    Object.assign(this, { draw, waiting: new Map(), frame: 0, timer: 0, rest: 0, begin: 0 });
    this.painted = new MessageChannel();
    this.painted.port1.addEventListener("message", () => {
      const now = performance.now();
      this.rest = now + Math.min((now - this.begin) * (1 / SHARE - 1), REST);
      this.schedule();
    });
    this.painted.port1.start();
  }

  add(item, when = WHEN.paced) {
    this.waiting.set(item, Math.max(when, this.waiting.get(item) ?? WHEN.paced));
    this.schedule();
  }

  drop(item) {
    this.waiting.delete(item);
  }

  get haste() {
    return Math.max(WHEN.paced, ...this.waiting.values());
  }

  schedule() {
    if (this.frame || !this.waiting.size) return;
    const wait = this.haste ? 0 : this.rest - performance.now();
    if (wait > 0 && this.timer) return;
    clearTimeout(this.timer);
    const ask = () => {
      this.timer = 0;
      this.frame = requestAnimationFrame(() => this.run());
    };
    if (wait > 0) this.timer = setTimeout(ask, wait);
    else ask();
  }

  run() {
    this.begin = performance.now();
    this.frame = 0;
    const all = this.haste === WHEN.now;
    let drawn = 0;
    for (const item of this.waiting.keys()) { // in the order in which they began to wait
      this.waiting.delete(item);
      this.draw(item);
      drawn += 1;
      if (!all && drawn >= LEAST && performance.now() - this.begin >= SLICE) break;
    }
    this.painted.port2.postMessage(null);
  }

  destroy() {
    clearTimeout(this.timer);
    cancelAnimationFrame(this.frame);
    this.painted.port1.close();
  }
}
