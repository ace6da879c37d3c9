// What has just happened, in one short line: seen for some seconds, and read out politely.

import { el, write } from "./elements.js";

const LASTING = 6000;
const GATHERING = 400; // what comes so close together is said as one

export class News {
  element = el("p", { class: "room-news", role: "status" });
  #lines = [];
  #timer;

  // Says a line; the same line is not said twice at once.
  say(line) {
    if (this.#lines.includes(line)) return;
    this.#lines = [...this.#lines, line].slice(-3);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#show(), GATHERING);
  }

  #show() {
    write(this.element, this.#lines.join(" "));
    this.#lines = [];
    this.#timer = setTimeout(() => write(this.element, ""), LASTING);
  }
}
