// What the page decides apart from its drawing: order, filter, words.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { bannerText } from "./banner.js";
import { signInProblem } from "./sign-in-problem.js";
import { VehicleFilter, captionText } from "./vehicle-filter.js";
import { ORDERS, compareIDs } from "./vehicle-order.js";

test("ids are ordered as the server orders them", () => {
  const ids = JSON.parse(readFileSync("ordered-ids.json", "utf8"));
  for (const [i, a] of ids.entries()) {
    for (const [j, b] of ids.entries()) assert.equal(Math.sign(compareIDs(a, b)), Math.sign(i - j), `${a} ${b}`);
  }
});

test("a silent vehicle's last speed is none of now", () => {
  const [fast, slow] = [{ state: "offline", speed_mps: 40 }, { state: "idle", speed_mps: 0 }];
  assert.ok(ORDERS.speed(fast, slow) < 0);
  assert.ok(ORDERS.speed(fast, { state: "moving" }) < 0);
});

test("the filter takes a part of an id, or the beginning of a state", () => {
  const filter = new VehicleFilter();
  const [van, truck] = [{ vehicle_id: "Van-7", state: "moving" }, { vehicle_id: "truck-1", state: "offline" }];
  const matches = (text) => (filter.set(text), [van, truck].filter((one) => filter.matches(one)));
  assert.deepEqual(matches(""), [van, truck]);
  assert.ok(!filter.isActive);
  assert.deepEqual(matches(" VAN "), [van]);
  assert.ok(filter.isActive);
  assert.deepEqual(matches("off"), [truck]);
  assert.deepEqual(matches("line"), []);
});

for (const [numbers, isFiltered, text] of [
  [[0, 0, 0], false, "0 vehicles"], [[1, 1, 1], false, "1 vehicle"], [[3, 3, 20], true, "3 of 20 vehicles"],
  [[2_000, 2_001, 2_001], false, "The first 2000 of 2001 vehicles"], [[0, 0, 1], true, "0 of 1 vehicle"],
  [[2_000, 2_500, 9_000], true, "The first 2000 of 2500 of 9000 vehicles"],
]) {
  test(`the caption says: ${text}`, () => {
    const [rows, matching, total] = numbers;
    assert.equal(captionText({ rows, matching, total }, isFiltered), text);
  });
}

test("offline is a vehicle's word, and no connection is shown without its time", () => {
  for (const state of ["reconnecting", "disconnected", "refused", "signed-out", "gone"]) {
    const text = bannerText(state, "as of 21:15:05 UTC");
    assert.match(text, /as of 21:15:05 UTC/);
    assert.doesNotMatch(text, /offline/i);
  }
  assert.equal(bannerText("live", "as of 21:15:05 UTC"), "Live");
});

test("a sign-in that failed says why", () => {
  const detail = "A proxy in front must pass the header Host as the browser sent it.";
  const refused = signInProblem({ status: 403, detail, instance: "r-1" });
  assert.equal(refused, `Signing in failed. ${detail} (Request r-1)`);
  assert.equal(signInProblem({ status: 401, detail: "x" }), "This token is not known, or is no longer valid.");
  assert.equal(signInProblem({ status: 429, retryAfter: "7" }), "Too many tries. Try again in 7 seconds.");
  assert.equal(signInProblem({ status: 429, retryAfter: null }), "Too many tries. Try again in a second.");
  assert.match(signInProblem({ status: 502 }), /in front of it.*502/);
});
