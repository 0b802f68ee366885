// The line that tells whether what the page shows is live.

/** @typedef {import("./live.js").LiveState} LiveState */

/** @type {Record<LiveState, string>} */
const TEXTS = {
  connecting: "Connecting…",
  live: "Live",
  reconnecting: "Connection lost. Reconnecting…",
  offline: "Offline: positions may be old. Still trying to reconnect.",
  "signed-out": "Your session has ended.",
  gone: "This fleet is no longer available.",
};

export class Banner {
  /**
   * @param {HTMLElement} element
   * @param {() => void} retry what the button of the offline state does
   */
  constructor(element, retry) {
    this.element = element;
    this.retry = retry;
  }

  /** @param {LiveState} state */
  show(state) {
    // Only a change is announced to a screen reader, not each try.
    if (this.element.dataset.state === state) return;
    this.element.dataset.state = state;
    this.element.replaceChildren(TEXTS[state], ...this.#actions(state));
  }

  /** @param {LiveState} state */
  #actions(state) {
    if (state === "offline") return [" ", this.#retryButton()];
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

function signInLink() {
  const link = document.createElement("a");
  link.href = `/sign-in?next=${encodeURIComponent(location.pathname)}`;
  link.textContent = "Sign in";
  return link;
}
