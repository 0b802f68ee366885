// Signing out, on every page of a signed-in reader.

const form = /** @type {HTMLFormElement | null} */ (document.querySelector("form[data-sign-out]"));

form?.addEventListener("submit", (event) => {
  event.preventDefault();
  void signOut();
});

/** Leaves the page only when the session has ended: the next person at this browser must not be signed in. */
async function signOut() {
  const response = await fetch("/session", { method: "DELETE" }).catch(() => null);
  if (response?.ok) return location.replace("/sign-in");
  const button = form?.querySelector("button");
  if (button) button.textContent = "Signing out failed. Try again";
}
