// The pictures of the people and of a shared screen, each with its name.

import { t } from "../words.js";
import { el, keep, write } from "./parts/elements.js";
import { icon } from "./parts/icons.js";
import { arrange } from "./parts/layout.js";
import { avatar, count, everybodyIn, hands, nameOf, rename } from "./parts/names.js";

const SMALL = 200; // narrower tiles have smaller names

export class Tiles {
  #room;
  #tiles = new Map();
  #isToBeArranged = false;
  #list = el("ul", { class: "tiles", "aria-label": t("People in the appointment") });
  element = el("div", { class: "room-stage" }, this.#list);

  constructor(room) {
    this.#room = room;
    new ResizeObserver(() => this.#arrangeSoon()).observe(this.element);
    // A picture tells its shape when it plays, and again when a phone is turned.
    this.#list.addEventListener("resize", () => this.#arrangeSoon(), true);
  }

  update() {
    const everybody = everybodyIn(this.#room);
    const order = hands(everybody);
    // The own picture comes last: it is the one to be looked at least.
    const [me, others] = [everybody.slice(0, 1), everybody.slice(1)];
    const cameras = [...others, ...me].map((person) => ({ id: `${person.seat} camera`, person }));
    const screens = others
      .filter((person) => person.state.screen && person.screen)
      .map((person) => ({ id: `${person.seat} screen`, person, isScreen: true }));
    keep(this.#list, this.#tiles, [...screens, ...cameras], (tile) => tile.id, make,
      (element, tile) => fill(element, tile, order.get(tile.person.seat)));
    this.#arrangeSoon();
  }

  // Shows who speaks, without looking at anything else: it changes often.
  speak(seat) {
    const person = this.#room.people.get(seat);
    const tile = this.#tiles.get(`${seat} camera`);
    tile?.classList.toggle("speaking", Boolean(person?.isSpeaking && person.state.microphone));
  }

  // Once for all that changes before the next picture: to measure a page is dear.
  #arrangeSoon() {
    if (this.#isToBeArranged) return;
    this.#isToBeArranged = true;
    requestAnimationFrame(() => {
      this.#isToBeArranged = false;
      this.#arrange();
    });
  }

  #arrange() {
    const tiles = [...this.#list.children];
    const [screen, ...moreScreens] = tiles.filter((tile) => tile.classList.contains("screen"));
    const cameras = tiles.filter((tile) => !tile.classList.contains("screen"));
    const { width, height } = this.element.getBoundingClientRect();
    if (!cameras.length || !width || !height) return;
    const beside = [...moreScreens, ...cameras];
    const shapes = beside.map(shape).filter(Boolean);
    const places = arrange({ width, height }, {
      count: beside.length,
      shape: shapes.length ? shapes.reduce((sum, one) => sum + one) / shapes.length : 1,
      own: shape(cameras.at(-1)) || 4 / 3,
      screen: screen && (shape(screen) || 16 / 9),
    });
    this.#list.classList.toggle("pair", Boolean(places.isPair));
    beside.forEach((tile, number) => put(tile, places.cameras[number]));
    if (screen) put(screen, places.screen);
  }
}

// The width of what a tile shows divided by its height; 0 without a picture.
function shape(tile) {
  const video = tile.querySelector("video");
  return video.hidden || !video.videoHeight ? 0 : video.videoWidth / video.videoHeight;
}

function put(tile, { x, y, width, height }) {
  for (const [name, value] of Object.entries({ x, y, width, height })) {
    tile.style.setProperty(`--${name}`, `${Math.round(value)}px`);
  }
  tile.classList.toggle("small", width < SMALL);
}

function make({ person, isScreen }) {
  const kinds = ["tile", isScreen && "screen", person.isMe && "own"];
  return el(
    "li",
    { class: kinds.filter(Boolean).join(" "), "data-seat": person.seat },
    avatar(),
    el("video", { autoplay: true, muted: true, playsInline: true, hidden: true, disablePictureInPicture: true }),
    el("span", { class: "away", hidden: true }),
    el("span", { class: "flag", hidden: true }, icon("hand"), el("span"), unseen(t("Hand raised"))),
    el("span", { class: "label" }, icon("voice"), quiet(), el("bdi")),
  );
}

const unseen = (text) => el("span", { class: "unseen" }, text);
const quiet = () => el("span", { class: "quiet" }, icon("microphone-off"), unseen(t("Muted")));

function fill(tile, { person, isScreen }, hand) {
  const name = nameOf(person);
  show(tile.querySelector("video"), isScreen ? person.screen : person.camera, isScreen || person.state.camera);
  rename(tile.querySelector(".avatar"), name);
  write(tile.querySelector("bdi"), title(person, name, isScreen));
  tile.classList.toggle("mirrored", person.isMe && !isBack(person.camera));
  tile.classList.toggle("speaking", Boolean(!isScreen && person.isSpeaking && person.state.microphone));
  tile.querySelector(".quiet").hidden = isScreen || person.state.microphone;
  const flag = tile.querySelector(".flag");
  flag.hidden = isScreen || !hand;
  write(flag.children[1], hand ? count(hand) : "");
  const away = tile.querySelector(".away");
  write(away, trouble(person));
  away.hidden = !away.textContent;
}

// Whether a stream is of a phone's camera that looks away from its owner: no mirror then.
function isBack(stream) {
  return stream?.getVideoTracks()[0]?.getSettings().facingMode === "environment";
}

function title(person, name, isScreen) {
  if (isScreen) return t("Screen of {name}", { name });
  return person.isMe ? t("You") : name;
}

// What keeps the picture of somebody from moving, if anything.
function trouble({ isMe, isAbsent, connection }) {
  if (isMe) return "";
  if (isAbsent || connection === "interrupted") return t("Reconnecting …");
  if (connection === "connecting") return t("Connecting …");
  return connection === "failed" ? t("No connection to this person") : "";
}

function show(video, stream, isOn) {
  if (video.srcObject !== stream) video.srcObject = stream;
  video.hidden = !stream || !isOn;
  if (stream && isOn && video.paused) video.play().catch(() => {}); // it plays when it can
}
