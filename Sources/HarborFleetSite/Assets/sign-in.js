// The sign-in form: exchanges the token for a session cookie, and stays on the page when that fails.

import { signInProblem } from "./sign-in-problem.js";

const form = /** @type {HTMLFormElement} */ (document.querySelector("form[data-sign-in]"));
const alert = /** @type {HTMLElement} */ (form.querySelector(".alert"));
const input = /** @type {HTMLInputElement} */ (form.elements.namedItem("token"));
const button = /** @type {HTMLButtonElement} */ (form.querySelector("button"));

form.addEventListener("submit", (event) => {
  event.preventDefault();
  button.disabled = true;
  void signIn(input.value.trim())
    .catch(() => "The server could not be reached. Try again in a moment.")
    .then(show);
});

/**
 * @param {string} token
 * @returns {Promise<string | null>} what went wrong, or null
 */
async function signIn(token) {
  const response = await fetch("/session", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ token }),
  });
  if (response.ok) return null;
  const { detail, instance } = await response.json().catch(() => ({}));
  const retryAfter = response.headers.get("Retry-After");
  return signInProblem({ status: response.status, detail, instance, retryAfter });
}

/** @param {string | null} problem */
function show(problem) {
  if (problem === null) return location.replace(destination());
  button.disabled = false;
  alert.textContent = problem;
  alert.hidden = false;
  input.select();
}

/** Always a page of this site. */
function destination() {
  const url = new URL(form.dataset.next ?? "/", location.origin);
  return url.origin === location.origin ? url.href : "/";
}
