// The page after the room: why it is over, in plain sentences, and what can be done about it.

import { t } from "../../words.js";
import { el } from "./elements.js";

// What is said for each code; with a button, one goes in once more.
const PAGES = {
  ENDED: () => [
    t("The appointment has ended"),
    t("Thank you for coming. You can close this page."),
  ],
  CANCELLED: () => [
    t("The appointment was cancelled"),
    t("Ask the organizer if you need a new one. You can close this page."),
  ],
  REMOVED: () => [
    t("You are no longer in this appointment"),
    t("A moderator took you out of it, and your link no longer works. Ask the organizer if you think that this is a mistake."),
  ],
  FULL: () => [
    t("The room is full"),
    t("All places are taken. Try again when somebody has left."),
    t("Try again"),
  ],
  TOO_MANY_DEVICES: () => [
    t("You are already here on three devices"),
    t("Leave the appointment on another device or in another window. Then try again here."),
    t("Try again"),
  ],
  TICKET_EXPIRED: () => [
    t("That took too long"),
    t("Your connection may be slow. Try again: it often works the second time."),
    t("Try again"),
  ],
  GONE: () => [
    t("You were away too long"),
    t("Your place was given up while you were gone. You can take a new one."),
    t("Go back in"),
  ],
  NOT_OPEN: () => [
    t("The appointment is not open"),
    t("Go back to its page: it says when you can join."),
    t("Go back"),
  ],
  TAKEN_OVER: () => [
    t("You are in the appointment somewhere else"),
    t("It was opened again in another window of this browser. You can close this one."),
    t("Use this window instead"),
  ],
  LEFT: () => [
    t("You have left"),
    t("You can go back in as long as the appointment is open."),
    t("Go back in"),
  ],
  LOST: () => [
    t("The connection is lost"),
    t("The server does not answer. Check your connection and try again."),
    t("Try again"),
  ],
  NO_WEBRTC: () => [
    t("This browser cannot show the appointment"),
    t("It does not know video calls, or they are switched off. Use a new version of Chrome, Edge, Firefox or Safari."),
  ],
  OTHER: () => [
    t("Something went wrong"),
    t("The connection to the room was closed. Try again in a moment."),
    t("Try again"),
  ],
};

// Returns the parts of the page for a code of the room: what the appointment is, and why it is over.
export function overPage(code, title, host) {
  const [headline, sentence, again] = (PAGES[code] ?? PAGES.OTHER)();
  document.title = title ? `${headline} · ${title}` : headline;
  const address = () => (code === "NOT_OPEN" ? home() : anew());
  const button = el("button", { type: "button", class: "main", onclick: () => location.replace(address()) }, again);
  const state = el(
    "section",
    { class: "state over", "aria-labelledby": "headline", "data-code": code },
    sign(code),
    el(title ? "h2" : "h1", { id: "headline", tabIndex: -1 }, headline),
    el("p", { id: "sentence" }, sentence),
    again && button,
  );
  return [title ? head(title, host) : null, state].filter(Boolean);
}

const head = (title, host) => el(
  "header",
  {},
  host ? el("p", { class: "host" }, el("bdi", {}, host)) : null,
  el("h1", {}, el("bdi", {}, title)),
);

const KEPT = ["lang", "relay"];

// The address of the link's own page, in the language and by the relays that were asked for.
export function home() {
  const kept = [...new URLSearchParams(location.search)].filter(([name]) => KEPT.includes(name));
  return location.pathname + (kept.length ? `?${new URLSearchParams(kept)}` : "");
}

// The same address, which goes in by itself: whoever presses a button here has decided.
function anew() {
  const address = home();
  return `${address}${address.includes("?") ? "&" : "?"}joined=1`;
}

// The picture of two people, as on the page before: together, or apart.
export function sign(code) {
  const space = "http://www.w3.org/2000/svg";
  const make = (name, attributes) => {
    const element = document.createElementNS(space, name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    return element;
  };
  const name = { WAITING: "waiting", ENTERING: "open", ENDED: "over", CANCELLED: "over" }[code];
  const picture = make("svg", {
    class: `sign ${name ?? "unknown"}`, viewBox: "0 0 96 48", "aria-hidden": "true", focusable: "false",
  });
  picture.append(
    make("circle", { class: "you", cx: 37, cy: 24, r: 20 }),
    make("circle", { class: "they", cx: 59, cy: 24, r: 20 }),
    make("path", { class: "meeting", d: "M48 7.3a20 20 0 0 1 0 33.4 20 20 0 0 1 0-33.4z" }),
  );
  return picture;
}
