// The vehicles that the reader wants to see: one filter for the table and the map.

/** @typedef {import("./fleet-model.js").Vehicle} Vehicle */

export class VehicleFilter {
  #text = "";

  /** @param {string} text a part of an id, or the beginning of a state's name */
  set(text) {
    this.#text = text.trim().toLowerCase();
  }

  get isActive() {
    return this.#text !== "";
  }

  /** @param {Vehicle} vehicle */
  matches({ vehicle_id, state }) {
    return vehicle_id.toLowerCase().includes(this.#text) || state.startsWith(this.#text);
  }
}

/**
 * The text of the table's caption.
 * @param {object} numbers
 * @param {number} numbers.rows the number that is shown
 * @param {number} numbers.matching the number that matches the filter
 * @param {number} numbers.total the number in the fleet
 * @param {boolean} isFiltered
 */
export function captionText({ rows, matching, total }, isFiltered) {
  const all = total === 1 ? "1 vehicle" : `${total} vehicles`;
  const count = isFiltered ? `${matching} of ${all}` : all;
  return matching > rows ? `The first ${rows} of ${count}` : count;
}
