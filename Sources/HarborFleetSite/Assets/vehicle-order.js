// The orders of the table. Ids are ordered as on the server (NaturalOrder.swift), so that rows stay in place
// when the script takes over.

/** @typedef {import("./fleet-model.js").Vehicle} Vehicle */

import { fixText } from "./format.js";

const STATE_ORDER = { moving: 0, idle: 1, offline: 2 };

/**
 * Compares ids in natural order: `van-2` before `van-10`; case decides only when nothing else differs.
 * @param {string} a
 * @param {string} b
 * @returns {number}
 */
export function compareIDs(a, b) {
  const [x, y] = [a.toLowerCase(), b.toLowerCase()];
  let [i, j] = [0, 0];
  while (i < x.length && j < y.length) {
    const [c, d] = [x.charCodeAt(i), y.charCodeAt(j)];
    if (isDigit(c) && isDigit(d)) {
      const [m, n] = [digits(x, i), digits(y, j)];
      const order = compareNumbers(x.slice(m.start, m.end), y.slice(n.start, n.end));
      if (order !== 0) return order;
      [i, j] = [m.end, n.end];
    } else {
      if (c !== d) return c - d;
      [i, j] = [i + 1, j + 1];
    }
  }
  return x.length - i - (y.length - j) || compareText(a, b);
}

/** @type {Record<string, (a: Vehicle, b: Vehicle) => number>} */
export const ORDERS = {
  vehicle: (a, b) => compareIDs(a.vehicle_id, b.vehicle_id),
  state: (a, b) => STATE_ORDER[a.state] - STATE_ORDER[b.state],
  speed: (a, b) => current(a, a.speed_mps) - current(b, b.speed_mps),
  heading: (a, b) => current(a, a.heading_deg) - current(b, b.heading_deg),
  fix: (a, b) => compareText(fixText(b), fixText(a)),
};

/** An offline vehicle has no current value, only a last one. @param {Vehicle} vehicle @param {number} [value] */
function current({ state }, value) {
  return state === "offline" ? -2 : (value ?? -1);
}

/** @param {number} code */
function isDigit(code) {
  return code >= 48 && code <= 57;
}

/** The digits from `start` on, without leading zeros. @param {string} text @param {number} start */
function digits(text, start) {
  let end = start;
  while (end < text.length && isDigit(text.charCodeAt(end))) end += 1;
  while (start < end && text.charCodeAt(start) === 48) start += 1;
  return { start, end };
}

/** @param {string} a digits @param {string} b digits */
function compareNumbers(a, b) {
  return a.length - b.length || compareText(a, b);
}

/** @param {string} a @param {string} b */
function compareText(a, b) {
  return a < b ? -1 : a > b ? 1 : 0;
}
