// The page of one fleet: connects the live stream, the table, the map and the banner.

import { Banner } from "./banner.js";
import { FleetModel, STATES } from "./fleet-model.js";
import { asOfText } from "./format.js";
import { LiveConnection } from "./live.js";
import { FleetMap } from "./map.js";
import { ServerClock } from "./server-clock.js";
import { VehicleTable } from "./table.js";
import { VehicleFilter } from "./vehicle-filter.js";

const heading = /** @type {HTMLElement} */ (document.querySelector(".fleet-heading"));
const mapElement = /** @type {HTMLElement | null} */ (document.querySelector("[data-map]"));
const bannerElement = /** @type {HTMLElement} */ (heading.querySelector("[data-banner]"));
/** The time of the page as served. */
const servedAt = Date.parse(bannerElement.querySelector("time")?.dateTime ?? "");

const clock = new ServerClock();
const filter = new VehicleFilter();
const model = new FleetModel(clock, {
  replaced: () => views.forEach((view) => view.replaced()),
  changed: (vehicle) => views.forEach((view) => view.changed(vehicle)),
  removed: (vehicleID) => views.forEach((view) => view.removed(vehicleID)),
});
const table = new VehicleTable(
  /** @type {HTMLTableElement} */ (document.getElementById("vehicles")),
  model,
  clock,
  filter,
  (vehicleID) => select(vehicleID),
);
const map = makeMap();

const counts = { replaced: scheduleCounts, changed: scheduleCounts, removed: scheduleCounts };
const views = [counts, table, ...(map === null ? [] : [map])];

/** @type {string | null} */
let selected = null;
let countsTimer = 0;
/** The time of the last message or response of the server, by its clock. @type {number | null} */
let heardAt = null;

/** Without Leaflet there is only the table. */
function makeMap() {
  const { L } = /** @type {any} */ (globalThis);
  if (mapElement === null || L === undefined) return null;
  return new FleetMap(L, mapElement, model, clock, filter, (vehicleID) => {
    select(vehicleID);
    if (vehicleID !== null) table.reveal(vehicleID);
  });
}

/** Selecting the selected vehicle again deselects it. @param {string | null} vehicleID */
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
  document.querySelector("[data-empty]")?.toggleAttribute("hidden", model.vehicles.size > 0);
}

function addFilter() {
  const input = /** @type {HTMLInputElement} */ (document.getElementById("filter"));
  input.closest(".tools")?.removeAttribute("hidden");
  input.addEventListener("input", () => {
    filter.set(input.value);
    table.replaced();
    map?.filtered();
  });
}

/** @param {import("./live.js").LiveState} state */
function showConnection(state) {
  // The stream's first message arrives before the server's time is known.
  if (state === "live") void clock.sync().then(() => (heardAt ??= clock.now()));
  const now = clock.now() ?? Date.now();
  banner.show(state, asOfText(heardAt ?? servedAt, now));
  document.body.dataset.live = state;
}

const connection = new LiveConnection({
  livePath: heading.dataset.live ?? "",
  statusPath: heading.dataset.status ?? "",
  onMessage: (message) => model.apply(message),
  onHeard: () => (heardAt = clock.now() ?? heardAt),
  onState: showConnection,
});
const banner = new Banner(bannerElement, () => connection.retryNow());
addFilter();
for (const element of document.querySelectorAll("[data-origin]")) element.textContent = location.origin;
void clock.sync();
connection.start();
