// Signing out, on every page of a signed-in operator.

const form = /** @type {HTMLFormElement | null} */ (document.querySelector("form[data-sign-out]"));

form?.addEventListener("submit", (event) => {
  event.preventDefault();
  void signOut();
});

/** Leaves the page only when the session has ended: else the next person at this browser would still be signed in. */
async function signOut() {
  const answer = await fetch("/session", { method: "DELETE" }).catch(() => null);
  if (answer?.ok) return location.replace("/sign-in");
  const button = form?.querySelector("button");
  if (button) button.textContent = "Signing out failed. Try again";
}
