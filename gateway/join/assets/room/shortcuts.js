// Single keys that work anywhere in the room, but never while somebody writes.

import { t } from "../words.js";
import { el } from "./parts/elements.js";

const KEPT = "connect.shortcuts"; // "off" once somebody switched them off
const WRITING = "input, textarea, select, [contenteditable], dialog[open]";

// The keys and what they do, as the settings list them.
export const KEYS = () => [
  ["m", t("Microphone on or off")],
  ["v", t("Camera on or off")],
  ["s", t("Share the screen, or stop")],
  ["h", t("Raise or lower your hand")],
  ["c", t("Open or close the chat")],
  ["p", t("Open or close the list of people")],
  ["Esc", t("Close what is open")],
];

let isOn = !kept();

function kept() {
  try {
    return localStorage.getItem(KEPT) === "off";
  } catch {
    return false;
  }
}

// Whether single keys work. Somebody who speaks to the computer may not want them.
export const areOn = () => isOn;

export function switchKeys(on) {
  isOn = on;
  try {
    if (on) localStorage.removeItem(KEPT);
    else localStorage.setItem(KEPT, "off");
  } catch {
    // Storage is closed to the page: the choice lasts as long as the page.
  }
}

// Calls `actions[key]()` for keys that are pressed outside of texts; returns how to stop that.
export function listen(actions) {
  const hear = (event) => {
    if (event.defaultPrevented || event.repeat || event.isComposing) return;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const key = event.key === "Escape" ? "Escape" : letter(event);
    if (!actions[key] || document.querySelector("dialog[open]")) return;
    if (key !== "Escape" && (!isOn || event.target.closest?.(WRITING))) return;
    event.preventDefault();
    actions[key]();
  };
  document.addEventListener("keydown", hear);
  return () => document.removeEventListener("keydown", hear);
}

// The letter on the key; on a keyboard of another script the one that would be there in Latin.
function letter({ key, code }) {
  return /^[a-z]$/i.test(key) ? key.toLowerCase() : code.replace(/^Key/, "").toLowerCase();
}

// The list of the keys for people to read.
export function keyList() {
  return el("dl", { class: "keys" }, ...KEYS().flatMap(([key, text]) => [
    el("dt", {}, el("kbd", {}, key.length === 1 ? key.toUpperCase() : key)), el("dd", {}, text),
  ]));
}
