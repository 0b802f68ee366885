// The WebSocket client of a fleet's live stream: it connects, tracks its position, and resumes.

import { restartDelay, retryDelay } from "./backoff.js";
import { LiveSequence } from "./live-sequence.js";

/** @typedef {import("./live-sequence.js").LiveMessage} LiveMessage */

/**
 * - `connecting`: the first attempt; `live`: receiving; `reconnecting`: lost, trying again;
 * - `disconnected`: no network, or many attempts have failed; it continues to try;
 * - `refused`: the same, but the server responds to other requests: something prevents the WebSocket;
 * - `signed-out` and `gone`: the server said so; another attempt would not help.
 * @typedef {"connecting" | "live" | "reconnecting" | "disconnected" | "refused" | "signed-out" | "gone"} LiveState
 */

const SERVICE_RESTART = 1012;
/** About six seconds of attempts. */
const TRIES_UNTIL_DISCONNECTED = 4;
const CONNECT_TIMEOUT_MS = 10_000;
/** A quiet fleet sends nothing, and neither does a dead connection: after this silence, ask the server. */
const SILENCE_MS = 60_000;
/** A connection that received something within this time is not checked when the reader returns to the page. */
const RECENT_MS = 5_000;

export class LiveConnection {
  #sequence = new LiveSequence();
  /** @type {WebSocket | null} */
  #socket = null;
  #attempt = 0;
  /** Whether the server responded when it was asked why no WebSocket opened. */
  #isRefused = false;
  /** Increases when responses to earlier questions no longer count. */
  #beginning = 0;
  /** The time of the last message, by `performance.now()`. */
  #heardAt = -Infinity;
  #retryTimer = 0;
  #silenceTimer = 0;

  /**
   * @param {object} options
   * @param {string} options.livePath path of the live stream
   * @param {string} options.statusPath path of the status, requested to find out why a connection failed
   * @param {(message: LiveMessage) => void} options.onMessage called in the order of `seq`, without a gap
   * @param {() => void} options.onHeard the server responds, and everything received so far is current
   * @param {(state: LiveState) => void} options.onState
   */
  constructor({ livePath, statusPath, onMessage, onHeard, onState }) {
    this.livePath = livePath;
    this.statusPath = statusPath;
    this.onMessage = onMessage;
    this.onHeard = onHeard;
    this.onState = onState;
  }

