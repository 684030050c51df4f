// Which cards are shown, and the lines in them.

import assert from "node:assert/strict";
import { test } from "node:test";

import { groupCards, matcher, openGroups } from "../../nbhooks/view/widgets/page/groups.js";
import { linesOf, overlaidLines, runsOf } from "../../nbhooks/view/widgets/page/lines.js";

const card = (tag, group = "", first = false) => ({ key: `k ${tag}`, tag, group, first });
const CARDS = [card("loss", "", true), card("a/x", "a"), card("b/x", "b"), card("a/y", "a"),
  card("z")];
const tags = (groups) => groups.map(({ title, cards }) => [title, cards.map(({ tag }) => tag)]);

test("a filter is a part of a name, in whichever case", () => {
  const { test: matches, error } = matcher(" LoSS");
  assert.equal(error, "");
  assert.ok(matches("train/loss"));
  assert.ok(!matches("accuracy"));
  assert.ok(matcher("").test("anything"));
  assert.ok(matcher("a.c").test("a.c"));
  assert.ok(!matcher("a.c").test("abc"));
});

test("between slashes it is a regular expression", () => {
  assert.ok(matcher("/^a.c$/").test("abc"));
  assert.ok(matcher("/^a").test("Abc"));
  assert.ok(matcher("/").test("scope/name"));
  assert.ok(!matcher("/").test("name"));
});

test("an invalid expression is said, and hides nothing", () => {
  const { test: matches, error } = matcher("/norm(/");
  assert.match(error, /not a regular expression: .+/);
  assert.ok(matches("anything"));
});

test("groups are pins, what comes first or has no scope, and scopes in the order of cards", () => {
  const groups = groupCards(CARDS, { test: () => true, pins: ["b/x", "gone"] });
  assert.deepEqual(tags(groups),
    [["pinned", ["b/x"]], ["main", ["loss", "z"]], ["a", ["a/x", "a/y"]]]);
});

test("a group without a card that matches is not there", () => {
  assert.deepEqual(tags(groupCards(CARDS, matcher("a/"))), [["a", ["a/x", "a/y"]]]);
});

test("groups are open while few cards are, as folded by hand, and all in a search", () => {
  const groups = ["a", "b", "c"].map((key) => ({ key, cards: Array.from({ length: 10 }) }));
  assert.deepEqual(openGroups(groups, {}), [true, false, false]);
  assert.deepEqual(openGroups(groups, { a: false, c: true }), [false, true, true]);
  assert.deepEqual(openGroups(groups, {}, true), [true, true, true]);
});

const part = (lines, points = new Map()) => ({ lines, points });

test("a card without names has one line, and no name", () => {
  const [line, ...others] = linesOf(part({}), card("loss"), []);
  assert.deepEqual([line.name, line.hue, line.behind, others], ["", 0, false, []]);
});

test("compared runs lie behind the live line; runs alone are equals", () => {
  const names = [{ name: "", hue: 0 }, { name: "runs/a", hue: 3 }];
  const lines = linesOf(part({ "k loss": names }), card("loss"), ["run runs/a"]);
  assert.deepEqual(lines.map(({ name, hue, behind, hidden }) => [name, hue, behind, hidden]),
    [["live", 0, false, false], ["runs/a", 3, true, true]]);
  const runs = linesOf(part({ "k loss": ["a", "b"] }), card("loss"), []);
  assert.deepEqual(runs.map(({ name, behind }) => [name, behind]), [["a", false], ["b", false]]);
});

test("overlaid tags lose the scopes that all of them share, and have a colour each", () => {
  const cards = [card("net/layer_1/loss"), card("net/layer_2/loss")];
  const lines = overlaidLines(part({}), cards, []);
  assert.deepEqual(lines.map(({ name, hue, key }) => [name, hue, key]),
    [["layer_1/loss", 0, cards[0].key], ["layer_2/loss", 1, cards[1].key]]);
});

test("the runs of all cards are in one legend, once each", () => {
  const names = [{ name: "", hue: 0 }, { name: "a", hue: 1 }];
  const runs = runsOf(part({ "k loss": names, "k z": names }), CARDS, ["run "]);
  assert.deepEqual(runs.map(({ name, hidden }) => [name, hidden]), [["live", true], ["a", false]]);
  assert.deepEqual(runsOf(part({}), CARDS, []), []);
});
