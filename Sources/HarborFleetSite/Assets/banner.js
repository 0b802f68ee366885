// The line that tells whether what the page shows is live, and if not, from when it is.

/** @typedef {import("./live.js").LiveState} LiveState */

/**
 * What the line says. "Offline" is the word for a silent vehicle, so it is none for a lost connection.
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
   * @param {() => void} retry what the button does while there is no connection
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
    // Only a change is announced to a screen reader, not each try.
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

/** Leads back to this page. */
export function signInLink() {
  const link = document.createElement("a");
  link.href = `/sign-in?next=${encodeURIComponent(location.pathname)}`;
  link.textContent = "Sign in";
  return link;
}
