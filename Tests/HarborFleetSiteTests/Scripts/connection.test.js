// What a page says of its live connection when answers come late, or not at all.

import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { LiveConnection } from "./live.js";

/** @type {any[]} */
let sockets = [];
/** The questions that wait for their answer. @type {((status: number) => void)[]} */
let questions = [];
/** @type {string[]} */
let states = [];
/** @type {Record<string, () => void>} */
let listeners = {};
const network = { onLine: true };

class FakeSocket {
  static OPEN = 1;
  readyState = 0;

  constructor() {
    sockets.push(this);
  }

  open() {
    this.readyState = FakeSocket.OPEN;
    this.onopen({});
  }

  /** The upgrade is refused, or the connection is lost. */
  end(code = 1006) {
    this.readyState = 3;
    this.onclose({ code, wasClean: code !== 1006 });
  }

  tell(message) {
    this.onmessage({ data: JSON.stringify(message) });
  }

  close() {}
}

Object.defineProperty(globalThis, "navigator", { value: network, configurable: true });
Object.assign(globalThis, {
  WebSocket: FakeSocket,
  location: { href: "http://fleet.example/fleets/north", protocol: "http:" },
  document: { hidden: false, addEventListener() {} },
  addEventListener: (name, listener) => (listeners[name] = listener),
  fetch: () => new Promise((resolve) => questions.push((status) => resolve({ status, ok: status < 400 }))),
});

/** Every answer that was given is dealt with. */
const settled = () => new Promise((resolve) => setImmediate(resolve));
const last = () => sockets[sockets.length - 1];

/** The present try is refused, the server says `status` when it is asked why, and the next try begins. */
async function refuse(status) {
  last().end();
  questions.shift()(status);
  await settled();
  mock.timers.tick(15_000);
}

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout"] });
  [sockets, questions, states, listeners, network.onLine] = [[], [], [], {}, true];
  new LiveConnection({
    livePath: "/live",
    statusPath: "/status",
    onMessage() {},
    onHeard() {},
    onState: (state) => states.push(state),
  }).start();
});

test("a server that answers and opens no WebSocket refuses it, until the network is gone", async () => {
  for (let number = 0; number < 5; number += 1) await refuse(200);
  assert.equal(states.at(-1), "refused");
  network.onLine = false;
  listeners.offline();
  assert.equal(states.at(-1), "disconnected");
  network.onLine = true;
  last().end();
  // Not asked again yet: what was found out before the network went is old.
  assert.equal(states.at(-1), "disconnected");
});

test("no answer makes a refusal of what has no network", async () => {
  for (let number = 0; number < 5; number += 1) await refuse(200);
  network.onLine = false;
  last().end();
  assert.equal(states.at(-1), "disconnected");
});

for (const status of [401, 403, 404]) {
  test(`a late ${status} does not end a stream that has opened since`, async () => {
    last().end();
    mock.timers.tick(15_000);
    last().open();
    last().tell({ type: "snapshot", epoch: "e", seq: 1, vehicles: [] });
    questions.shift()(status);
    await settled();
    assert.equal(states.at(-1), "live");
    last().tell({ type: "position", seq: 2 });
    assert.equal(sockets.length, 2);
  });

  test(`a ${status} ends what does not open`, async () => {
    await refuse(status);
    assert.equal(states.at(-1), status === 404 ? "gone" : "signed-out");
    assert.equal(sockets.length, 1);
  });
}

test("a late answer does not end the try that the operator began", async () => {
  last().end();
  listeners.online();
  questions.shift()(401);
  await settled();
  assert.equal(states.at(-1), "reconnecting");
});
