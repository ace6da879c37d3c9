// The settings while in the room: which devices are used, and the keys.

import { t } from "../../words.js";
import { areOn, keyList, switchKeys } from "../shortcuts.js";
import { el } from "./elements.js";

export class Settings {
  #room;
  #camera;
  #microphone;
  #speaker;
  #flip;

  constructor(room) {
    this.#room = room;
    const choice = (choose) => el("select", { onchange: (event) => choose(event.target.value) });
    this.#camera = choice((id) => room.chooseCamera(id));
    this.#microphone = choice((id) => room.chooseMicrophone(id));
    this.#speaker = choice((id) => room.chooseSpeaker(id));
    this.#flip = el("button", { type: "button", onclick: () => room.flipCamera() }, t("Turn the camera around"));
    this.element = el(
      "div",
      { class: "panel devices" },
      named(t("Camera"), this.#camera),
      this.#flip,
      named(t("Microphone"), this.#microphone),
      named(t("Loudspeaker"), this.#speaker),
      keyboard(),
    );
  }

  focus() {
    this.element.querySelector("select:enabled, input")?.focus();
  }

  update() {
    const { devices } = this.#room;
    fill(this.#camera, devices.cameras, devices.camera, (n) => t("Camera {n}", { n }), t("No camera"));
    fill(this.#microphone, devices.microphones, devices.microphone, (n) => t("Microphone {n}", { n }), t("No microphone"));
    fill(this.#speaker, devices.speakers, devices.speaker, (n) => t("Loudspeaker {n}", { n }), t("The usual one"));
    // Some browsers leave the choice of the loudspeaker to the system.
    this.#speaker.parentElement.hidden = devices.speakers.length === 0;
    this.#flip.hidden = !devices.canFlip;
  }
}

const named = (text, select) => el("label", {}, el("span", {}, text), select);

// Shows the devices; one without a name is called by its number, and `none` stands where there is
// nothing to choose from.
function fill(select, devices, current, numbered, none) {
  const options = devices.map(({ id, label }, place) => (
    [label || numbered(place + 1), id]));
  if (options.length === 0) options.push([none, ""]);
  const shown = [...select.options].map(({ text, value }) => [text, value]);
  if (JSON.stringify(shown) !== JSON.stringify(options)) {
    select.replaceChildren(...options.map(([text, id]) => new Option(text, id)));
  }
  select.disabled = devices.length === 0;
  if (devices.some(({ id }) => id === current)) select.value = current;
}

function keyboard() {
  const box = el("input", {
    type: "checkbox", checked: areOn(), onchange: (event) => switchKeys(event.target.checked),
  });
  return el(
    "section",
    { class: "keyboard" },
    el("h3", {}, t("Keyboard")),
    el("label", { class: "check" }, box, el("span", {}, t("Single keys work in the room"))),
    keyList(),
  );
}
