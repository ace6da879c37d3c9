// The room as the view shows it: who is here, what they do, and what one can do oneself.
//
//   const room = new Room({ socket, ticket, link, name, role, devices, iceTransportPolicy })
//     socket: the path "/room" as the answer to joining says it;  ticket: the same, or null to resume what
//     sessionStorage remembers (`Room.canResume(link)` says whether there is something)
//     link: the path of the access link, where a new ticket is asked for when the seat is lost
//     devices: { camera, microphone, speaker }: device id, "" for the one that this tab used before or
//       the usual one, null for none
//     iceTransportPolicy: "all" or "relay"; left out: "relay" when the page's query has `relay`
//   await room.open()    enters and opens the devices side by side; never throws: see `problem`
//   await room.leave()   gives the seat up; the phase is "over", the overCode "LEFT"
//
// Properties
//   phase       "entering" | "waiting" (to be admitted) | "in" | "reconnecting" | "over"
//   overCode    null, or LEFT ENDED CANCELLED REMOVED FULL NOT_OPEN TAKEN_OVER GONE SLOW_DOWN MALFORMED …
//   overMessage what the server said about it, in English
//   me          a person, see below; from the beginning, with `seat` null until it is known
//   people      Map of seat → person, me first, the others in the order in which they came:
//     { seat, name, role: "moderator"|"participant", isMe, isAbsent (the connection was lost, may come
//       back), state: { microphone, camera, screen, hand, hand_at }, camera: MediaStream|null,
//       screen: MediaStream|null (pictures only: the room plays the voices itself), isSpeaking,
//       connection: "connecting"|"connected"|"interrupted"|"failed" }
//   waiting     [{ seat, name }] for moderators;   isModerator
//   title, organizationName, closesAt (milliseconds since 1970), serverNow() (the same)
//   seats       how many the room has;   switches { chat, hand, screen }: what is allowed here
//   devices     { cameras, microphones, speakers: [{ id, label }], camera, microphone, speaker: ids in
//                 use, canFlip: a phone with a camera on each side }
//   canShareScreen   whether the browser and the appointment allow it
//   problem     null, or { code, … } that lasts: INSECURE, BLOCKED, IN_USE, NO_DEVICES, NO_CAMERA,
//               NO_MICROPHONE; `problemText(problem)` of texts.js says it in words
//   isSoundBlocked   the browser wants a click before it plays voices: then call playSound()
//
// Methods
//   setMicrophone(on) setCamera(on) setHand(on)   setMicrophone and setCamera resolve to what it is now
//   startScreen() stopScreen()            chooseCamera(id) chooseMicrophone(id) chooseSpeaker(id)
//   flipCamera()  playSound()  chat(text): whether it went out
//   admit(seats | "all") mute(seat | "all") remove(seat) end()            (moderators)
//
// Events
//   changed   detail { what, seat }: what is "phase", "people" (came, went, order), "person" (seat says
//             who: name, role, state, streams, connection, absence), "speaking" (seat), "waiting",
//             "room", "devices", "problem", "sound"
//   chat      detail { from, name, role, text, at, isMe }
//   problem   detail { code, … }: passing, for a notice: MUTED (by: person), DEVICE_ENDED (kind),
//             SCREEN_FAILED, SPEAKER_FAILED, SWITCHED_OFF, SLOW_DOWN, NOT_ALLOWED …
//   over      detail { code, message }

import { Choice } from "./choice.js";
import { Circle, NOTHING_ON, streamOf } from "./circle.js";
import { keepAwake } from "./lamp.js";
import { Media } from "./media.js";
import { budgets } from "./quality.js";
import { askForTicket, forget, recall, remember } from "./seat.js";
import { Signalling } from "./socket.js";
import { Speaking } from "./speaking.js";
import { Voices } from "./voices.js";

// Below the path of the public address, which this file is below, too.
const SOCKET = new URL("../../../room", import.meta.url).pathname;

const isRelayOnly = () => new URLSearchParams(location.search).has("relay");

export class Room extends EventTarget {
  phase = "entering";
  overCode = null;
  overMessage = "";
  title = "";
  organizationName = "";
  closesAt = null;
  seats = null;
  switches = { chat: true, hand: true, screen: true };
  waiting = [];
  me;
  #options;
  #offset = 0; // milliseconds by which the server's clock is ahead of the visitor's
  #isSeated = false; // whether this page has links of its present seat
  #session;
  #socket;
  #choice;
  #media;
  #circle;
  #speaking;
  #voices = new Voices(() => this.#tell("sound"));
  #sleep;

  static canResume(link) {
    return recall(link) !== null;
  }

