// What people are called, and the round sign that stands for somebody without a picture.

import { locale, t } from "../../words.js";
import { el, write } from "./elements.js";

// Writes a number in the digits of the visitor's language.
const digits = new Intl.NumberFormat(locale);
export const count = (number) => digits.format(number);

// Everybody in the room, oneself first and also before one is in.
export const everybodyIn = (room) => (room.people.size ? [...room.people.values()] : [room.me]);

export const nameOf = (person) => person.name?.trim() || t("Guest");

// The first letters of the first and the last word of a name.
export function initials(name) {
  const words = name.split(/\s+/).filter((word) => /\p{L}|\p{N}/u.test(word));
  const first = (word) => word.match(/[\p{L}\p{N}]\p{M}*/u)[0];
  return [...new Set([words.at(0), words.at(-1)])].filter(Boolean).map(first).join("").toLocaleUpperCase();
}

export function avatar(name = "") {
  return el("span", { class: "avatar", "aria-hidden": "true" }, initials(name));
}

export function rename(element, name) {
  write(element, initials(name));
}

// The places of the raised hands, by seat: 1 for the hand that was raised first.
export function hands(everybody) {
  const raised = everybody.filter((person) => person.state.hand);
  raised.sort((one, other) => String(one.state.hand_at ?? "").localeCompare(String(other.state.hand_at ?? "")));
  return new Map(raised.map((person, place) => [person.seat, place + 1]));
}
