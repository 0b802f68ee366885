// The map: Leaflet with a background, the vehicles on top, and the selected vehicle.

import { ageText, fixText, speedText, stateText } from "./format.js";
import { addStreets } from "./street-layer.js";
import { makeVehicleLayer } from "./vehicle-layer.js";

/** @typedef {import("./fleet-model.js").FleetModel} FleetModel */
/** @typedef {import("./fleet-model.js").Vehicle} Vehicle */
/** @typedef {import("./server-clock.js").ServerClock} ServerClock */
/** @typedef {import("./vehicle-filter.js").VehicleFilter} VehicleFilter */

const CLOSEST_FIT_ZOOM = 17;

export class FleetMap {
  #fitted = false;
  /** @type {string | null} */
  #hovered = null;
  /** @type {string | null} */
  #followed = null;

  /**
   * @param {any} L Leaflet
   * @param {HTMLElement} element
   * @param {FleetModel} model
   * @param {ServerClock} clock
   * @param {VehicleFilter} filter
   * @param {(vehicleID: string | null) => void} onSelect
   */
  constructor(L, element, model, clock, filter, onSelect) {
    this.L = L;
    this.model = model;
    this.clock = clock;
    this.filter = filter;
    this.map = L.map(element, { attributionControl: false, preferCanvas: false, zoomSnap: 0.5 });
    this.map.setView([0, 0], 2, { animate: false });
    this.vehicles = makeVehicleLayer(L).addTo(this.map);
    this.tooltip = L.tooltip({ direction: "top", offset: [0, -14], className: "vehicle-tooltip" });
    this.tooltip.setContent(document.createElement("div"));
    this.background = this.#addBackground(element);
    L.control.scale({ imperial: false }).addTo(this.map);
    this.#addFitButton();
    this.#listen(onSelect);
  }

  /** Everything may have changed. */
  replaced() {
    this.vehicles.replace(this.#shown());
    if (!this.#fitted) this.fit();
  }

  /** The reader has changed the filter. If no matching vehicle is in view, the map moves to show all of them. */
  filtered() {
    this.replaced();
    const bounds = this.map.getBounds();
    const isInView = this.#shown().some(({ lat, lng }) => bounds.contains([lat, lng]));
    if (!isInView) this.fit();
  }

  /** @param {Vehicle} vehicle */
  changed(vehicle) {
    if (!this.filter.matches(vehicle)) return this.removed(vehicle.vehicle_id);
    this.vehicles.put(vehicle);
    if (!this.#fitted) this.fit();
  }

  /** @param {string} vehicleID */
  removed(vehicleID) {
    this.vehicles.remove(vehicleID);
  }

  /** Marks a vehicle and keeps it in view until the reader moves the map. @param {string | null} vehicleID */
  select(vehicleID) {
    this.vehicles.select(vehicleID);
    this.#followed = vehicleID;
    this.#keepInView(true);
  }

  /** @returns {Vehicle[]} those that match the filter */
  #shown() {
    return [...this.model.vehicles.values()].filter((vehicle) => this.filter.matches(vehicle));
  }

  /** Shows all vehicles that match the filter. */
  fit() {
    const places = this.#shown().map(({ lat, lng }) => [lat, lng]);
    if (places.length === 0) return;
    const animate = this.#fitted;
    this.#fitted = true;
    this.map.fitBounds(places, { padding: [36, 36], maxZoom: CLOSEST_FIT_ZOOM, animate });
  }

  /** @param {HTMLElement} element */
  async #addBackground(element) {
    const { tiles, streets } = element.dataset;
    if (tiles !== undefined) this.L.tileLayer(tiles, { maxZoom: 19, detectRetina: false }).addTo(this.map);
    // Only the demo's vehicles drive in the fictional town; for any other fleet it would be a false map.
    if (tiles !== undefined || streets === undefined) return;
    const bounds = await addStreets(this.L, this.map);
    if (bounds?.isValid() && !this.#fitted) this.map.fitBounds(bounds, { animate: false });
  }

  /** @param {(vehicleID: string | null) => void} onSelect */
  #listen(onSelect) {
    this.map.on("click", (/** @type {any} */ event) => onSelect(this.vehicles.hit(event.containerPoint)));
    this.map.on("mousemove", (/** @type {any} */ event) => this.#hover(this.vehicles.hit(event.containerPoint)));
    this.map.on("mouseout", () => this.#hover(null));
    this.map.on("dragstart", () => (this.#followed = null));
    this.vehicles.on("drawn", () => {
      this.#placeTooltip();
      this.#keepInView(false);
    });
    setInterval(() => this.#placeTooltip(), 1_000);
    new ResizeObserver(() => this.map.invalidateSize()).observe(this.map.getContainer());
  }

  /** @param {boolean} animate */
  #keepInView(animate) {
    const place = this.#followed === null ? null : this.vehicles.latLng(this.#followed);
    if (place === null) return;
    const inner = this.map.getBounds().pad(-0.15);
    if (!inner.contains(place)) this.map.panTo(place, { animate, duration: 0.4 });
  }

  /** @param {string | null} vehicleID */
  #hover(vehicleID) {
    if (vehicleID === this.#hovered) return;
    this.#hovered = vehicleID;
    this.map.getContainer().classList.toggle("over-vehicle", vehicleID !== null);
    if (vehicleID === null) this.tooltip.remove();
    else this.#placeTooltip();
  }

  #placeTooltip() {
    if (this.#hovered === null) return;
    const vehicle = this.model.vehicles.get(this.#hovered);
    const place = this.vehicles.latLng(this.#hovered);
    if (vehicle === undefined || place === null) return this.#hover(null);
    this.tooltip.getContent().replaceChildren(...this.#facts(vehicle));
    this.tooltip.setLatLng(place);
    if (!this.map.hasLayer(this.tooltip)) this.tooltip.addTo(this.map);
  }

  /** @param {Vehicle} vehicle @returns {(Node | string)[]} */
  #facts(vehicle) {
    const name = document.createElement("strong");
    name.textContent = vehicle.vehicle_id;
    const facts = [stateText(vehicle.state)];
    if (vehicle.speed_mps !== undefined) facts.push(speedText(vehicle));
    const now = this.clock.now();
    if (now !== null) facts.push(ageText(now - Date.parse(fixText(vehicle))));
    return [name, document.createElement("br"), facts.join(" · ")];
  }

  #addFitButton() {
    const { L } = this;
    const control = L.control({ position: "topleft" });
    control.onAdd = () => {
      const bar = L.DomUtil.create("div", "leaflet-bar");
      const button = L.DomUtil.create("button", "fit-button", bar);
      button.type = "button";
      button.title = "Show all vehicles";
      button.setAttribute("aria-label", "Show all vehicles");
      L.DomEvent.disableClickPropagation(bar);
      L.DomEvent.on(button, "click", () => {
        this.#followed = null;
        this.fit();
      });
      return bar;
    };
    control.addTo(this.map);
  }
}
