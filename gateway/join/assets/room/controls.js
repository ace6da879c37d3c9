// The row of buttons below the pictures. Each says what it does, not how things are.

import { t, tn } from "../words.js";
import { el, write } from "./parts/elements.js";
import { icon } from "./parts/icons.js";
import { count } from "./parts/names.js";

export class Controls {
  element = el("div", { class: "room-controls", role: "group", "aria-label": t("Controls") });
  #room;
  #buttons = new Map();

  // `acts` are what the buttons do, by their names.
  constructor(room, acts) {
    this.#room = room;
    for (const [name, act] of Object.entries(acts)) {
      const button = el(
        "button",
        { type: "button", "data-name": name, onclick: act },
        el("span", { class: "disc" }), el("span", { class: "text" }), el("span", { class: "badge", "aria-hidden": "true" }),
      );
      this.#buttons.set(name, button);
      this.element.append(button);
    }
    this.#buttons.get("leave").classList.add("go");
  }

  // Puts the focus back on a button after what it opened was closed.
  focus(name) {
    this.#buttons.get(name)?.focus();
  }

  // Shows how things are; `panel` is the name of the open one, `unread` counts messages.
  update(panel, unread) {
    const { me, switches, waiting } = this.#room;
    const { microphone, camera, screen, hand } = me.state;
    this.#show("microphone", microphone ? t("Mute") : t("Unmute"), microphone ? "microphone" : "microphone-off", !microphone && "off");
    this.#show("camera", camera ? t("Stop camera") : t("Start camera"), camera ? "camera" : "camera-off", !camera && "off");
    this.#show("screen", screen ? t("Stop sharing") : t("Share screen"), screen ? "screen-stop" : "screen", screen && "on");
    this.#show("hand", hand ? t("Lower hand") : t("Raise hand"), "hand", hand && "on");
    this.#show("chat", t("Chat"), "chat", panel === "chat" && "on");
    this.#show("people", t("People"), "people", panel === "people" && "on");
    this.#show("settings", t("Settings"), "settings", panel === "settings" && "on");
    this.#show("leave", t("Leave"), "leave");
    this.#hide("screen", !this.#room.canShareScreen);
    this.#hide("hand", !switches.hand);
    this.#hide("chat", !switches.chat);
    this.#count("chat", unread, tn("Chat, {n} new message", "Chat, {n} new messages", unread));
    this.#count("people", waiting.length, tn("People, {n} person is waiting", "People, {n} people are waiting", waiting.length));
    for (const name of ["chat", "people", "settings"]) {
      this.#buttons.get(name).setAttribute("aria-expanded", panel === name);
    }
  }

  #show(name, text, sign, kind) {
    const button = this.#buttons.get(name);
    const [disc, words] = button.children;
    write(words, text);
    button.title = text;
    if (!disc.querySelector(`.${sign}`)) disc.replaceChildren(icon(sign));
    button.classList.toggle("off", kind === "off");
    button.classList.toggle("on", kind === "on");
  }

  #hide(name, isHidden) {
    this.#buttons.get(name).hidden = isHidden;
  }

  #count(name, number, words) {
    const button = this.#buttons.get(name);
    const badge = button.children[2];
    badge.hidden = !number;
    badge.dataset.count = count(number); // shown by the style sheet: for screen readers it is in the name
    if (number) button.setAttribute("aria-label", words);
    else button.removeAttribute("aria-label");
  }
}
