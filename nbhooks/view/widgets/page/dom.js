// Makes and updates elements. Every string becomes text or an attribute, never markup.

const SVG = "http://www.w3.org/2000/svg";
const FOCUSABLE = ["button", "input", "select", "summary", "textarea"];

/** The class list of a kind: "cell name" is "nbhooks-cell nbhooks-name". */
const classes = (kind) => kind.split(" ").map((word) => `nbhooks-${word}`).join(" ");

/** Set an attribute where it differs; null, undefined and false take it away. */
export function setAttribute(node, name, value) {
  if (value === null || value === undefined || value === false) node.removeAttribute(name);
  else if (node.getAttribute(name) !== String(value)) node.setAttribute(name, value);
}

/** Set the text where it differs, so that a selection in it stays. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

function fill(node, kind, attributes, children) {
  if (kind) node.setAttribute("class", classes(kind));
  for (const [name, value] of Object.entries(attributes)) setAttribute(node, name, value);
  // Lumino takes no shortcut (d d deletes a cell) where the focused element has this attribute.
  const focusable = FOCUSABLE.includes(node.localName) || "tabindex" in attributes;
  if (focusable) node.dataset.lmSuppressShortcuts = "true";
  node.append(...children.filter((child) => child !== "")); // which would become an empty text node
  return node;
}

/** An element of some kind; its children are nodes, or strings, which become text. */
export const make = (tag, kind = "", attributes = {}, ...children) =>
  fill(document.createElement(tag), kind, attributes, children);

/** An element of an SVG drawing. */
export const shape = (tag, kind = "", attributes = {}, ...children) =>
  fill(document.createElementNS(SVG, tag), kind, attributes, children);

/** A button; `act` is called with the event. */
export function button(kind, text, attributes, act) {
  const node = make("button", kind, { type: "button", ...attributes }, text);
  node.addEventListener("click", act);
  return node;
}

/** A name whose end stays visible where it is cut, as scopes differ at their ends. */
export function nameLabel(text, attributes = {}) {
  return make("span", "name", { title: text, ...attributes }, make("bdi", "", {}, text));
}

/** Set the text of a name label. */
export function setName(node, text) {
  setText(node.firstChild, text);
  setAttribute(node, "title", text);
}

const known = new WeakMap();

/**
 * Give `parent` one child for each item, in order; a child stays the same element while its key is
 * there.
 * `create(item)` makes a child, `update(node, item)` is called for each, new ones too.
 */
export function arrange(parent, items, { key, create, update = () => {} }) {
  const before = known.get(parent) ?? new Map();
  const after = new Map(items.map((item) => [key(item), before.get(key(item)) ?? create(item)]));
  for (const [name, node] of before) { // one that has another parent by now stays there
    if (after.get(name) !== node && node.parentNode === parent) node.remove();
  }
  known.set(parent, after);
  let at = parent.firstChild;
  for (const item of items) {
    const node = after.get(key(item));
    if (node === at) at = at.nextSibling;
    else parent.insertBefore(node, at); // what is where it belongs keeps the focus that it may have
    update(node, item);
  }
}

/**
 * Keep the keys pressed within root from the notebook, and call act(event, target) for each.
 *
 * JupyterLab takes keys at the document in the capture phase: only the window comes before it. So
 * nothing below gets them either; what a field, Tab or a button does with a key needs no listener.
 */
export function keepKeys(root, act, signal) {
  const keep = (event) => {
    const target = event.composedPath()[0];
    if (!(target instanceof Node) || !root.contains(target)) return;
    act(event, target);
    if (!event.ctrlKey && !event.metaKey) event.stopPropagation();
  };
  window.addEventListener("keydown", keep, { capture: true, signal });
}

/**
 * Call act(), which moves nodes within root, and give the focus back where one of them has lost it.
 *
 * What has it by keys is brought into view again: out of sight it may be taken out of the page.
 */
export function keepFocus(root, act) {
  const focused = document.activeElement;
  const byKeys = focused?.matches(":focus-visible");
  act();
  const lost = document.activeElement !== focused && root.contains(focused);
  if (lost) focused.focus({ preventScroll: !byKeys });
}

/** Copy text; resolves to whether it worked. A page that is not secure has no clipboard object. */
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const focused = document.activeElement;
    const field = make("textarea", "", { style: "position: fixed; opacity: 0" });
    document.body.append(field);
    field.value = text;
    field.select();
    const copied = document.execCommand("copy");
    field.remove();
    focused?.focus();
    return copied;
  }
}
