// Makes elements, text only: names and values come from a kernel or a file and may be hostile.

const SVG = ["svg", "path"];
const FOCUSABLE = ["button", "input", "select", "summary", "textarea"];
const NAME_END = 18; // characters at the end of a name that are never cut

/** An element with the class nbhooks-<kind>, for each word of kind, appended to parent if there is one. */
export function make(parent, name, kind, attributes = {}, text = "") {
  const space = SVG.includes(name) ? "2000/svg" : "1999/xhtml";
  const node = document.createElementNS(`http://www.w3.org/${space}`, name);
  if (kind) node.setAttribute("class", kind.split(" ").map((word) => `nbhooks-${word}`).join(" "));
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  // Lumino takes no shortcut (d d deletes a cell) where the focused element itself has this attribute.
  if (FOCUSABLE.includes(name) || "tabindex" in attributes) node.dataset.lmSuppressShortcuts = "true";
  if (text !== "") node.textContent = text;
  parent?.append(node);
  return node;
}

/** A button; label is its title and what a screen reader says, if it is more than the text. */
export function button(parent, kind, text, label, act) {
  const names = label ? { title: label, "aria-label": label } : {};
  const node = make(parent, "button", kind, { type: "button", ...names }, text);
  node.addEventListener("click", act);
  return node;
}

/**
 * Keep the keys that are pressed within root from the notebook, and call act(event, target) for each.
 *
 * JupyterLab takes keys at the document in the capture phase: only the window comes before it. What is typed
 * into a field, Tab and a button's Enter are the browser's own doing and need no propagation.
 */
export function keepKeys(root, act, signal) {
  const hear = (event) => {
    const target = event.composedPath()[0];
    if (!(target instanceof Node) || !root.contains(target)) return;
    act(event, target);
    if (!event.ctrlKey && !event.metaKey) event.stopPropagation();
  };
  window.addEventListener("keydown", hear, { capture: true, signal });
}

/** A name whose end stays visible where there is no room for all of it: scopes differ at their end. */
export function cutName(parent, kind, name) {
  const node = make(parent, "span", `name ${kind}`.trim());
  make(node, "span", "name-begin");
  make(node, "span", "name-end");
  setName(node, name);
  return node;
}

/** Change the name of a node made by cutName; title is the full name where what is shown is shorter. */
export function setName(node, name, title = name) {
  if (node.title === title && node.dataset.shown === name) return;
  const letters = [...name]; // whole characters, not halves of a surrogate pair
  const cut = Math.max(0, letters.length - NAME_END);
  node.firstChild.textContent = letters.slice(0, cut).join("");
  node.lastChild.textContent = letters.slice(cut).join("");
  node.title = title;
  node.dataset.shown = name;
}

/** Copy text; resolves to whether it worked. Where the page is not secure there is no clipboard object. */
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = make(document.body, "textarea", "", { style: "position: fixed; opacity: 0" });
    field.value = text;
    const focused = document.activeElement;
    field.select();
    const copied = document.execCommand("copy");
    field.remove();
    focused?.focus();
    return copied;
  }
}
