// What people see and do in the room: puts the parts together and keeps them as the room is.

import { t } from "../words.js";
import { Chat } from "./chat.js";
import { Controls } from "./controls.js";
import { confirm } from "./parts/dialog.js";
import { el, write } from "./parts/elements.js";
import { Changes } from "./parts/changes.js";
import { Door } from "./parts/door.js";
import { nameOf } from "./parts/names.js";
import { News } from "./parts/news.js";
import { Notices } from "./parts/notices.js";
import { home, overPage } from "./parts/over.js";
import { Settings } from "./parts/settings.js";
import { Side } from "./parts/side.js";
import { TimeLeft } from "./parts/time.js";
import { People } from "./people.js";
import { Room } from "./room.js";
import { listen } from "./shortcuts.js";
import { problemText } from "./texts.js";
import { Tiles } from "./tiles.js";

const PATIENCE = 4000; // then the room opens without its style sheet, which may still come

// How to reach the organizer, from the join page: it stands below the last word, too.
let contact;

// Replaces the main part of the join page by the room: `joined` is what joining answered, or a
// socket without a ticket to resume; `devices` are those chosen in the check.
export async function open(joined, devices) {
  await dress();
  contact = document.querySelector(".contact");
  const visit = JSON.parse(document.getElementById("visit")?.dataset.visit ?? "{}");
  if (!("RTCPeerConnection" in window)) return finish("NO_WEBRTC", visit.title, visit.organization_name);
  const room = new Room({
    ...joined, devices, link: location.pathname, name: visit.display_name, role: visit.role,
  });
  new Stage(room, visit).show();
  await room.open();
  return room;
}

// The style sheet of the room comes with the room.
function dress() {
  document.querySelector("meta[name=viewport]")
    ?.setAttribute("content", "width=device-width, initial-scale=1, viewport-fit=cover, interactive-widget=resizes-content");
  const href = new URL("./room.css", import.meta.url).href;
  if (document.querySelector(`link[href="${href}"]`)) return null;
  return new Promise((resolve) => {
    document.head.append(el("link", { rel: "stylesheet", href, onload: resolve, onerror: resolve }));
    setTimeout(resolve, PATIENCE);
  });
}

// Shows why the room is over, in place of whatever is there, below what the appointment is.
function finish(code, title, host) {
  // Loading the page again shows the link's own page, and takes no other seat.
  history.replaceState(null, "", home());
  document.body.classList.remove("in-room");
  const main = el("main", {}, el("div", {}, ...overPage(code, title, host), contact));
  document.querySelector("main").replaceWith(main);
  document.getElementById("headline").focus();
}

class Stage {
  #room;
  #visit;
  #parts;
  #news = new News();
  #chat;
  #side;
  #controls;
  #tiles;
  #door = new Door();
  #alone = el("p", { class: "alone", role: "status" });
  #title = el("h1", { tabIndex: -1, dir: "auto" });
  #host = el("bdi");
  #main;
  #unread = 0;
  #isDue = false;
  #deafen;

