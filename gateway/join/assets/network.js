// Whether the page reaches the service, as far as a page can know. A browser says when the device
// has no network at all. That a network leads nowhere is known only by what does not arrive.

import { t } from "./words.js";

const SETTLED = 1000; // milliseconds; what passes sooner is shown, but not read out
const READ = 6000; // how long it is shown that all is well again

export class Network {
  #banner;
  #say;
  #trouble = ""; // "", "offline" or "away"
  #isSaid = false;
  #telling; // the timer that reads it out
  #hiding; // the timer that hides the banner

  // `banner` shows what is wrong; `say` is for those who hear the page, once for each outage.
  constructor(banner, say) {
    this.#banner = banner;
    this.#say = say;
    if (!navigator.onLine) this.failed();
  }

  // Something that was sent, or should have come, did not arrive.
  failed() {
    const trouble = navigator.onLine ? "away" : "offline";
    if (trouble === this.#trouble) return;
    const isNew = !this.#trouble;
    this.#trouble = trouble;
    this.#show(troubleText(trouble), "trouble");
    if (isNew) this.#telling = setTimeout(() => this.#tell(), SETTLED);
  }

  // The service answered.
  reached() {
    // What arrives now may have been sent before the network was lost.
    if (!this.#trouble || !navigator.onLine) return;
    const text = this.#trouble === "offline"
      ? t("You are back online.") : t("The service can be reached again.");
    this.#trouble = "";
    clearTimeout(this.#telling);
    this.#show(text, "fine");
    if (this.#isSaid) this.#say(text);
    this.#isSaid = false;
    this.#hiding = setTimeout(() => (this.#banner.hidden = true), READ);
  }

  #show(text, kind) {
    clearTimeout(this.#hiding);
    this.#banner.textContent = text;
    this.#banner.dataset.kind = kind;
    this.#banner.hidden = false;
  }

  #tell() {
    this.#isSaid = true;
    this.#say(troubleText(this.#trouble));
  }
}

function troubleText(trouble) {
  if (trouble === "offline") {
    return t("You are offline. This page goes on by itself as soon as you are back online.");
  }
  return t("This page does not reach the service at the moment. It keeps trying by itself.");
}
