// The built-in background: a GeoJSON file of streets, water and quays, styled by the stylesheet.

/** The first kind is drawn first and lies lowest. A street is drawn twice: a casing, then its surface. */
const ORDER = ["land", "park", "water", "quay", "square", "building"];

/**
 * Adds the background to the map's tile pane, below everything that moves.
 * @param {any} L Leaflet
 * @param {any} map
 * @returns {Promise<any>} its bounds, or null when it could not be loaded
 */
export async function addStreets(L, map) {
  const features = await load();
  if (features.length === 0) return null;
  const areas = features.filter((feature) => !isLine(feature)).sort((a, b) => rank(a) - rank(b));
  const lines = features.filter(isLine);
  const group = L.featureGroup();
  const add = (/** @type {any[]} */ some, /** @type {(feature: any) => string} */ className) =>
    L.geoJSON(some, {
      pane: "tilePane",
      interactive: false,
      style: (/** @type {any} */ feature) => ({ className: className(feature) }),
      pointToLayer: () => null,
    }).addTo(group);
  add(areas, (feature) => `map-area map-${word(feature.properties?.kind)}`);
  add(lines, (feature) => `map-casing ${lineClass(feature)}`);
  add(lines, (feature) => `map-line ${lineClass(feature)}`);
  group.addTo(map);
  scaleWithZoom(map);
  return group.getBounds();
}

/** @returns {Promise<any[]>} features with a geometry that we draw */
async function load() {
  try {
    const response = await fetch(new URL("./harbor-quarter.geojson", import.meta.url));
    const collection = await response.json();
    return collection.features.filter((/** @type {any} */ f) => /LineString|Polygon/.test(f.geometry?.type));
  } catch (error) {
    console.warn("The map's background could not be loaded.", error);
    return [];
  }
}

/** @param {any} feature */
function isLine(feature) {
  return feature.geometry.type.endsWith("LineString");
}

/** @param {any} feature */
function rank(feature) {
  const index = ORDER.indexOf(feature.properties?.kind);
  return index < 0 ? 0 : index;
}

/** @param {any} feature */
function lineClass(feature) {
  return `map-${word(feature.properties?.kind)} map-class-${word(feature.properties?.class)}`;
}

/** A value of the data as part of a class name. @param {unknown} value */
function word(value) {
  return typeof value === "string" ? value.replace(/[^a-z0-9-]/gi, "") : "other";
}

/** Streets keep their width in metres, within bounds that look right. @param {any} map */
function scaleWithZoom(map) {
  const apply = () => {
    const factor = Math.min(2.6, Math.max(0.35, 2 ** ((map.getZoom() - 16) * 0.8)));
    map.getContainer().style.setProperty("--street-scale", factor.toFixed(3));
  };
  map.on("zoomend viewreset", apply);
  apply();
}
