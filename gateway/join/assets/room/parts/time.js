// How long the room stays open, once that is not long any more.

import { t, tn } from "../../words.js";
import { el, write } from "./elements.js";

const SHOWN = 10; // minutes before the end
const SAID = [5, 1];

export class TimeLeft {
  element = el("p", { class: "room-left" });
  #room;
  #news;
  #said = Infinity;
  #timer = setInterval(() => this.update(), 1000);

  constructor(room, news) {
    this.#room = room;
    this.#news = news;
  }

  stop() {
    clearInterval(this.#timer);
  }

  update() {
    const { closesAt, phase } = this.#room;
    const minutes = Math.ceil((closesAt - this.#room.serverNow()) / 60_000);
    if (!closesAt || phase !== "in" || !(minutes <= SHOWN)) return write(this.element, "");
    write(this.element, minutes > 0 ? tn("{n} minute left", "{n} minutes left", minutes) : t("The time is over"));
    const mark = SAID.find((said) => minutes === said && said < this.#said);
    if (!mark) return;
    this.#said = mark;
    this.#news.say(tn("The room closes in {n} minute.", "The room closes in {n} minutes.", mark));
  }
}
