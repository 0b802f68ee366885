// Values as the operator reads them; the same words as in the page that the server renders.

const POINTS = ["N", "NE", "E", "SE", "S", "SW", "W", "NW"];
const LABELS = { moving: "Moving", idle: "Idle", offline: "Offline" };
const NONE = "–";

/** @param {string} state */
export function stateText(state) {
  return LABELS[/** @type {keyof typeof LABELS} */ (state)] ?? state;
}

/** @param {number | undefined} speed m/s */
export function speedText(speed) {
  return speed === undefined ? NONE : `${speed.toFixed(1)} m/s`;
}

/** @param {number | undefined} heading degrees */
export function headingText(heading) {
  if (heading === undefined) return NONE;
  const degrees = Math.round(heading) % 360;
  return `${degrees}° ${POINTS[Math.floor((degrees + 22) / 45) % POINTS.length]}`;
}

/**
 * @param {number} latitude degrees
 * @param {number} longitude degrees
 */
export function positionText(latitude, longitude) {
  return `${latitude.toFixed(5)}, ${longitude.toFixed(5)}`.replaceAll("-", "−");
}

/**
 * How long ago something was; coarser the older it is.
 * @param {number} milliseconds
 */
export function ageText(milliseconds) {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3_600)} h ago`;
  return `${Math.floor(seconds / 86_400)} days ago`;
}

/** @param {string} rfc3339 */
export function timeText(rfc3339) {
  return `${rfc3339.slice(0, 10)} ${rfc3339.slice(11, 19)} UTC`;
}
