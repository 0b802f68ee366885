// The table of vehicles: it takes over the rows that the server rendered, and keeps them current.

import { captionText } from "./vehicle-filter.js";
import { ORDERS } from "./vehicle-order.js";
import { VehicleRow } from "./vehicle-row.js";

/** @typedef {import("./fleet-model.js").Vehicle} Vehicle */
/** @typedef {import("./fleet-model.js").FleetModel} FleetModel */
/** @typedef {import("./server-clock.js").ServerClock} ServerClock */
/** @typedef {import("./vehicle-filter.js").VehicleFilter} VehicleFilter */

/** At most this many rows are shown; the filter reaches the others. */
const MAXIMUM_ROWS = 2_000;
/** Text that changes faster than this cannot be read. */
const DRAW_INTERVAL_MS = 250;
const SORT_INTERVAL_MS = 2_000;

export class VehicleTable {
  /** @type {Map<string, VehicleRow>} */
  #rows = new Map();
  /** Rows in the visible part of the scroll area; only they are drawn. @type {Set<VehicleRow>} */
  #visible = new Set();
  /** @type {Set<string>} */
  #dirty = new Set();
  #needsArranging = false;
  #lastDraw = 0;
  #lastSort = 0;
  #frame = 0;
  #sort = { column: "vehicle", descending: false };
  /** @type {string | null} */
  #selected = null;

