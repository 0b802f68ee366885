// What the sign-in page says when signing in has failed.

/**
 * @param {object} answer
 * @param {number} answer.status
 * @param {string} [answer.detail] a sentence of the server, where it is the server that answered
 * @param {string} [answer.instance] the request's id, as in the server's log
 * @param {string | null} [answer.retryAfter] seconds
 * @returns {string}
 */
export function signInProblem({ status, detail, instance, retryAfter }) {
  if (status === 401) return "This token is not known, or is no longer valid.";
  if (status === 429) return `Too many tries. Try again in ${seconds(retryAfter)}.`;
  if (detail === undefined) return `Something in front of the server refused this, or it failed (${status}).`;
  const request = instance === undefined ? "" : ` (Request ${instance})`;
  return `Signing in failed. ${detail}${request}`;
}

/** @param {string | null | undefined} retryAfter */
function seconds(retryAfter) {
  const count = Number.parseInt(retryAfter ?? "", 10);
  return Number.isFinite(count) && count > 1 ? `${count} seconds` : "a second";
}
