// Signing out, on every page of a signed-in operator.

const form = /** @type {HTMLFormElement | null} */ (document.querySelector("form[data-sign-out]"));

form?.addEventListener("submit", (event) => {
  event.preventDefault();
  void fetch("/session", { method: "DELETE" }).finally(() => location.replace("/sign-in"));
});
