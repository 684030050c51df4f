// The colours of the canvases, read from the CSS variables once for each theme.

const HUES = 8;
const DASHES = [[], [7, 3], [2, 3], [8, 3, 2, 3]]; // beyond the hues lines are dashed
const NAMES = ["ink", "faint", "rule", "paper", "focus", "bad"];

// A little of the text's colour makes each line stand out more, in a dark theme as in a light one.
export const hueColour = (i) =>
  `color-mix(in oklab, var(--nbhooks-hue-${i % HUES}) 82%, var(--nbhooks-ink))`;

/** The dash of line i. */
export const dashOf = (i) => DASHES[Math.floor(i / HUES) % DASHES.length];

/** Read the colours as they are now. A probe computes them: a canvas knows no variables. */
function read(root) {
  const probe = document.createElement("span");
  probe.hidden = true;
  root.append(probe);
  const colour = (value) => {
    probe.style.color = value;
    return getComputedStyle(probe).color;
  };
  const theme = Object.fromEntries(NAMES.map((name) => [name, colour(`var(--nbhooks-${name})`)]));
  theme.hues = Array.from({ length: HUES }, (_, i) => colour(hueColour(i)));
  theme.font = getComputedStyle(root).fontFamily;
  probe.remove();
  return theme;
}

/** Keep the colours below root; act() is called when they, or the size of a pixel, have changed. */
export function createTheme(root, act) {
  let [theme, ratio] = [null, window.devicePixelRatio];
  const stop = new AbortController();
  const renew = () => {
    const before = JSON.stringify(theme);
    if (theme) theme = read(root);
    if (JSON.stringify(theme) !== before) act();
  };
  // Lab and Notebook name their theme on the body, others set classes there or on the root.
  const observer = new MutationObserver(renew);
  const attributeFilter = ["class", "style", "data-theme", "data-jp-theme-name"];
  for (const node of [document.body, document.documentElement]) {
    observer.observe(node, { attributeFilter });
  }
  for (const query of ["(prefers-color-scheme: dark)", "(forced-colors: active)"]) {
    matchMedia(query).addEventListener("change", renew, { signal: stop.signal });
  }
  const resize = () => { // as the browser's zoom does
    if (ratio !== window.devicePixelRatio) act();
    ratio = window.devicePixelRatio;
  };
  window.addEventListener("resize", resize, { signal: stop.signal });
  return {
    get: () => (theme ??= read(root)),
    destroy() {
      observer.disconnect();
      stop.abort();
    },
  };
}
