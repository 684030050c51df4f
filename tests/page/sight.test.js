// What is in sight, and what a slider asks for: sent when it has settled, one at a time.
import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { oneAtATime, stepOf } from "../../nbhooks/view/widgets/page/seek.js";
import { createReport } from "../../nbhooks/view/widgets/page/sight.js";

function reporting() {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout"] });
  const sent = [];
  return { sent, report: createReport((content) => sent.push(content), "page") };
}

test("what is in sight is sent once it has settled, and once only", () => {
  const { sent, report } = reporting();
  report.add("cards", ["p0", "k0"]);
  mock.timers.tick(40);
  report.add("sections", ["p0", "a"]);
  report.add("log", true);
  mock.timers.tick(40);
  assert.deepEqual(sent, []);
  mock.timers.tick(10);
  report.add("cards", ["p0", "k0"]); // in a second view
  mock.timers.tick(50);
  assert.deepEqual(sent, [{ type: "sight", page: "page", cards: [["p0", "k0"]],
    sections: [["p0", "a"]], log: true }]);
});

test("what two views show is in sight until both have lost it", () => {
  const { sent, report } = reporting();
  report.add("cards", ["p0", "k0"]);
  report.add("cards", ["p0", "k0"]);
  report.remove("cards", ["p0", "k0"]);
  mock.timers.tick(50);
  assert.equal(sent.at(-1).cards.length, 1);
  report.remove("cards", ["p0", "k0"]);
  mock.timers.tick(50);
  assert.equal(sent.at(-1).cards.length, 0);
});

test("a hidden page sees nothing, and all of it again when it is shown", () => {
  const { sent, report } = reporting();
  report.add("cards", ["p0", "k0"]);
  report.hide(true);
  mock.timers.tick(50);
  assert.deepEqual(sent.at(-1).cards, []);
  report.hide(false);
  mock.timers.tick(50);
  assert.deepEqual(sent.at(-1).cards, [["p0", "k0"]]);
});

test("a kernel that has forgotten is sent it again", () => {
  const { sent, report } = reporting();
  report.again();
  mock.timers.tick(50);
  report.again();
  mock.timers.tick(50);
  assert.equal(sent.length, 2);
});

test("of many requests the latest is sent when the one before is done", () => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout"] });
  const sent = [];
  const { request, done, busy } = oneAtATime((value) => sent.push(value));
  [1, 2, 3, null].forEach(request);
  assert.deepEqual(sent, [1]);
  assert.equal(busy(), true);
  done();
  assert.deepEqual(sent, [1, null]);
  request(5);
  mock.timers.tick(3000); // no answer came
  assert.deepEqual(sent, [1, null, 5]);
});

test("the end of the slider is the latest step", () => {
  const span = { first: 10, last: 100 };
  assert.deepEqual(["", "100", "1e9", "x", "3", "50.4"].map((value) => stepOf(value, span)),
    [null, null, null, null, 10, 50]);
});
