// The chat: everybody in the room sees it, nobody keeps it.

import { locale, t } from "../words.js";
import { el } from "./parts/elements.js";
import { icon } from "./parts/icons.js";

const LONGEST = 2000;
const SHOWN = 500; // older messages are dropped, so that a long appointment stays light
const ADDRESS = /\bhttps?:\/\/[^\s<>"']+[^\s<>"'.,;:!?)\]]/g;

const asTime = new Intl.DateTimeFormat(locale, { timeStyle: "short" });

export class Chat {
  #room;
  #log = el("div", { class: "messages", role: "log", "aria-label": t("Messages"), tabIndex: 0 });
  #box = el("textarea", {
    rows: 1, maxLength: LONGEST, placeholder: t("Write a message"),
    "aria-label": t("Write a message"), dir: "auto", onkeydown: (event) => this.#key(event),
  });

  constructor(room) {
    this.#room = room;
    this.element = el(
      "div",
      { class: "panel talk" },
      this.#log,
      el("p", { class: "note" }, t("Everybody here sees what you write. Nothing is kept: it is gone when you leave.")),
      el(
        "div",
        { class: "writing" },
        this.#box,
        el(
          "button",
          { type: "button", class: "filled", "aria-label": t("Send"), title: t("Send"), onclick: () => this.#send() },
          icon("send"),
        ),
      ),
    );
  }

  // Puts the cursor where one writes.
  focus() {
    this.#log.scrollTop = this.#log.scrollHeight;
    // On a phone the keyboard would cover what was written.
    if (!matchMedia("(pointer: coarse)").matches) this.#box.focus();
  }

  add(message) {
    const { scrollTop, clientHeight, scrollHeight } = this.#log;
    const isAtEnd = scrollTop + clientHeight > scrollHeight - 40;
    this.#log.append(row(message));
    if (this.#log.childElementCount > SHOWN) this.#log.firstElementChild.remove();
    if (isAtEnd) this.#log.scrollTop = this.#log.scrollHeight;
  }

  #key(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.#send();
  }

  #send() {
    const text = this.#box.value.trim();
    // Without a connection the text stays, to be sent when it is back.
    if (text && this.#room.chat(text)) this.#box.value = "";
    this.#box.focus();
  }
}

function row({ name, text, at, isMe }) {
  return el(
    "article",
    { class: isMe ? "message own" : "message" },
    el(
      "header",
      {},
      el("b", {}, el("bdi", {}, isMe ? t("You") : name || t("Guest"))),
      el("time", { dateTime: at }, asTime.format(new Date(at))),
    ),
    el("p", { dir: "auto" }, ...linked(text)),
  );
}

// The text, with its web addresses as links.
function linked(text) {
  const parts = [];
  let end = 0;
  for (const { 0: address, index } of text.matchAll(ADDRESS)) {
    parts.push(text.slice(end, index));
    parts.push(el("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, address));
    end = index + address.length;
  }
  return [...parts, text.slice(end)];
}
