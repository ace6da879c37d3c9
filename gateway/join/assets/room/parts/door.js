// What somebody sees who is not in yet: going in, or waiting for a moderator.

import { t } from "../../words.js";
import { el, write } from "./elements.js";
import { sign } from "./over.js";

const TEXTS = {
  entering: () => [t("One moment …"), t("You are being connected. Your browser may ask for your camera and microphone.")],
  waiting: () => [t("Please wait here"), t("Somebody in the appointment will let you in. Keep this page open.")],
};

export class Door {
  #headline = el("h2");
  #sentence = el("p");
  element = el("section", { class: "door", role: "status" }, this.#headline, this.#sentence);

  update(phase) {
    const texts = TEXTS[phase]?.();
    this.element.hidden = !texts;
    if (!texts || this.element.dataset.phase === phase) return;
    this.element.dataset.phase = phase;
    this.element.querySelector("svg")?.remove();
    this.element.prepend(sign(phase === "waiting" ? "WAITING" : "ENTERING"));
    write(this.#headline, texts[0]);
    write(this.#sentence, texts[1]);
  }
}