  start() {
    this.onState("connecting");
    addEventListener("online", () => this.retryNow());
    addEventListener("offline", () => this.#wentOffline());
    addEventListener("pagehide", () => this.#drop());
    // A page that returns from the browser's cache has the data of the moment when it was left.
    addEventListener("pageshow", (event) => event.persisted && this.#lost("reconnecting", 0));
    document.addEventListener("visibilitychange", () => this.#lookedAt());
    this.#connect();
  }

  /** After sleep a machine may hold a dead connection: check when the page becomes visible, before `SILENCE_MS`. */
  #lookedAt() {
    const isQuiet = performance.now() - this.#heardAt > RECENT_MS;
    if (!document.hidden && isQuiet && this.#socket?.readyState === WebSocket.OPEN) void this.#checkSilence();
  }

  #wentOffline() {
    this.#begin();
    this.#lost("disconnected", retryDelay(this.#attempt));
  }

  /** Results of earlier attempts, also late ones, must not end what begins now. */
  #begin() {
    this.#beginning += 1;
    this.#isRefused = false;
  }

  /** Connects at once, whatever the back-off says. */
  retryNow() {
    this.#begin();
    this.#attempt = 0;
    this.#connect();
  }

  #connect() {
    this.#drop();
    const url = new URL(this.livePath, location.href);
    url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    if (this.#sequence.since !== null) url.searchParams.set("since", this.#sequence.since);
    const socket = new WebSocket(url);
    this.#socket = socket;
    let opened = false;
    // Each handler acts only for its own socket: a late event of a dropped socket must not touch its successor.
    const whenCurrent = (/** @type {(event: any) => void} */ handle) => (/** @type {Event} */ event) => {
      if (this.#socket === socket) handle(event);
    };
    socket.onopen = whenCurrent(() => {
      opened = true;
      this.#begin();
      this.#awaitMore(SILENCE_MS);
    });
    socket.onmessage = whenCurrent((event) => this.#received(event.data));
    socket.onclose = whenCurrent((event) => this.#closed(event, opened));
    this.#awaitMore(CONNECT_TIMEOUT_MS);
  }

  /** Drops the socket and all timers; later events of the socket are ignored. */
  #drop() {
    clearTimeout(this.#retryTimer);
    clearTimeout(this.#silenceTimer);
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }

  /** @param {unknown} data */
  #received(data) {
    this.#heardAt = performance.now();
    this.#awaitMore(SILENCE_MS);
    const message = parse(data);
    if (message === null) return;
    const verdict = this.#sequence.accept(message);
    if (verdict === "gap") return this.#lost("reconnecting", retryDelay(this.#attempt));
    if (verdict === "ignore") return;
    // Only a stream that has started well resets the back-off: a server that accepts and closes at once does
    // not.
    this.#attempt = 0;
    this.onHeard();
    if (message.type === "snapshot" || message.type === "resumed") this.onState("live");
    this.onMessage(message);
  }

  /**
   * @param {CloseEvent} event
   * @param {boolean} opened
   */
  #closed({ code, wasClean }, opened) {
    if (wasClean && this.#attempt === 0) this.onHeard();
    if (code === SERVICE_RESTART) return this.#lost("reconnecting", restartDelay());
    this.#lost("reconnecting", retryDelay(this.#attempt));
    // A script cannot see why an upgrade was refused, so it requests the status to find the reason.
    if (!opened || code === 1008) void this.#askWhy();
  }

  /**
   * @param {LiveState} state
   * @param {number} delay milliseconds
   */
  #lost(state, delay) {
    this.#drop();
    this.#attempt += 1;
    const hopeless = !navigator.onLine || this.#attempt > TRIES_UNTIL_DISCONNECTED;
    // Without a network the server cannot have refused anything.
    const isRefused = this.#isRefused && navigator.onLine;
    this.onState(hopeless ? (isRefused ? "refused" : "disconnected") : state);
    this.#retryTimer = setTimeout(() => this.#connect(), delay);
  }

  async #askWhy() {
    const beginning = this.#beginning;
    const status = await this.#status();
    if (this.#beginning !== beginning) return;
    this.#isRefused = status >= 200 && status < 400;
    if (status === 401 || status === 403) this.#giveUp("signed-out");
    if (status === 404) this.#giveUp("gone");
  }

  /** @param {LiveState} state */
  #giveUp(state) {
    this.#drop();
    this.onState(state);
  }

  /** @param {number} milliseconds */
  #awaitMore(milliseconds) {
    clearTimeout(this.#silenceTimer);
    this.#silenceTimer = setTimeout(() => void this.#checkSilence(), milliseconds);
  }

  async #checkSilence() {
    const socket = this.#socket;
    const { epoch, seq } = this.#sequence;
    const place = socket?.readyState === WebSocket.OPEN ? await this.#place() : null;
    if (this.#socket !== socket) return;
    // Events that arrived during the request prove the connection too.
    const moved = this.#sequence.seq !== seq || this.#sequence.epoch !== epoch;
    if (place !== null && place === this.#sequence.since) this.onHeard();
    if (moved || place === this.#sequence.since) return this.#awaitMore(SILENCE_MS);
    this.#lost("reconnecting", restartDelay());
  }

  /** @returns {Promise<number>} the HTTP status, 0 when the server cannot be reached */
  async #status() {
    return (await this.#ask())?.status ?? 0;
  }

  /** @returns {Promise<string | null>} the server's `EPOCH:SEQ` */
  async #place() {
    const response = await this.#ask();
    if (!response?.ok) return null;
    const status = await response.json().catch(() => ({}));
    return `${status.epoch}:${status.seq}`;
  }

  /** @returns {Promise<Response | null>} */
  async #ask() {
    try {
      const signal = AbortSignal.timeout(CONNECT_TIMEOUT_MS);
      return await fetch(this.statusPath, { cache: "no-store", signal });
    } catch {
      return null;
    }
  }
}

/**
 * @param {unknown} data
 * @returns {LiveMessage | null}
 */
function parse(data) {
  if (typeof data !== "string") return null;
  try {
    const message = JSON.parse(data);
    return typeof message?.type === "string" ? message : null;
  } catch {
    return null;
  }
}
