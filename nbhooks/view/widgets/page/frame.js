// When to draw: in one animation frame for all that has changed, and never more than a share of the time.

const SHARE = 0.1; // the part of the time that drawing of new data may take; what a person does is at once

/** Calls draw() in an animation frame after request(), sooner after request(true). */
export function createFrames(draw, { share = SHARE } = {}) {
  let [frame, timer, rest] = [0, 0, 0];
  const run = () => {
    const begin = performance.now();
    frame = 0;
    draw();
    const end = performance.now();
    rest = end + (end - begin) / share;
  };
  const ask = () => {
    clearTimeout(timer);
    timer = 0;
    frame ||= requestAnimationFrame(run);
  };
  return {
    request(urgent = false) {
      if (frame || (timer && !urgent)) return;
      const wait = urgent ? 0 : rest - performance.now();
      if (wait <= 0) ask();
      else timer = setTimeout(ask, wait);
    },
    destroy() {
      clearTimeout(timer);
      cancelAnimationFrame(frame);
    },
  };
}
