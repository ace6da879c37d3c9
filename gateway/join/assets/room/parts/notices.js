// What lasts and wants to be known, above the pictures: no connection, no sound, somebody waits.

import { t, tn } from "../../words.js";
import { problemText } from "../texts.js";
import { el, keep, write } from "./elements.js";
import { icon } from "./icons.js";
import { nameOf } from "./names.js";

export class Notices {
  element = el("div", { class: "room-notices" });
  #list = el("div", { class: "notices", "aria-live": "polite" });
  #room;
  #rows = new Map();
  #dismissed = ""; // the code of the problem that was put away
  #side;
  #showPeople;

  // `news` is the element of what is said for a moment, `side` the panel with the list of people.
  constructor(room, news, side, showPeople) {
    this.#room = room;
    this.#side = side;
    this.#showPeople = showPeople;
    this.element.append(this.#list, news);
  }

  update() {
    if (this.#room.problem?.code !== this.#dismissed) this.#dismissed = "";
    keep(this.#list, this.#rows, this.#notices(), (notice) => notice.id, make, fill);
  }

  #notices() {
    const room = this.#room;
    return [
      room.phase === "reconnecting" && {
        id: "reconnecting", text: t("The connection is interrupted. It comes back by itself …"), kind: "trouble",
      },
      room.isSoundBlocked && {
        id: "sound", text: t("Your browser waits for you before it plays sound."),
        button: t("Turn the sound on"), sign: "sound", act: () => room.playSound(),
      },
      room.problem && room.problem.code !== this.#dismissed && {
        id: `problem ${room.problem.code}`, text: problemText(room.problem), button: t("OK"),
        act: () => this.#dismiss(),
      },
      room.phase === "in" && room.me.state.screen && {
        id: "screen", text: t("Everybody here sees your screen."), button: t("Stop sharing"),
        act: () => room.stopScreen(),
      },
      room.waiting.length > 0 && this.#side.open !== "people" && this.#knock(),
    ].filter(Boolean);
  }

  #knock() {
    const { waiting } = this.#room;
    if (waiting.length === 1) {
      const [{ seat }] = waiting;
      return {
        id: "knock", text: t("{name} is waiting to be let in.", { name: nameOf(waiting[0]) }),
        button: t("Let in"), act: () => this.#room.admit([seat]),
      };
    }
    return {
      id: "knocks", button: t("Show"), act: this.#showPeople,
      text: tn("{n} person is waiting to be let in", "{n} people are waiting to be let in", waiting.length),
    };
  }

  #dismiss() {
    this.#dismissed = this.#room.problem?.code ?? "";
    this.update();
  }
}

function make(notice) {
  const button = notice.button && el("button", { type: "button", class: "filled" });
  return el("div", { class: `notice ${notice.kind ?? ""}`, "data-id": notice.id }, el("p"), button);
}

function fill(row, { text, button, sign, act }) {
  write(row.firstElementChild, text);
  if (!button) return;
  const shown = row.lastElementChild;
  if (shown.textContent !== button) shown.replaceChildren(...(sign ? [icon(sign), button] : [button]));
  shown.onclick = act;
}
