// Keeps the counts on the list of fleets current, and shows their time.

import { signInLink } from "./banner.js";
import { asOfText } from "./format.js";
import { ServerClock } from "./server-clock.js";

const INTERVAL_MS = 5_000;
const TIMEOUT_MS = 10_000;

const clock = new ServerClock();
const banner = /** @type {HTMLElement} */ (document.querySelector("[data-banner]"));
/** The time of the numbers, by the server's clock. */
let shownAt = Date.parse(banner.querySelector("time")?.dateTime ?? "");
/** One request at a time: a slow server may take longer than the interval, and a lost response must be reported. */
let isAsking = false;

/** @typedef {{fleet_id: string, counts?: Record<string, number>}} Fleet */

async function refresh() {
  if (document.hidden || isAsking) return;
  isAsking = true;
  await ask().finally(() => (isAsking = false));
}

async function ask() {
  const sent = performance.now();
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const response = await fetch("/api/v1/fleets", { cache: "no-store", signal }).catch(() => null);
  const fleets = response?.ok ? await response.json().then((list) => list.fleets).catch(() => null) : null;
  if (response !== null) clock.answered(response, sent);
  if (response?.status === 401) return tell("signed-out", "Your session has ended");
  if (fleets === null) return tell("disconnected", "These numbers could not be refreshed");
  show(fleets);
  shownAt = clock.now() ?? shownAt;
  tell("live", "");
}

/** @param {Fleet[]} fleets */
function show(fleets) {
  const cards = [...document.querySelectorAll("[data-fleet]")].map((card) => card.getAttribute("data-fleet"));
  const isSame = cards.length === fleets.length && fleets.every(({ fleet_id }) => cards.includes(fleet_id));
  // A fleet was added or removed: the server must render the page again.
  if (!isSame) return location.reload();
  for (const fleet of fleets) showCounts(fleet);
}

/** @param {Fleet} fleet */
function showCounts({ fleet_id, counts }) {
  const card = document.querySelector(`[data-fleet="${CSS.escape(fleet_id)}"]`);
  for (const element of card?.querySelectorAll("[data-count]") ?? []) {
    const count = counts?.[element.getAttribute("data-count") ?? ""];
    element.textContent = count === undefined ? "–" : String(count);
  }
}

/** @param {"live" | "disconnected" | "signed-out"} state @param {string} problem */
function tell(state, problem) {
  const asOf = asOfText(shownAt, clock.now() ?? Date.now());
  const text = problem === "" ? `A${asOf.slice(1)}` : `${problem}, ${asOf}.`;
  // A screen reader announces a problem, not each refresh.
  banner.setAttribute("aria-live", state === "live" ? "off" : "polite");
  const actions = state === "signed-out" ? [" ", signInLink()] : [];
  if (banner.firstChild?.textContent !== text) banner.replaceChildren(text, ...actions);
  banner.dataset.state = state === "live" ? "static" : state;
  document.body.dataset.live = state;
}

/** A session that has ended does not return by itself. */
const isSignedOut = () => document.body.dataset.live === "signed-out";

setInterval(() => isSignedOut() || void refresh(), INTERVAL_MS);
// Also when the session has ended: the reader may have signed in again in another tab.
document.addEventListener("visibilitychange", () => void refresh());
