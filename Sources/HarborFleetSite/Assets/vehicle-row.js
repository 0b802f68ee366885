// One row of the table: it writes only the cells whose text has changed.

import { ageText, fixText, fixTitle, headingText, positionText, speedText, stateText, timeText } from "./format.js";

/** @typedef {import("./fleet-model.js").Vehicle} Vehicle */

export class VehicleRow {
  element = document.createElement("tr");
  #cells = {
    state: cell("td", "state"),
    speed: cell("td", "speed"),
    heading: cell("td", "heading"),
    fix: cell("td", "fix"),
    position: cell("td", "position"),
  };
  #time = document.createElement("time");

  /** @param {Vehicle} vehicle */
  constructor(vehicle) {
    this.vehicle = vehicle;
    this.element.dataset.vehicle = vehicle.vehicle_id;
    const name = cell("th", "vehicle");
    name.setAttribute("scope", "row");
    name.append(selectButton(vehicle.vehicle_id));
    this.#cells.fix.append(this.#time);
    this.element.append(name, ...Object.values(this.#cells));
  }

  /** @param {number | null} now the server's time, milliseconds */
  draw(now) {
    const { vehicle } = this;
    if (this.element.dataset.state !== vehicle.state) this.element.dataset.state = vehicle.state;
    write(this.#cells.state, stateText(vehicle.state));
    write(this.#cells.speed, speedText(vehicle));
    write(this.#cells.heading, headingText(vehicle));
    write(this.#cells.position, positionText(vehicle.lat, vehicle.lng));
    if (this.#time.dateTime !== vehicle.recorded_at) this.#time.dateTime = vehicle.recorded_at;
    const title = fixTitle(vehicle);
    if (this.#time.title !== title) this.#time.title = title;
    this.drawAge(now);
  }

  /** While the server's time is unknown, the cell shows a time instead of an age. @param {number | null} now */
  drawAge(now) {
    const time = fixText(this.vehicle);
    write(this.#time, now === null ? timeText(time) : ageText(now - Date.parse(time)));
  }

  /** @param {boolean} isSelected */
  select(isSelected) {
    this.element.classList.toggle("selected", isSelected);
    this.element.querySelector("button")?.setAttribute("aria-pressed", String(isSelected));
  }
}

/**
 * @param {"td" | "th"} name
 * @param {string} className
 */
function cell(name, className) {
  const element = document.createElement(name);
  element.className = className;
  return element;
}

/** @param {string} vehicleID */
function selectButton(vehicleID) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = vehicleID;
  button.setAttribute("aria-pressed", "false");
  return button;
}

/**
 * @param {HTMLElement} element
 * @param {string} text
 */
function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
