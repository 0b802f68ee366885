// Values as the reader sees them; the same words as on the page that the server renders.

const POINTS = ["N", "NE", "E", "SE", "S", "SW", "W", "NW"];
const LABELS = { moving: "Moving", idle: "Idle", offline: "Offline" };
const NONE = "–";

/** @param {string} state */
export function stateText(state) {
  return LABELS[/** @type {keyof typeof LABELS} */ (state)] ?? state;
}

/**
 * The speed of an offline vehicle is its last one, and the text says so.
 * @param {{speed_mps?: number, state: string}} vehicle
 */
export function speedText({ speed_mps: speed, state }) {
  return speed === undefined ? NONE : `${last(state)}${speed.toFixed(1)} m/s`;
}

/** @param {{heading_deg?: number, state: string}} vehicle */
export function headingText({ heading_deg: heading, state }) {
  if (heading === undefined) return NONE;
  const degrees = Math.round(heading) % 360;
  return `${last(state)}${degrees}° ${POINTS[Math.floor((degrees + 22) / 45) % POINTS.length]}`;
}

/** @param {string} state */
function last(state) {
  return state === "offline" ? "last " : "";
}

/**
 * @param {number} latitude degrees
 * @param {number} longitude degrees
 */
export function positionText(latitude, longitude) {
  return `${latitude.toFixed(5)}, ${longitude.toFixed(5)}`.replaceAll("-", "−");
}

/**
 * How long ago something happened; the older it is, the coarser.
 * @param {number} milliseconds
 */
export function ageText(milliseconds) {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3_600)} h ago`;
  return `${Math.floor(seconds / 86_400)} days ago`;
}

/**
 * The time at which a vehicle was at the shown place, RFC 3339. A fix whose clock is ahead counts as of its arrival.
 * The server writes all times in one form, so they are compared as texts.
 * @param {{recorded_at: string, received_at: string}} vehicle
 */
export function fixText({ recorded_at, received_at }) {
  return recorded_at < received_at ? recorded_at : received_at;
}

/** @param {{recorded_at: string, received_at: string}} vehicle */
export function fixTitle({ recorded_at, received_at }) {
  const title = timeText(recorded_at);
  const isAhead = Date.parse(recorded_at) > Date.parse(received_at) + 1_000;
  return isAhead ? `${title} by its own clock, received ${timeText(received_at)}` : title;
}

/** @param {string} rfc3339 */
export function timeText(rfc3339) {
  return `${rfc3339.slice(0, 10)} ${rfc3339.slice(11, 19)} UTC`;
}

/**
 * The time of what is shown: `as of 21:15:05 UTC`, with the date if it is on another day.
 * @param {number} time milliseconds since 1970
 * @param {number} now
 */
export function asOfText(time, now) {
  const [text, today] = [new Date(time).toISOString(), new Date(now).toISOString()];
  const isToday = text.slice(0, 10) === today.slice(0, 10);
  return `as of ${isToday ? `${text.slice(11, 19)} UTC` : timeText(text)}`;
}
