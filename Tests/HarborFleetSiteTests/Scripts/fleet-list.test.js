// What the list of fleets says when answers are late, lost or refused.

import assert from "node:assert/strict";
import { test } from "node:test";

/** @type {() => void} */
let tick = () => {};
/** @type {() => void} */
let looked = () => {};
/** @type {((answer: any) => void)[]} */
let questions = [];
let counts = { moving: 0 };
/** @type {any[]} */
let shown = [];

const count = { getAttribute: () => "moving", textContent: "0" };
const card = { getAttribute: () => "north", querySelectorAll: () => [count] };
const banner = {
  dataset: {},
  querySelector: () => ({ dateTime: "2026-11-20T17:00:00.000Z" }),
  setAttribute() {},
  get firstChild() {
    return shown.length === 0 ? null : { textContent: shown[0] };
  },
  replaceChildren: (...children) => (shown = children),
};
const body = { dataset: {} };
Object.assign(globalThis, {
  document: {
    hidden: false,
    body,
    querySelector: (selector) => (selector === "[data-banner]" ? banner : card),
    querySelectorAll: () => [card],
    addEventListener: (_, listener) => (looked = listener),
    createElement: () => ({}),
  },
  location: { pathname: "/" },
  CSS: { escape: (text) => text },
  setInterval: (action) => (tick = action),
  fetch: (path) =>
    path === "/api/v1/fleets" ? new Promise((resolve, reject) => questions.push({ resolve, reject })) : new Promise(() => {}),
});
await import("./fleet-list.js");

const settled = () => new Promise((resolve) => setImmediate(resolve));

async function answer(status) {
  const headers = new Headers({ Date: "Fri, 20 Nov 2026 17:00:10 GMT" });
  const json = async () => ({ fleets: [{ fleet_id: "north", counts }] });
  questions.shift().resolve({ ok: status === 200, status, headers, json });
  await settled();
}

test("an answer that takes longer than the interval is waited for", async () => {
  tick();
  tick();
  tick();
  assert.equal(questions.length, 1);
  counts = { moving: 7 };
  await answer(200);
  assert.equal(count.textContent, "7");
  assert.equal(body.dataset.live, "live");
});

test("a question that is never answered is told of, and asked again", async () => {
  tick();
  tick();
  questions.shift().reject(new Error("timeout"));
  await settled();
  assert.equal(body.dataset.live, "disconnected");
  assert.match(shown[0], /could not be refreshed, as of .*\.$/);
  tick();
  await answer(200);
  assert.equal(body.dataset.live, "live");
});

test("a session that has ended is asked for no more, until the page is looked at again", async () => {
  tick();
  await answer(401);
  assert.match(shown[0], /^Your session has ended, as of/);
  assert.equal(shown[2].href, "/sign-in?next=%2F");
  assert.equal(shown[2].textContent, "Sign in");
  tick();
  assert.equal(questions.length, 0);
  looked();
  await answer(200);
  assert.equal(body.dataset.live, "live");
  assert.equal(shown.length, 1);
  tick();
  assert.equal(questions.length, 1);
});
