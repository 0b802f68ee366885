// The page of one fleet: joins the live stream, the table, the map and the banner.

import { Banner } from "./banner.js";
import { FleetModel, STATES } from "./fleet-model.js";
import { LiveConnection } from "./live.js";
import { FleetMap } from "./map.js";
import { VehicleTable } from "./table.js";

const heading = /** @type {HTMLElement} */ (document.querySelector(".fleet-heading"));
const mapElement = /** @type {HTMLElement | null} */ (document.querySelector("[data-map]"));

const model = new FleetModel({
  replaced: () => views.forEach((view) => view.replaced()),
  changed: (vehicle) => views.forEach((view) => view.changed(vehicle)),
  removed: (vehicleID) => views.forEach((view) => view.removed(vehicleID)),
});
const table = new VehicleTable(
  /** @type {HTMLTableElement} */ (document.getElementById("vehicles")),
  model,
  (vehicleID) => select(vehicleID),
);
const map = makeMap();

const counts = { replaced: scheduleCounts, changed: scheduleCounts, removed: scheduleCounts };
const views = [counts, table, ...(map === null ? [] : [map])];

/** @type {string | null} */
let selected = null;
let countsTimer = 0;

/** Without Leaflet the table does alone. */
function makeMap() {
  const { L } = /** @type {any} */ (globalThis);
  if (mapElement === null || L === undefined) return null;
  return new FleetMap(L, mapElement, model, (vehicleID) => {
    select(vehicleID);
    if (vehicleID !== null) table.reveal(vehicleID);
  });
}

/** Picking the picked one lets go of it. @param {string | null} vehicleID */
function select(vehicleID) {
  selected = vehicleID === selected ? null : vehicleID;
  table.select(selected);
  map?.select(selected);
}

function scheduleCounts() {
  if (countsTimer === 0) countsTimer = setTimeout(showCounts, 250);
}

function showCounts() {
  countsTimer = 0;
  const numbers = model.counts();
  for (const state of STATES) {
    const element = heading.querySelector(`[data-count="${state}"]`);
    if (element !== null) element.textContent = String(numbers[state]);
  }
}

const connection = new LiveConnection({
  livePath: heading.dataset.live ?? "",
  statusPath: heading.dataset.status ?? "",
  onMessage: (message) => model.apply(message),
  onState: (state) => {
    banner.show(state);
    document.body.dataset.live = state;
  },
});
const banner = new Banner(
  /** @type {HTMLElement} */ (heading.querySelector("[data-banner]")),
  () => connection.retryNow(),
);
connection.start();