  constructor(room, visit) {
    this.#room = room;
    this.#visit = visit;
    this.#chat = new Chat(room);
    this.#tiles = new Tiles(room);
    this.#controls = new Controls(room, this.#acts());
    this.#side = new Side({
      chat: [t("Chat"), this.#chat],
      people: [t("People"), new People(room)],
      settings: [t("Settings"), new Settings(room)],
    }, (name) => this.#closed(name));
    const notices = new Notices(room, this.#news.element, this.#side, () => this.#open("people"));
    notices.element.prepend(this.#alone);
    const time = new TimeLeft(room, this.#news);
    this.#parts = [this.#tiles, this.#side, notices, time, new Changes(room, this.#news)];
    this.#main = this.#build(notices, time);
  }

  #build(notices, time) {
    return el(
      "main",
      { class: "room" },
      el("header", { class: "room-head" }, el("div", {}, this.#title, el("p", { class: "host" }, this.#host)), time.element),
      el("div", { class: "room-middle" }, this.#door.element, this.#tiles.element, notices.element),
      this.#controls.element,
      this.#side.element,
    );
  }

  show() {
    document.querySelector("main").replaceWith(this.#main);
    document.body.classList.add("in-room");
    this.#room.addEventListener("changed", ({ detail }) => this.#changed(detail));
    this.#room.addEventListener("chat", ({ detail }) => this.#hear(detail));
    this.#room.addEventListener("problem", ({ detail }) => this.#news.say(problemText(detail)));
    this.#room.addEventListener("over", ({ detail }) => this.#end(detail.code));
    const keys = this.#acts();
    this.#deafen = listen({
      m: keys.microphone, v: keys.camera, s: keys.screen, h: keys.hand, c: keys.chat, p: keys.people,
      Escape: () => this.#side.close(),
    });
    this.#update();
    this.#title.focus();
  }

  // What the buttons do, in the order in which they stand.
  #acts() {
    const room = this.#room;
    return {
      microphone: () => room.setMicrophone(!room.me.state.microphone),
      camera: () => room.setCamera(!room.me.state.camera),
      screen: () => this.#share(),
      hand: () => room.switches.hand && room.setHand(!room.me.state.hand),
      chat: () => room.switches.chat && this.#toggle("chat"),
      people: () => this.#toggle("people"),
      settings: () => this.#toggle("settings"),
      leave: () => this.#leave(),
    };
  }

  #share() {
    if (!this.#room.canShareScreen) return;
    if (this.#room.me.state.screen) this.#room.stopScreen();
    else this.#room.startScreen();
  }

  #toggle(name) {
    if (name !== "settings" && this.#room.phase !== "in" && this.#room.phase !== "reconnecting") return;
    if (name === "chat") this.#unread = 0;
    this.#side.toggle(name);
    this.#update();
  }

  #open(name) {
    if (this.#side.open !== name) this.#toggle(name);
  }

  #closed(name) {
    this.#controls.focus(name);
    this.#update();
  }

  #changed({ what, seat }) {
    if (what === "speaking") return this.#tiles.speak(seat);
    // Much can change at once; it is drawn once.
    if (this.#isDue) return;
    this.#isDue = true;
    setTimeout(() => this.#update());
  }

  #hear(message) {
    this.#chat.add(message);
    if (message.isMe || this.#side.open === "chat") return;
    this.#unread += 1;
    this.#news.say(t("New message from {name}", { name: nameOf(message) }));
    this.#update();
  }

  #update() {
    this.#isDue = false;
    const { phase, people, title, organizationName, switches } = this.#room;
    if (phase === "over") return;
    write(this.#title, title || this.#visit.title || "");
    write(this.#host, organizationName || this.#visit.organization_name || "");
    this.#main.dataset.phase = phase;
    this.#door.update(phase);
    write(this.#alone, phase === "in" && people.size === 1 ? t("Nobody else is here yet.") : "");
    if (!switches.chat && this.#side.open === "chat") this.#side.close();
    this.#controls.update(this.#side.open, this.#unread);
    for (const part of this.#parts) part.update();
  }

  async #leave() {
    if (!this.#room.isModerator || this.#room.phase !== "in") return this.#room.leave();
    const choice = await confirm(
      t("Leave, or end the appointment?"),
      t("When you leave, the others can go on without you. When you end it, everybody leaves and nobody can come back."),
      [[t("Leave"), "leave", "filled"], [t("End for everybody"), "end", "danger"], [t("Stay"), null]],
    );
    if (choice === "leave") this.#room.leave();
    if (choice === "end") this.#room.end();
  }

  #end(code) {
    this.#deafen();
    for (const part of this.#parts) part.stop?.();
    document.querySelector("dialog[open]")?.close();
    finish(code, this.#title.textContent, this.#host.textContent);
  }
}
