// The list of the people in the room; moderators let in, mute and remove here.

import { t, tn } from "../words.js";
import { confirm } from "./parts/dialog.js";
import { el, focusNear, keep, write } from "./parts/elements.js";
import { icon } from "./parts/icons.js";
import { avatar, everybodyIn, hands, nameOf, rename } from "./parts/names.js";

export class People {
  #room;
  #rows = new Map();
  #knocks = new Map();
  #list = el("ul", { class: "people" });
  #knocking = el("ul");
  #doorHeadline = el("h3");
  #door;
  #foot;

  constructor(room) {
    this.#room = room;
    const all = el("button", { type: "button", class: "filled", onclick: () => room.admit("all") }, t("Let everybody in"));
    this.#door = el("section", { class: "knocks", hidden: true }, this.#doorHeadline, this.#knocking, all);
    const mute = el("button", { type: "button", onclick: () => room.mute("all") }, t("Mute everybody"));
    this.#foot = el("div", { class: "people-foot", hidden: true }, mute);
    this.element = el("div", { class: "panel" }, this.#door, this.#list, this.#foot);
  }

  focus() {
    this.element.querySelector("button")?.focus();
  }

  update() {
    const { waiting } = this.#room;
    const everybody = everybodyIn(this.#room);
    const order = hands(everybody);
    keep(this.#list, this.#rows, everybody, (person) => person.seat,
      (person) => this.#row(person), (row, person) => this.#fill(row, person, order.get(person.seat)));
    this.#foot.hidden = !this.#room.isModerator || everybody.length < 2;
    write(this.#doorHeadline, tn("{n} person is waiting to be let in", "{n} people are waiting to be let in", waiting.length));
    keep(this.#knocking, this.#knocks, waiting, (knock) => knock.seat,
      (knock) => this.#knock(knock), () => {});
    const hadFocus = this.#door.contains(document.activeElement);
    this.#door.hidden = waiting.length === 0;
    if (hadFocus && this.#door.hidden) focusNear(this.element);
  }

  #knock(knock) {
    const name = nameOf(knock);
    const admit = act(knock.seat, "admit", t("Let in"), () => this.#room.admit([knock.seat]));
    const who = el("span", { class: "who" }, el("bdi", { id: `name-${knock.seat}` }, name));
    return el("li", {}, avatar(name), who, el("div", { class: "acts" }, admit));
  }

  #row(person) {
    return el(
      "li",
      { class: "person" },
      avatar(),
      el("span", { class: "who" }, el("bdi", { id: `name-${person.seat}` }), el("small")),
      person.isMe ? null : this.#acts(person.seat),
    );
  }

  #acts(seat) {
    const mute = act(seat, "mute", t("Mute"), () => this.#room.mute(seat));
    const remove = act(seat, "remove", t("Remove"), () => this.#remove(seat));
    return el("div", { class: "acts" }, mute, remove);
  }

  #fill(row, person, place) {
    const name = nameOf(person);
    rename(row.querySelector(".avatar"), name);
    write(row.querySelector("bdi"), person.isMe ? t("{name} (you)", { name }) : name);
    const details = this.#details(person, place);
    const small = row.querySelector("small");
    if (small.textContent !== details.map((detail) => detail.textContent).join("")) small.replaceChildren(...details);
    if (!person.isMe) this.#fillActs(row.querySelector(".acts"), person);
  }

  #fillActs(acts, person) {
    acts.hidden = !this.#room.isModerator;
    const [mute] = acts.children;
    // Not `disabled`, because that would take the focus from the pressed button.
    mute.setAttribute("aria-disabled", !person.state.microphone);
  }

  #details(person, place) {
    const detail = (sign, text) => el("span", {}, sign && icon(sign), text);
    return [
      person.role === "moderator" && detail(null, t("Moderator")),
      person.isAbsent && detail(null, t("Connection lost")),
      place && detail("hand", t("Hand raised: number {place}", { place })),
      person.state.screen && detail("screen", t("Shares the screen")),
      !person.state.microphone && detail("microphone-off", t("Muted")),
      !person.state.camera && detail("camera-off", t("Camera is off")),
    ].filter(Boolean);
  }

  async #remove(seat) {
    const person = this.#room.people.get(seat);
    if (!person) return;
    const isSure = await confirm(
      t("Remove {name}?", { name: nameOf(person) }),
      t("They leave at once, and their link stops working: they cannot come back with it."),
      [[t("Remove"), "yes", "danger"], [t("Cancel"), null]],
    );
    if (isSure) this.#room.remove(seat);
  }
}

// A button for somebody; its full name, for screen readers, ends with theirs.
function act(seat, name, text, onclick) {
  const id = `${name}-${seat}`;
  return el("button", { id, type: "button", "aria-labelledby": `${id} name-${seat}`, onclick }, text);
}
