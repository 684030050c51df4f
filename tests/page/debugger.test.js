// The debugger's buttons: how many runs a field asks for.
import assert from "node:assert/strict";
import { test } from "node:test";

import { countOf } from "../../nbhooks/view/widgets/page/debugger.js";

test("a whole number is the count of runs", () => {
  assert.equal(countOf("12"), 12);
  assert.equal(countOf(" 3 "), 3);
});

test("anything else is one run", () => {
  for (const text of ["", "0", "-4", "1.5", "many", "9".repeat(12)]) assert.equal(countOf(text), 1);
});
