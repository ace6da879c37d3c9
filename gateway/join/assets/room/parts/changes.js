// Tells what others did since the last look: who came and left, raised a hand, shares a screen.

import { t } from "../../words.js";
import { nameOf } from "./names.js";

export class Changes {
  #room;
  #news;
  #seen; // what was there at the last look: undefined until one is in

  constructor(room, news) {
    this.#room = room;
    this.#news = news;
  }

  // Says what is different. What somebody finds on entering is no news.
  update() {
    if (this.#room.phase !== "in") return;
    const others = [...this.#room.people.values()].filter((person) => !person.isMe);
    const now = new Map(others.map(({ seat, state, ...person }) => (
      [seat, { name: nameOf(person), hand: state.hand, screen: state.screen }])));
    if (this.#seen) this.#tell(now, this.#seen);
    this.#seen = now;
  }

  #tell(now, before) {
    for (const [seat, { name }] of before) {
      if (!now.has(seat)) this.#news.say(t("{name} has left.", { name }));
    }
    for (const [seat, { name, hand, screen }] of now) {
      const was = before.get(seat);
      if (!was) this.#news.say(t("{name} has come in.", { name }));
      if (hand && !was?.hand) this.#news.say(t("{name} has raised a hand.", { name }));
      if (screen && !was?.screen) this.#news.say(t("{name} shares a screen.", { name }));
    }
  }
}
