// The fleet as the page knows it: the newest state of each vehicle, updated by the messages of the live stream.

/**
 * A vehicle as in the status; absent optional values are left out.
 * @typedef {object} Vehicle
 * @property {string} vehicle_id
 * @property {"moving" | "idle" | "offline"} state
 * @property {number} lat
 * @property {number} lng
 * @property {number} [speed_mps]
 * @property {number} [heading_deg]
 * @property {string} recorded_at
 * @property {string} received_at
 */

/** @typedef {import("./live-sequence.js").LiveMessage} LiveMessage */

export const STATES = /** @type {const} */ (["moving", "idle", "offline"]);

export class FleetModel {
  /** @type {Map<string, Vehicle>} */
  vehicles = new Map();

  /**
   * @param {{happened(rfc3339: string): void}} clock the server's clock
   * @param {object} listener
   * @param {() => void} listener.replaced everything may have changed
   * @param {(vehicle: Vehicle) => void} listener.changed
   * @param {(vehicleID: string) => void} listener.removed
   */
  constructor(clock, listener) {
    this.clock = clock;
    this.listener = listener;
  }

  /** @param {LiveMessage} message in the order of `seq` */
  apply(message) {
    switch (message.type) {
      case "snapshot":
        return this.#replace(/** @type {any} */ (message));
      case "position":
        return this.#put(/** @type {any} */ (message));
      case "positions":
        return /** @type {any[]} */ (message.positions ?? []).forEach((vehicle) => this.#put(vehicle));
      case "state":
        return this.#setState(/** @type {any} */ (message));
      case "removed":
        return this.#remove(String(message.vehicle_id));
    }
  }

  /** @returns {Record<string, number>} */
  counts() {
    const counts = { moving: 0, idle: 0, offline: 0 };
    for (const vehicle of this.vehicles.values()) counts[vehicle.state] += 1;
    return counts;
  }

  /** @param {{as_of: string, vehicles?: Vehicle[]}} snapshot */
  #replace({ as_of, vehicles = [] }) {
    this.vehicles = new Map(vehicles.map((vehicle) => [vehicle.vehicle_id, vehicle]));
    this.clock.happened(as_of);
    this.listener.replaced();
  }

  /** @param {Vehicle} vehicle */
  #put(vehicle) {
    const known = this.vehicles.get(vehicle.vehicle_id);
    this.vehicles.set(vehicle.vehicle_id, { ...vehicle, state: vehicle.state ?? known?.state ?? "moving" });
    this.clock.happened(vehicle.received_at);
    this.listener.changed(this.#get(vehicle.vehicle_id));
  }

  /** @param {{vehicle_id: string, state: Vehicle["state"]}} message */
  #setState({ vehicle_id, state }) {
    const known = this.vehicles.get(vehicle_id);
    if (known === undefined) return;
    this.vehicles.set(vehicle_id, { ...known, state });
    this.listener.changed(this.#get(vehicle_id));
  }

  /** @param {string} vehicleID */
  #remove(vehicleID) {
    if (this.vehicles.delete(vehicleID)) this.listener.removed(vehicleID);
  }

  /** @param {string} vehicleID */
  #get(vehicleID) {
    return /** @type {Vehicle} */ (this.vehicles.get(vehicleID));
  }
}
