// How long to wait before the next attempt: exponential, with full jitter above a floor, so that the clients that
// lost one server do not all reconnect at the same time.

const FIRST_MS = 500;
const LONGEST_MS = 15_000;
const RESTART_SPREAD_MS = 1_000;

/**
 * The wait before attempt number `attempt` (0 is the first after a loss).
 * @param {number} attempt
 * @param {() => number} random uniform in 0..<1
 * @returns {number} milliseconds
 */
export function retryDelay(attempt, random = Math.random) {
  const ceiling = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt, 16));
  return ceiling / 2 + (random() * ceiling) / 2;
}

/**
 * The wait after close code 1012: the next server is running already, so this only spreads the clients.
 * @param {() => number} random
 * @returns {number} milliseconds
 */
export function restartDelay(random = Math.random) {
  return random() * RESTART_SPREAD_MS;
}
