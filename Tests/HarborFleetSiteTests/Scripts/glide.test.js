// Where marks are on their way, and where they point.

import assert from "node:assert/strict";
import { test } from "node:test";
import { place, target } from "./glide.js";

test("a mark that turns over north points somewhere from 0 to 360 degrees, the short way round", () => {
  for (const [from, to] of [[2, 352], [352, 2], [0, 359], [359, 0], [180, 181], [10, 190]]) {
    const mark = { from: [0, 0, from], to: [0, 0, to], start: 0, duration: 300 };
    for (let now = 0; now <= 310; now += 10) {
      const heading = place(mark, now)[2];
      assert.ok(heading >= 0 && heading < 360, `${from} to ${to} at ${now}: ${heading}`);
      const away = Math.abs(((heading - from + 540) % 360) - 180);
      assert.ok(away <= Math.abs(((to - from + 540) % 360) - 180) + 1e-9, `${from} to ${to} at ${now}: ${heading}`);
    }
    assert.equal(place(mark, 300)[2], to);
  }
});

test("a vehicle without a heading points where it moves to, and keeps it while it stands", () => {
  const mark = { to: [53, 10, 77] };
  assert.deepEqual(target({ lat: 53, lng: 10 }, undefined, null), [53, 10, NaN]);
  assert.equal(Math.round(target({ lat: 53.01, lng: 10 }, mark, [53, 10, 77])[2]), 0);
  assert.equal(Math.round(target({ lat: 53, lng: 9.99 }, mark, [53, 10, 77])[2]), 270);
  assert.equal(target({ lat: 53.00001, lng: 10 }, mark, [53, 10, 77])[2], 77);
  assert.equal(target({ lat: 53, lng: 10, heading_deg: 12 }, mark, [53, 10, 77])[2], 12);
});
