// A cell of a table: a text, a name whose end stays visible, a trend, bars, or an image.
import { make, nameLabel, setAttribute, setName, setText } from "./dom.js";
import { createBars, createTrend, setBars, setTrend } from "./spark.js";

const IMAGE = /^data:image\/(?:png|jpeg|gif);base64,[A-Za-z0-9+/]+={0,2}$/;

/** Whether a string is an image's data, and nothing that a page would load or run. */
export const isImage = (source) => typeof source === "string" && IMAGE.test(source);

/** What there is to draw in a cell, by the name of its form; everything else is text. */
const FORMS = {
  name: { create: () => nameLabel(""), update: nameCell },
  path: { create: () => nameLabel(""), update: nameCell },
  number: { create: () => make("span", "number"), update: textCell },
  trend: { create: () => createTrend(), update: (node, { trend }) => setTrend(node, trend) },
  bars: { create: () => createBars(), update: (node, { bars }) => setBars(node, bars) },
  image: { create: () => make("img", "thumbnail"), update: imageCell },
  text: { create: () => make("span", "words"), update: textCell },
};

function nameCell(node, { text, title }) {
  setName(node, text);
  if (title) setAttribute(node, "title", title);
}

function textCell(node, { text, title }) {
  setText(node, text);
  setAttribute(node, "title", title || null);
}

function imageCell(node, { image, alt = "the image" }) {
  setAttribute(node, "src", image);
  setAttribute(node, "alt", alt);
}

/** The form of a cell, and what it shows as an object. */
export function formOf(cell) {
  if (cell === null || typeof cell !== "object") return ["text", { text: String(cell ?? "") }];
  const drawn = ["trend", "bars"].find((name) => Array.isArray(cell[name]));
  if (drawn) return [drawn, cell];
  if ("image" in cell) {
    return isImage(cell.image) ? ["image", cell] : ["text", { text: "not shown: not an image" }];
  }
  const form = ["name", "path", "number"].includes(cell.kind) ? cell.kind : "text";
  return [form, { ...cell, text: String(cell.text ?? "") }];
}

/** Show a cell in `node`, whose content stays the same element while its form does. */
export function updateCell(node, cell) {
  const [form, shown] = formOf(cell);
  if (node.dataset.form !== form) node.replaceChildren(FORMS[form].create());
  node.dataset.form = form;
  FORMS[form].update(node.firstChild, shown);
}
