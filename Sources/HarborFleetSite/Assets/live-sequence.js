// The position in a fleet's live stream, and whether the next message continues it. No I/O.

/**
 * A message of the live stream: `snapshot`, `resumed`, `position`, `state`, `removed`, `positions` or `at`.
 * @typedef {{type: string, seq: number, epoch?: string, conflated?: number} & Record<string, unknown>} LiveMessage
 */

/** Messages that stand for many events: their `seq` may skip numbers. */
const SUMMARIES = new Set(["positions", "at"]);

export class LiveSequence {
  /** @type {string | null} */
  epoch = null;
  seq = 0;

  /** The value for `?since=`, or null when there is nothing to resume from. */
  get since() {
    return this.epoch === null ? null : `${this.epoch}:${this.seq}`;
  }

  /** Asks for a snapshot next time. */
  forget() {
    this.epoch = null;
    this.seq = 0;
  }

  /**
   * @param {LiveMessage} message
   * @returns {"apply" | "ignore" | "gap"} `gap`: an event is missing, connect again from `since`.
   */
  accept(message) {
    if (message.type === "snapshot") return this.#start(message);
    if (message.type === "resumed") return this.#resume(message);
    if (!Number.isSafeInteger(message.seq)) return "ignore"; // a type that a newer server may send
    if (message.seq <= this.seq) return "ignore";
    const mayJump = SUMMARIES.has(message.type) || typeof message.conflated === "number";
    if (this.epoch === null || (!mayJump && message.seq !== this.seq + 1)) return "gap";
    this.seq = message.seq;
    return "apply";
  }

  /** @param {LiveMessage} message */
  #start(message) {
    this.epoch = String(message.epoch);
    this.seq = Number(message.seq);
    return /** @type {const} */ ("apply");
  }

  /** @param {LiveMessage} message */
  #resume(message) {
    if (message.epoch === this.epoch && message.seq === this.seq) return /** @type {const} */ ("apply");
    this.forget();
    return /** @type {const} */ ("gap");
  }
}
