// The panel beside the pictures, or above them on a phone: one of chat, people and settings.

import { t } from "../../words.js";
import { el, write } from "./elements.js";
import { icon } from "./icons.js";

export class Side {
  open = null; // the name of what is open
  #views;
  #closed;
  #headline = el("h2", { id: "side-headline", tabIndex: -1 });
  #body = el("div", { class: "side-body" });
  element;

  // `views` are [headline, view] by name; `closed` is called with the name after closing.
  constructor(views, closed) {
    this.#views = views;
    this.#closed = closed;
    const close = el(
      "button",
      { type: "button", class: "plain", "aria-label": t("Close"), title: t("Close"), onclick: () => this.close() },
      icon("close"),
    );
    this.element = el(
      "aside",
      { class: "room-side", "aria-labelledby": "side-headline", hidden: true },
      el("header", {}, this.#headline, close),
      this.#body,
    );
  }

  toggle(name) {
    if (this.open === name) return this.close();
    const [headline, view] = this.#views[name];
    this.open = name;
    write(this.#headline, headline);
    this.#body.replaceChildren(view.element);
    this.element.hidden = false;
    view.update?.();
    view.focus();
    if (!this.element.contains(document.activeElement)) this.#headline.focus();
  }

  close() {
    const name = this.open;
    if (!name) return;
    this.open = null;
    this.element.hidden = true;
    this.#closed(name);
  }

  update() {
    if (this.open) this.#views[this.open][1].update?.();
  }
}
