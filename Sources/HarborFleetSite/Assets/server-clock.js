// An estimate of the server's clock: all ages and times on the page use it, whatever this browser's clock says.

/** The header `Date` has whole seconds: on average half a second is missing. */
const MEAN_TRUNCATION_MS = 500;
/** A larger change between this browser's two clocks means that one was set, or stopped while the machine slept. */
const SHAKEN_MS = 2_000;
/** Two clocks drift apart, so the server is asked again from time to time. */
const SYNC_INTERVAL_MS = 600_000;
const RETRY_MS = 5_000;
const TIMEOUT_MS = 10_000;

/** What is known about the server's time. No I/O and no clock: the caller passes all times, in milliseconds. */
export class ClockEstimate {
  /** The server's time minus the steady clock's. @type {number | null} */
  #offset = null;
  /** The wall clock's time minus the steady clock's when the offset was learned. */
  #skew = 0;

  /**
   * A response with a `Date` has arrived.
   * @param {number} date its `Date`
   * @param {{sent: number, received: number, wall: number}} times steady clock twice, wall clock at the arrival
   */
  dateReceived(date, { sent, received, wall }) {
    if (!Number.isFinite(date)) return;
    this.#offset = date + MEAN_TRUNCATION_MS - (sent + received) / 2;
    this.#skew = wall - received;
  }

  /**
   * The server has reported something that happened at `time`: its clock cannot be behind that.
   * @param {number} time
   * @param {number} steady
   */
  happened(time, steady) {
    if (this.#offset !== null && time > this.#offset + steady) this.#offset = time - steady;
  }

  /**
   * The server's time, or null while it is unknown. The steady clock may stop while the machine sleeps, and the wall
   * clock may be set: the later one of the two readings counts, so that nothing looks newer than it is.
   * @param {number} steady
   * @param {number} wall
   */
  now(steady, wall) {
    return this.#offset === null ? null : this.#offset + Math.max(steady, wall - this.#skew);
  }

  /** Whether a clock of this browser has jumped. @param {number} steady @param {number} wall */
  isShaken(steady, wall) {
    return this.#offset !== null && Math.abs(wall - steady - this.#skew) > SHAKEN_MS;
  }
}

/** Asks the server for its time, and provides it. */
export class ServerClock {
  #estimate = new ClockEstimate();
  /** @type {Promise<void> | null} */
  #asking = null;
  #askedAt = -Infinity;

  /** Milliseconds since 1970, or null while the time is unknown. */
  now() {
    const [steady, wall] = [performance.now(), Date.now()];
    const now = this.#estimate.now(steady, wall);
    const isUnsure = now === null || this.#estimate.isShaken(steady, wall);
    if (steady - this.#askedAt > (isUnsure ? RETRY_MS : SYNC_INTERVAL_MS)) void this.sync();
    return now;
  }

  /** @param {string} rfc3339 time of something that the server has reported */
  happened(rfc3339) {
    const time = Date.parse(rfc3339);
    if (Number.isFinite(time)) this.#estimate.happened(time, performance.now());
  }

  /** @param {Response} response @param {number} sent when it was requested, by `performance.now()` */
  answered(response, sent) {
    const date = Date.parse(response.headers.get("Date") ?? "");
    this.#estimate.dateReceived(date, { sent, received: performance.now(), wall: Date.now() });
  }

  /** Asks now. Any response will do, even an error. */
  sync() {
    return (this.#asking ??= this.#ask());
  }

  async #ask() {
    const sent = (this.#askedAt = performance.now());
    try {
      const signal = AbortSignal.timeout(TIMEOUT_MS);
      this.answered(await fetch("/health", { method: "HEAD", cache: "no-store", signal }), sent);
    } catch {
      // The estimate so far stays in use.
    } finally {
      this.#asking = null;
    }
  }
}