  /**
   * @param {HTMLTableElement} table
   * @param {FleetModel} model
   * @param {ServerClock} clock
   * @param {VehicleFilter} filter
   * @param {(vehicleID: string) => void} onSelect
   */
  constructor(table, model, clock, filter, onSelect) {
    this.table = table;
    this.model = model;
    this.clock = clock;
    this.filter = filter;
    this.body = table.tBodies[0];
    this.scroller = /** @type {HTMLElement} */ (table.closest(".table-scroll"));
    this.observer = new IntersectionObserver((entries) => this.#seen(entries), { rootMargin: "200px 0px" });
    this.body.addEventListener("click", (event) => {
      const row = /** @type {Element} */ (event.target).closest("tr");
      if (row?.dataset.vehicle !== undefined) onSelect(row.dataset.vehicle);
    });
    this.#addSortButtons();
    setInterval(() => this.#drawAges(), 1_000);
  }

  /** Everything may have changed. */
  replaced() {
    this.#needsArranging = true;
    for (const id of this.model.vehicles.keys()) this.#dirty.add(id);
    this.#schedule();
  }

  /** @param {Vehicle} vehicle */
  changed(vehicle) {
    this.#dirty.add(vehicle.vehicle_id);
    if (!this.#rows.has(vehicle.vehicle_id)) this.#needsArranging = true;
    this.#schedule();
  }

  /** @param {string} _vehicleID */
  removed(_vehicleID) {
    this.#needsArranging = true;
    this.#schedule();
  }

  /** @param {string | null} vehicleID */
  select(vehicleID) {
    this.#rows.get(this.#selected ?? "")?.select(false);
    this.#selected = vehicleID;
    this.#rows.get(vehicleID ?? "")?.select(true);
  }

  /** @param {string} vehicleID */
  reveal(vehicleID) {
    this.#rows.get(vehicleID)?.element.scrollIntoView({ block: "nearest" });
  }

  #schedule() {
    if (this.#frame === 0) this.#frame = requestAnimationFrame((time) => this.#turn(time));
  }

  /** @param {number} time */
  #turn(time) {
    this.#frame = 0;
    if (time - this.#lastDraw < DRAW_INTERVAL_MS) return this.#schedule();
    this.#lastDraw = time;
    // Rows that are sorted by a changing value are sorted only every few seconds, or they would never stand
    // still.
    const sortIsDue = this.#sort.column !== "vehicle" && time - this.#lastSort > SORT_INTERVAL_MS;
    if (this.#needsArranging || sortIsDue || this.filter.isActive) this.#arrange(time);
    this.#draw();
  }

  #draw() {
    const now = this.clock.now();
    for (const id of this.#dirty) {
      const row = this.#rows.get(id);
      const vehicle = this.model.vehicles.get(id);
      if (row === undefined || vehicle === undefined) continue;
      row.vehicle = vehicle;
      if (this.#visible.has(row)) row.draw(now);
    }
    this.#dirty.clear();
  }

  #drawAges() {
    const now = this.clock.now();
    for (const row of this.#visible) row.drawAge(now);
  }

  /** @param {IntersectionObserverEntry[]} entries */
  #seen(entries) {
    const now = this.clock.now();
    for (const { target, isIntersecting } of entries) {
      const row = this.#rows.get(/** @type {HTMLElement} */ (target).dataset.vehicle ?? "");
      if (row === undefined || row.element !== target) continue;
      if (!isIntersecting) this.#visible.delete(row);
      else this.#visible.add(row), row.draw(now);
    }
  }

  /** Puts the right rows in the right order, and changes the document only where it differs. */
  #arrange(/** @type {number} */ time) {
    this.#needsArranging = false;
    this.#lastSort = time;
    const all = this.#wanted();
    const vehicles = all.slice(0, MAXIMUM_ROWS);
    const rows = vehicles.map((vehicle) => this.#rows.get(vehicle.vehicle_id) ?? this.#makeRow(vehicle));
    this.#forgetOthers(new Set(rows));
    const current = this.body.children;
    const isSame = current.length === rows.length && rows.every((row, i) => current[i] === row.element);
    if (!isSame) this.#place(rows);
    const numbers = { rows: rows.length, matching: all.length, total: this.model.vehicles.size };
    const caption = captionText(numbers, this.filter.isActive);
    if (this.table.caption !== null) this.table.caption.textContent = caption;
  }

  /** @param {VehicleRow[]} rows */
  #place(rows) {
    const focused = document.activeElement;
    const top = this.scroller.scrollTop;
    this.body.replaceChildren(...rows.map((row) => row.element));
    this.scroller.scrollTop = top;
    // Moving an element takes the focus from it.
    if (focused instanceof HTMLElement && this.body.contains(focused)) focused.focus({ preventScroll: true });
  }

  #wanted() {
    const order = ORDERS[this.#sort.column] ?? ORDERS.vehicle;
    const sign = this.#sort.descending ? -1 : 1;
    return [...this.model.vehicles.values()]
      .filter((vehicle) => this.filter.matches(vehicle))
      .sort((a, b) => sign * order(a, b) || ORDERS.vehicle(a, b));
  }

  /** @param {Vehicle} vehicle */
  #makeRow(vehicle) {
    const row = new VehicleRow(vehicle);
    row.draw(this.clock.now());
    row.select(vehicle.vehicle_id === this.#selected);
    this.#rows.set(vehicle.vehicle_id, row);
    this.observer.observe(row.element);
    return row;
  }

  /** @param {Set<VehicleRow>} kept */
  #forgetOthers(kept) {
    for (const [id, row] of this.#rows) {
      if (kept.has(row)) continue;
      this.observer.unobserve(row.element);
      this.#visible.delete(row);
      this.#rows.delete(id);
    }
  }

  #addSortButtons() {
    for (const header of this.table.querySelectorAll("th[data-column]")) {
      const column = /** @type {HTMLElement} */ (header).dataset.column ?? "";
      if (!(column in ORDERS)) continue;
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = header.textContent;
      button.addEventListener("click", () => this.#sortBy(column));
      header.replaceChildren(button);
    }
    this.#markSort();
  }

  /** @param {string} column */
  #sortBy(column) {
    const same = this.#sort.column === column;
    this.#sort = { column, descending: same && !this.#sort.descending };
    this.#markSort();
    this.#needsArranging = true;
    this.#schedule();
  }

  #markSort() {
    for (const header of this.table.querySelectorAll("th[data-column]")) {
      const isSorted = /** @type {HTMLElement} */ (header).dataset.column === this.#sort.column;
      if (isSorted) header.setAttribute("aria-sort", this.#sort.descending ? "descending" : "ascending");
      else header.removeAttribute("aria-sort");
    }
  }
}
