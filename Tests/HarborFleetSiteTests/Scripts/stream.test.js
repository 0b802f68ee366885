// Where the page stands in a stream, and when it tries again.

import assert from "node:assert/strict";
import { test } from "node:test";
import { restartDelay, retryDelay } from "./backoff.js";
import { FleetModel } from "./fleet-model.js";
import { LiveSequence } from "./live-sequence.js";

test("a message that does not continue the stream is a gap, and an old one is nothing", () => {
  const sequence = new LiveSequence();
  assert.equal(sequence.accept({ type: "position", seq: 1 }), "gap");
  assert.equal(sequence.accept({ type: "snapshot", epoch: "e", seq: 7 }), "apply");
  assert.equal(sequence.accept({ type: "position", seq: 8 }), "apply");
  assert.equal(sequence.accept({ type: "position", seq: 8 }), "ignore");
  assert.equal(sequence.accept({ type: "position", seq: 10 }), "gap");
  assert.equal(sequence.accept({ type: "position", seq: 12, conflated: 3 }), "apply");
  assert.equal(sequence.accept({ type: "at", seq: 40 }), "apply");
  assert.equal(sequence.since, "e:40");
  assert.equal(sequence.accept({ type: "resumed", epoch: "e", seq: 40 }), "apply");
  assert.equal(sequence.accept({ type: "resumed", epoch: "f", seq: 40 }), "gap");
  assert.equal(sequence.since, null);
});

test("tries spread, and grow no longer than their bound", () => {
  for (const random of [() => 0, () => 0.999]) {
    for (let attempt = 0; attempt < 40; attempt += 1) {
      const delay = retryDelay(attempt, random);
      assert.ok(delay >= 250 && delay <= 15_000, `${attempt}: ${delay}`);
    }
    assert.ok(restartDelay(random) <= 1_000);
  }
});

test("the model follows its messages, and tells its views", () => {
  const told = [];
  const model = new FleetModel({ happened() {} }, {
    replaced: () => told.push("replaced"),
    changed: ({ vehicle_id, state }) => told.push(`${vehicle_id} ${state}`),
    removed: (id) => told.push(`${id} gone`),
  });
  const fix = { lat: 1, lng: 1, recorded_at: "2026-11-20T17:00:00.000Z", received_at: "2026-11-20T17:00:00.000Z" };
  model.apply({ type: "snapshot", seq: 1, as_of: fix.received_at, vehicles: [{ vehicle_id: "a", state: "idle", ...fix }] });
  model.apply({ type: "position", seq: 2, vehicle_id: "b", state: "moving", ...fix });
  model.apply({ type: "state", seq: 3, vehicle_id: "a", state: "offline" });
  model.apply({ type: "state", seq: 4, vehicle_id: "unknown", state: "offline" });
  model.apply({ type: "positions", seq: 5, positions: [{ vehicle_id: "b", state: "idle", ...fix }] });
  model.apply({ type: "removed", seq: 6, vehicle_id: "a" });
  assert.deepEqual(told, ["replaced", "b moving", "a offline", "b idle", "a gone"]);
  assert.deepEqual(model.counts(), { moving: 0, idle: 1, offline: 0 });
});
