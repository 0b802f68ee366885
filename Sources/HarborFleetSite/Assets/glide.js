// How a mark moves on the map, from where it was drawn to its vehicle's position. It draws nothing.

/** @typedef {import("./fleet-model.js").Vehicle} Vehicle */

/**
 * A vehicle's mark that moves from where it was drawn to the vehicle's position.
 * @typedef {object} Mark
 * @property {Vehicle} vehicle
 * @property {[number, number, number]} from latitude, longitude, heading
 * @property {[number, number, number]} to
 * @property {number} start milliseconds, as of performance.now()
 * @property {number} duration
 */

/**
 * The mark's place now: latitude, longitude, heading in 0..<360 or NaN.
 * @param {Mark} mark
 * @param {number} now
 * @returns {[number, number, number]}
 */
export function place({ from, to, start, duration }, now) {
  const part = duration > 0 ? Math.min(1, Math.max(0, (now - start) / duration)) : 1;
  if (part === 1) return to;
  const turn = ((to[2] - from[2] + 540) % 360) - 180; // the short way round
  const heading = Number.isNaN(from[2]) ? to[2] : (from[2] + turn * Math.min(1, part * 3) + 360) % 360;
  return [from[0] + (to[0] - from[0]) * part, from[1] + (to[1] - from[1]) * part, heading];
}

/**
 * The place and heading that the mark moves to. A vehicle without a heading points in the direction of its movement.
 * @param {Vehicle} vehicle
 * @param {Mark | undefined} mark
 * @param {[number, number, number] | null} from
 * @returns {[number, number, number]}
 */
export function target(vehicle, mark, from) {
  const { lat, lng, heading_deg: heading } = vehicle;
  if (heading !== undefined) return [lat, lng, heading];
  if (mark === undefined || from === null) return [lat, lng, NaN];
  const north = lat - mark.to[0];
  const east = (lng - mark.to[1]) * Math.cos((lat * Math.PI) / 180);
  if (Math.hypot(north, east) < 2e-5) return [lat, lng, mark.to[2]]; // about 2 m: noise, not a direction
  return [lat, lng, ((Math.atan2(east, north) * 180) / Math.PI + 360) % 360];
}

/** @param {number[]} a @param {number[]} b */
export function distance(a, b) {
  return Math.hypot(a[0] - b[0], a[1] - b[1]);
}
