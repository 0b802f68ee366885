// The line that says whether the page is live, and if not, as of which time its data is.

/** @typedef {import("./live.js").LiveState} LiveState */

/**
 * The text of the line. "Offline" means a silent vehicle, so the word is not used for a lost connection.
 * @param {LiveState} state
 * @param {string} asOf `as of 21:15:05 UTC`
 */
export function bannerText(state, asOf) {
  switch (state) {
    case "connecting":
      return "Connecting…";
    case "live":
      return "Live";
    case "reconnecting":
      return `Connection lost, ${asOf}. Reconnecting…`;
    case "disconnected":
      return `Disconnected, ${asOf}. Still trying to reconnect.`;
    case "refused":
      return `No live connection, ${asOf}: the server or a proxy in front refuses it. The server's log says why.`;
    case "signed-out":
      return `Your session has ended, ${asOf}.`;
    case "gone":
      return `This fleet is no longer available, ${asOf}.`;
  }
}

export class Banner {
  /** @type {LiveState} */
  #state = "connecting";

  /**
   * @param {HTMLElement} element
   * @param {() => void} retry called by the button while there is no connection
   */
  constructor(element, retry) {
    this.element = element;
    this.retry = retry;
  }

  /**
   * @param {LiveState} state
   * @param {string} asOf
   */
  show(state, asOf) {
    const text = bannerText(state, asOf);
    // A screen reader announces only changes, not each attempt.
    if (this.#state === state && this.element.firstChild?.textContent === text) return;
    this.#state = state;
    this.element.dataset.state = state;
    this.element.replaceChildren(text, ...this.#actions(state));
  }

  /** @param {LiveState} state */
  #actions(state) {
    if (state === "disconnected" || state === "refused") return [" ", this.#retryButton()];
    if (state === "signed-out") return [" ", signInLink()];
    return [];
  }

  #retryButton() {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "Try now";
    button.addEventListener("click", this.retry);
    return button;
  }
}

/** A link to the sign-in page, which leads back to this page. */
export function signInLink() {
  const link = document.createElement("a");
  link.href = `/sign-in?next=${encodeURIComponent(location.pathname)}`;
  link.textContent = "Sign in";
  return link;
}
