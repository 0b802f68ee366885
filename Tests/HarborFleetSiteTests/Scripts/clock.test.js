// The server's clock as the page knows it, and the ages and times that go by it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { FleetModel } from "./fleet-model.js";
import { ageText, asOfText, fixText, fixTitle, headingText, speedText } from "./format.js";
import { ClockEstimate } from "./server-clock.js";

const T = Date.parse("2026-11-20T17:00:00Z");
const MINUTE = 60_000;

test("while no answer has told the server's time, there is none", () => {
  const estimate = new ClockEstimate();
  estimate.happened(T, 5);
  estimate.dateReceived(NaN, { sent: 0, received: 1, wall: 2 });
  assert.equal(estimate.now(10, T), null);
});

for (const off of [0, -44 * MINUTE, 26 * 365 * 24 * 60 * MINUTE]) {
  test(`the browser's own clock does not count: it is off by ${off} ms`, () => {
    const estimate = new ClockEstimate();
    estimate.dateReceived(T, { sent: 1_000, received: 1_200, wall: T + off });
    assert.equal(estimate.now(1_100, T + off - 100), T + 500);
    assert.equal(estimate.now(61_100, T + off - 100 + MINUTE), T + 500 + MINUTE);
  });
}

test("what happened at the server is not in its future, and an old event moves nothing", () => {
  const estimate = new ClockEstimate();
  estimate.dateReceived(T, { sent: 0, received: 0, wall: T });
  estimate.happened(T - 44 * MINUTE, 1_000);
  assert.equal(estimate.now(1_000, T + 1_000), T + 1_500);
  estimate.happened(T + 1_900, 1_000);
  assert.equal(estimate.now(1_000, T + 1_000), T + 1_900);
});

test("a machine that slept, or whose clock was set, makes nothing look newer", () => {
  const estimate = new ClockEstimate();
  estimate.dateReceived(T, { sent: 0, received: 0, wall: T });
  // The steady clock stood still for ten minutes.
  assert.equal(estimate.now(1_000, T + 10 * MINUTE), T + 500 + 10 * MINUTE);
  assert.ok(estimate.isShaken(1_000, T + 10 * MINUTE));
  // The wall clock was set back by an hour.
  assert.equal(estimate.now(5_000, T - 60 * MINUTE), T + 5_500);
  assert.ok(estimate.isShaken(5_000, T - 60 * MINUTE));
  assert.ok(!estimate.isShaken(5_000, T + 5_400));
});

test("of a fleet that is silent as a whole, each age is by the server's clock", () => {
  const estimate = new ClockEstimate();
  const clock = { happened: (text) => estimate.happened(Date.parse(text), 0) };
  const model = new FleetModel(clock, { replaced() {}, changed() {}, removed() {} });
  estimate.dateReceived(T, { sent: 0, received: 0, wall: T - 44 * MINUTE });
  const silent = new Date(T - 44 * MINUTE).toISOString();
  const vehicle = { vehicle_id: "a", state: "offline", lat: 1, lng: 1, recorded_at: silent, received_at: silent };
  model.apply({ type: "snapshot", seq: 1, epoch: "e", as_of: new Date(T - 39 * MINUTE).toISOString(), vehicles: [vehicle] });
  const [known] = model.vehicles.values();
  assert.equal(ageText(estimate.now(0, T - 44 * MINUTE) - Date.parse(fixText(known))), "44 min ago");
  assert.deepEqual(model.counts(), { moving: 0, idle: 0, offline: 1 });
});

test("a fix whose clock runs ahead is as old as its arrival", () => {
  const ahead = { recorded_at: "2026-11-20T17:09:00.000Z", received_at: "2026-11-20T17:00:00.000Z" };
  assert.equal(fixText(ahead), ahead.received_at);
  assert.equal(fixTitle(ahead), "2026-11-20 17:09:00 UTC by its own clock, received 2026-11-20 17:00:00 UTC");
  const late = { recorded_at: "2026-11-20T16:16:00.000Z", received_at: "2026-11-20T17:00:00.000Z" };
  assert.equal(fixText(late), late.recorded_at);
  assert.equal(fixTitle(late), "2026-11-20 16:16:00 UTC");
});

for (const [seconds, text] of [
  [-3, "0 s ago"], [0, "0 s ago"], [59, "59 s ago"], [60, "1 min ago"], [2_640, "44 min ago"], [3_599, "59 min ago"],
  [3_600, "1 h ago"], [172_799, "47 h ago"], [172_800, "2 days ago"],
]) {
  test(`an age of ${seconds} s is ${text}`, () => assert.equal(ageText(seconds * 1_000), text));
}

test("from when the page is has a date where the day is another", () => {
  const time = Date.parse("2026-11-20T21:15:05.900Z");
  assert.equal(asOfText(time, Date.parse("2026-11-20T23:59:59Z")), "as of 21:15:05 UTC");
  assert.equal(asOfText(time, Date.parse("2026-11-21T00:00:00Z")), "as of 2026-11-20 21:15:05 UTC");
});

test("the speed and heading of a silent vehicle are its last", () => {
  for (const [state, last] of [["moving", ""], ["idle", ""], ["offline", "last "]]) {
    assert.equal(speedText({ state, speed_mps: 13.88 }), `${last}13.9 m/s`);
    assert.equal(headingText({ state, heading_deg: 271 }), `${last}271° W`);
    assert.equal(speedText({ state }), "–");
    assert.equal(headingText({ state }), "–");
  }
});
