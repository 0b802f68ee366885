// The text of the sign-in page after a sign-in has failed.

/**
 * @param {object} response
 * @param {number} response.status
 * @param {string} [response.detail] a sentence of the server; absent when something else responded
 * @param {string} [response.instance] the request's id, as in the server's log
 * @param {string | null} [response.retryAfter] seconds
 * @returns {string}
 */
export function signInProblem({ status, detail, instance, retryAfter }) {
  if (status === 401) return "This token is not known, or is no longer valid.";
  if (status === 429) return `Too many tries. Try again in ${seconds(retryAfter)}.`;
  if (detail === undefined) return `The server failed, or a proxy in front of it refused this (${status}).`;
  const request = instance === undefined ? "" : ` (Request ${instance})`;
  return `Signing in failed. ${detail}${request}`;
}

/** @param {string | null | undefined} retryAfter */
function seconds(retryAfter) {
  const count = Number.parseInt(retryAfter ?? "", 10);
  return Number.isFinite(count) && count > 1 ? `${count} seconds` : "a second";
}
