// All vehicles on one canvas: it moves thousands smoothly, which thousands of elements would not do.

import { distance, place, target } from "./glide.js";
import { MarkSprites } from "./mark-sprites.js";

/** @typedef {import("./fleet-model.js").Vehicle} Vehicle */
/** @typedef {import("./glide.js").Mark} Mark */

const LONGEST_GLIDE_MS = 2_000;
/** A vehicle that moved further than this (degrees) did not drive there: its mark jumps. */
const JUMP_DEGREES = 0.02;
const HIT_RADIUS = 16;
const MOST_LABELS = 40;
/** If more marks than this are in view, they are drawn smaller. */
const CROWD = 400;
const DRAW_ORDER = { offline: 0, idle: 1, moving: 2 };

/**
 * Makes the layer. Leaflet's classes are known only after its script has run.
 * @param {any} L Leaflet
 */
export function makeVehicleLayer(L) {
  return new (L.Layer.extend(behaviour(L)))();
}

/** @param {any} L */
function behaviour(L) {
  return {
    initialize() {
      this.marks = new Map();
      this.selected = null;
      this.frame = 0;
      this.zooming = false;
      this.stillness = matchMedia("(prefers-reduced-motion: reduce)");
    },

    onAdd(/** @type {any} */ map) {
      this.map = map;
      this.canvas = L.DomUtil.create("canvas", "vehicle-canvas leaflet-zoom-animated");
      this.canvas.setAttribute("aria-hidden", "true");
      this.getPane("markerPane").appendChild(this.canvas);
      this.context = this.canvas.getContext("2d");
      this.scheme = matchMedia("(prefers-color-scheme: dark)");
      this.scheme.addEventListener("change", () => this.readColours());
      this.fit();
    },

    getEvents() {
      return {
        move: this.schedule,
        moveend: this.schedule,
        viewreset: this.schedule,
        resize: this.fit,
        zoomanim: this.followZoom,
        zoomend: this.endZoom,
      };
    },

    /** @param {Vehicle} vehicle */
    put(vehicle) {
      const now = performance.now();
      const mark = this.marks.get(vehicle.vehicle_id);
      const from = mark === undefined ? null : place(mark, now);
      const to = target(vehicle, mark, from);
      const glides = from !== null && distance(from, to) < JUMP_DEGREES && !this.stillness.matches;
      const duration = glides ? Math.min(LONGEST_GLIDE_MS, now - mark.start) : 0;
      this.marks.set(vehicle.vehicle_id, { vehicle, from: glides ? from : to, to, start: now, duration });
      this.schedule();
    },

    /** @param {string} vehicleID */
    remove(vehicleID) {
      this.marks.delete(vehicleID);
      this.schedule();
    },

    /** @param {Iterable<Vehicle>} vehicles */
    replace(vehicles) {
      const gone = new Set(this.marks.keys());
      for (const vehicle of vehicles) {
        gone.delete(vehicle.vehicle_id);
        this.put(vehicle);
      }
      for (const id of gone) this.remove(id);
    },

    /** @param {string | null} vehicleID */
    select(vehicleID) {
      this.selected = vehicleID;
      this.schedule();
    },

    /** Where the vehicle is drawn now. @param {string} vehicleID */
    latLng(vehicleID) {
      const mark = this.marks.get(vehicleID);
      return mark === undefined ? null : L.latLng(place(mark, performance.now()).slice(0, 2));
    },

    /** The vehicle at a point of the map's container, or null. @param {{x: number, y: number}} point */
    hit(point) {
      const now = performance.now();
      let best = null;
      let bestDistance = HIT_RADIUS;
      for (const [id, mark] of this.marks) {
        const [x, y] = this.project(mark, now);
        const away = Math.hypot(x - point.x, y - point.y);
        if (away < bestDistance) [best, bestDistance] = [id, away];
      }
      return best;
    },

    /** @param {Mark} mark @param {number} now @returns {[number, number, number]} */
    project(mark, now) {
      const [latitude, longitude, heading] = place(mark, now);
      const point = this.map.latLngToContainerPoint([latitude, longitude]);
      return [point.x, point.y, heading];
    },

    readColours() {
      const style = getComputedStyle(this.map.getContainer());
      const read = (/** @type {string} */ name) => style.getPropertyValue(name).trim();
      this.colours = {
        moving: read("--moving"),
        idle: read("--idle"),
        offline: read("--offline"),
        outline: read("--marker-outline"),
        text: read("--text"),
        halo: read("--surface"),
        accent: read("--accent"),
      };
      this.sprites = new MarkSprites(this.colours, window.devicePixelRatio || 1);
      this.schedule();
    },

    fit() {
      const size = this.map.getSize();
      const density = window.devicePixelRatio || 1;
      this.canvas.width = Math.round(size.x * density);
      this.canvas.height = Math.round(size.y * density);
      this.canvas.style.width = `${size.x}px`;
      this.canvas.style.height = `${size.y}px`;
      this.density = density;
      this.readColours(); // the sprites are made for one density
    },

    schedule() {
      if (this.frame === 0 && this.map) this.frame = requestAnimationFrame((now) => this.turn(now));
    },

    /** @param {number} now */
    turn(now) {
      this.frame = 0;
      if (this.zooming) return;
      L.DomUtil.setPosition(this.canvas, this.map.containerPointToLayerPoint([0, 0]));
      this.center = this.map.getCenter();
      this.zoom = this.map.getZoom();
      this.draw(now);
      this.fire("drawn");
      for (const mark of this.marks.values()) {
        if (now < mark.start + mark.duration) return this.schedule();
      }
    },

    /** @param {number} now */
    draw(now) {
      const { x: width, y: height } = this.map.getSize();
      const shown = [];
      for (const mark of this.marks.values()) {
        const [x, y, heading] = this.project(mark, now);
        if (x < -20 || y < -20 || x > width + 20 || y > height + 20) continue;
        shown.push({ vehicle: mark.vehicle, x, y, heading });
      }
      shown.sort((a, b) => this.level(a.vehicle) - this.level(b.vehicle));
      this.context.setTransform(this.density, 0, 0, this.density, 0, 0);
      this.context.clearRect(0, 0, width, height);
      const scale = shown.length > CROWD ? 0.65 : 1;
      for (const one of shown) this.drawMark(one, scale);
      this.drawLabels(shown, width);
    },

    /** @param {Vehicle} vehicle */
    level(vehicle) {
      return vehicle.vehicle_id === this.selected ? 3 : DRAW_ORDER[vehicle.state];
    },

    /** @param {{vehicle: Vehicle, x: number, y: number, heading: number}} mark @param {number} scale */
    drawMark({ vehicle, x, y, heading }, scale) {
      if (vehicle.vehicle_id === this.selected) this.drawRing(x, y);
      const sprite = this.sprites.mark(vehicle.state, heading);
      const size = sprite.size * scale;
      this.context.drawImage(sprite.image, x - size / 2, y - size / 2, size, size);
    },

    /** @param {number} x @param {number} y */
    drawRing(x, y) {
      this.context.beginPath();
      this.context.arc(x, y, 18, 0, 2 * Math.PI);
      this.context.lineWidth = 3;
      this.context.strokeStyle = this.colours.accent;
      this.context.stroke();
    },

    /**
     * Names beside the marks, where there is room: the selected vehicle's first, then those drawn on top.
     * @param {{vehicle: Vehicle, x: number, y: number}[]} shown
     * @param {number} width of the map
     */
    drawLabels(shown, width) {
      const { context } = this;
      context.font = "600 12px system-ui, sans-serif";
      const wanted = shown.length <= MOST_LABELS ? shown : shown.filter((one) => this.level(one.vehicle) === 3);
      /** @type {{left: number, right: number, y: number}[]} */
      const taken = [];
      for (const { vehicle, x, y } of wanted.toReversed()) {
        const length = context.measureText(vehicle.vehicle_id).width;
        const left = x + 15 + length < width ? x + 15 : x - 15 - length;
        const right = left + length;
        const isFree = taken.every((box) => right < box.left || left > box.right || Math.abs(y - box.y) > 14);
        if (!isFree) continue;
        taken.push({ left, right, y });
        this.drawLabel(vehicle.vehicle_id, left, y + 4);
      }
    },

    /** @param {string} text @param {number} x @param {number} y */
    drawLabel(text, x, y) {
      const { context, colours } = this;
      context.lineWidth = 4;
      context.strokeStyle = colours.halo;
      context.strokeText(text, x, y);
      context.fillStyle = colours.text;
      context.fillText(text, x, y);
    },

    /** While Leaflet animates a zoom, the canvas is scaled with the map instead of redrawn. @param {any} event */
    followZoom(event) {
      this.zooming = true;
      const scale = this.map.getZoomScale(event.zoom, this.zoom);
      const half = this.map.getSize().divideBy(2);
      const panned = L.DomUtil.getPosition(this.map.getPane("mapPane"));
      const origin = this.map.project(event.center, event.zoom).subtract(half).add(panned).round();
      const topLeft = this.map.project(this.center, event.zoom).subtract(half.multiplyBy(scale)).subtract(origin);
      L.DomUtil.setTransform(this.canvas, topLeft, scale);
    },

    endZoom() {
      this.zooming = false;
      this.schedule();
    },
  };
}
