// Keeps the counts on the list of fleets current.

const INTERVAL_MS = 5_000;

async function refresh() {
  if (document.hidden) return;
  const answer = await fetch("/api/v1/fleets", { cache: "no-store" });
  if (!answer.ok) return;
  const { fleets } = await answer.json();
  for (const { fleet_id, counts } of fleets) show(fleet_id, counts);
}

/**
 * @param {string} fleetID
 * @param {Record<string, number> | undefined} counts
 */
function show(fleetID, counts) {
  const card = document.querySelector(`[data-fleet="${CSS.escape(fleetID)}"]`);
  for (const [state, count] of Object.entries(counts ?? {})) {
    const element = card?.querySelector(`[data-count="${CSS.escape(state)}"]`);
    if (element) element.textContent = String(count);
  }
}

// A failed refresh leaves the numbers as they are; the next one may do better.
setInterval(() => void refresh().catch(() => {}), INTERVAL_MS);
document.addEventListener("visibilitychange", () => void refresh().catch(() => {}));