  constructor({ socket, ticket, link, name = "", role = "participant", devices, iceTransportPolicy }) {
    super();
    const seat = ticket ? null : recall(link);
    this.#session = seat?.session ?? 0;
    this.#options = {
      socket: socket ?? seat?.socket ?? SOCKET, link,
      iceTransportPolicy: iceTransportPolicy ?? (isRelayOnly() ? "relay" : "all"),
    };
    this.me = {
      seat: null, name, role, isMe: true, isAbsent: false, state: { ...NOTHING_ON },
      camera: null, screen: null, isSpeaking: false, connection: "connected",
    };
    this.#choice = new Choice(link, devices);
    this.#media = this.#gathered(this.#choice.wanted);
    this.#circle = this.#joined();
    this.#socket = this.#signalled(ticket ? { type: "enter", ticket } : seat && resuming(seat));
  }

  get people() {
    return this.#circle.people;
  }

  get isModerator() {
    return this.me.role === "moderator";
  }

  get problem() {
    return this.#media.problem;
  }

  get isSoundBlocked() {
    return this.#voices.isBlocked;
  }

  get canShareScreen() {
    return this.switches.screen && Boolean(navigator.mediaDevices?.getDisplayMedia);
  }

  get devices() {
    const { available, chosen, canFlip } = this.#media;
    return { ...available, ...chosen, canFlip };
  }

  // Seat → RTCPeerConnection, for measurements.
  get connections() {
    return this.#circle.connections;
  }

  serverNow() {
    return Date.now() + this.#offset;
  }

  async open() {
    this.#speaking = new Speaking(
      () => [...this.#circle.levels(), [this.me.seat, this.#speaking.own]],
      (seat, isSpeaking) => this.#speaks(seat, isSpeaking),
    );
    this.#sleep = keepAwake();
    this.#socket.open();
    await this.#media.open();
    this.#keepClosed();
    const { speaker } = this.#media.chosen;
    if (speaker) await this.chooseSpeaker(speaker);
  }

  async leave() {
    this.#socket.send({ type: "leave" });
    this.#finish("LEFT", "");
  }

  setMicrophone(on) {
    this.#choice.turn("microphone", on);
    return this.#media.setMicrophone(on);
  }

  setCamera(on) {
    this.#choice.turn("camera", on);
    return this.#media.setCamera(on);
  }

  setHand(on) {
    if (!this.switches.hand) return;
    this.me.state.hand = on;
    this.me.state.hand_at = on ? new Date(this.serverNow()).toISOString() : null;
    this.#announce();
  }

  async startScreen() {
    return this.canShareScreen && this.#media.startScreen();
  }

  stopScreen() {
    this.#media.stopScreen();
  }

  chooseCamera(id) {
    this.#choice.use({ camera: id });
    return this.#media.choose("camera", id);
  }

  chooseMicrophone(id) {
    this.#choice.use({ microphone: id });
    return this.#media.choose("microphone", id);
  }

  async chooseSpeaker(id) {
    if (await this.#voices.choose(id)) this.#media.chosen.speaker = id;
    else this.#warn({ code: "SPEAKER_FAILED" });
    this.#choice.use({ speaker: this.#media.chosen.speaker });
    this.#tell("devices");
  }

  async flipCamera() {
    await this.#media.flip();
    this.#choice.use({ camera: this.#media.chosen.camera });
  }

  playSound() {
    return this.#voices.start();
  }

  chat(text) {
    return this.#socket.send({ type: "chat", text });
  }

  admit(seats) {
    this.#socket.send({ type: "admit", seats });
  }

  mute(seat) {
    this.#socket.send({ type: "mute", seat });
  }

  remove(seat) {
    this.#socket.send({ type: "remove", seat });
  }

  end() {
    this.#socket.send({ type: "end" });
  }

  // What was left closed is opened as it was chosen before, once somebody switches it on.
  #keepClosed() {
    const { chosen } = this.#media;
    for (const [kind, id] of Object.entries(this.#choice.ids)) chosen[kind] ??= id;
  }

  #gathered(devices) {
    const media = new Media(devices, budgets(1).camera);
    media.addEventListener("track", ({ detail: { kind, track } }) => {
      this.#circle.put(kind, track);
      this.#announce();
      if (kind === "microphone") this.#speaking?.measure(track);
    });
    media.addEventListener("devices", () => ["devices", "problem"].forEach((what) => this.#tell(what)));
    media.addEventListener("problem", ({ detail }) => this.#warn(detail));
    return media;
  }

  #joined() {
    const host = {
      me: this.me,
      voices: this.#voices,
      tracks: () => this.#media.tracks,
      isReachable: () => this.#socket.isOpen,
      send: (to, data) => this.#socket.send({ type: "signal", to, data }),
      tell: (what, seat) => this.#tell(what, seat),
      limit: ({ camera }) => this.#media.limit(camera),
    };
    return new Circle(host, this.#session);
  }

  #signalled(hello) {
    const address = new URL(this.#options.socket, location.href);
    address.protocol = address.protocol.replace("http", "ws");
    const socket = new Signalling(address, hello, () => askForTicket(this.#options.link));
    socket.addEventListener("message", ({ detail }) => this.#hears[detail.type]?.(detail));
    socket.addEventListener("lost", () => this.phase !== "entering" && this.#enter("reconnecting"));
    socket.addEventListener("over", ({ detail }) => this.#finish(detail.code, detail.message));
    return socket;
  }

  // What the server says, by type.
  #hears = {
    seated: (message) => this.#seated(message),
    waiting: ({ you, key }) => {
      this.#sit(you, key);
      this.#enter("waiting");
    },
    came: ({ person }) => this.#circle.add(person),
    went: ({ seat }) => this.#circle.part(seat),
    absent: ({ seat, is_absent }) => this.#circle.change({ seat, is_absent }),
    changed: ({ person }) => this.#circle.change(person),
    state: ({ from, state }) => this.#circle.change({ seat: from, state: { hand_at: null, ...state } }),
    signal: ({ from, data }) => this.#circle.hear(from, data),
    knocks: ({ waiting }) => {
      this.waiting = waiting;
      this.#tell("waiting");
    },
    chat: (line) => this.#emit("chat", { ...line, isMe: line.from === this.me.seat }),
    mute: async ({ by }) => {
      await this.setMicrophone(false);
      this.#warn({ code: "MUTED", by: this.people.get(by) });
    },
    problem: (problem) => this.#warn(problem),
  };

  #seated({ you, me, key, room, ice_servers, people, waiting }) {
    this.#sit(you, key);
    const isNew = !this.#isSeated;
    if (isNew) this.#circle.close();
    this.#isSeated = true;
    Object.assign(this.me, me);
    this.title = room.title;
    this.organizationName = room.organization_name;
    this.closesAt = Date.parse(room.closes_at);
    this.#offset = Date.parse(room.server_time) - Date.now();
    this.seats = room.seats;
    this.switches = room.switches;
    this.waiting = waiting ?? [];
    const { iceTransportPolicy } = this.#options;
    this.#circle.configuration = { iceServers: ice_servers, iceTransportPolicy, bundlePolicy: "max-bundle" };
    this.#circle.meet(people, isNew);
    this.#announce();
    this.#enter("in");
    for (const what of ["room", "people", "waiting"]) this.#tell(what);
  }

  // Remembers the seat, so that a lost connection or a reload comes back to it.
  #sit(seat, key) {
    if (this.me.seat !== seat) this.#isSeated = false;
    this.me.seat = seat;
    this.#socket.keep(seat, key);
    const { link, socket } = this.#options;
    remember({ seat, key, link, socket, session: Math.max(this.#session + 1, Date.now()) });
  }

  #announce() {
    const { me } = this;
    for (const kind of ["microphone", "camera", "screen"]) me.state[kind] = this.#media.isOn(kind);
    for (const kind of ["camera", "screen"]) me[kind] = streamOf(me[kind], this.#media.tracks[kind]);
    const { microphone, camera, screen, hand } = me.state;
    // Who waits is shown to nobody; what is on is said as soon as there is a seat.
    if (this.#isSeated) this.#socket.send({ type: "state", state: { microphone, camera, screen, hand } });
    this.#tell("person", me.seat);
  }

  #speaks(seat, isSpeaking) {
    const person = this.people.get(seat);
    if (!person || person.isSpeaking === isSpeaking) return;
    person.isSpeaking = isSpeaking;
    this.#tell("speaking", seat);
  }

  #enter(phase) {
    if (this.phase === phase || this.phase === "over") return;
    this.phase = phase;
    this.#tell("phase");
  }

  #finish(code, message) {
    if (this.phase === "over") return;
    for (const part of [this.#socket, this.#media, this.#circle, this.#voices, this.#speaking]) part?.close();
    this.#sleep?.();
    forget();
    [this.overCode, this.overMessage] = [code, message];
    this.#enter("over");
    this.#emit("over", { code, message });
  }

  #warn(detail) {
    this.#emit("problem", detail);
  }

  #tell(what, seat) {
    this.#emit("changed", { what, seat });
  }

  #emit(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

const resuming = ({ seat, key }) => ({ type: "resume", seat, key });
