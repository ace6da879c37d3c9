// The people in the room and the links to them, in the order in which they came.

import { Link, nextSession } from "./link.js";
import { budgets } from "./quality.js";
import { level } from "./speaking.js";

const KINDS = ["microphone", "camera", "screen"];
export const NOTHING_ON = { microphone: false, camera: false, screen: false, hand: false, hand_at: null };

export class Circle {
  people = new Map(); // seat → person, as room.js describes them
  configuration = {}; // of new links
  #links = new Map(); // seat → link
  #before; // the session that this tab had before it was loaded again
  #host;

  // The host has `me`, `tracks()` by kind, `voices`, isReachable(), send(to, data), tell(what, seat),
  // and limit(budgets), which resolves when the camera records no more than that.
  constructor(host, before) {
    this.#host = host;
    this.#before = before;
    this.people.set(host.me.seat, host.me);
  }

  // Takes everybody who is in the room now. `isFirst`: this page is new here and makes the offers.
  meet(people, isFirst) {
    const { me } = this.#host;
    for (const seat of [...this.people.keys()]) {
      if (seat !== me.seat && !people.some((person) => person.seat === seat)) this.part(seat);
    }
    this.people = new Map([[me.seat, me], ...[...this.people].filter(([seat]) => seat !== me.seat)]);
    for (const person of people) {
      const link = this.#links.get(person.seat);
      if (!link) this.add(person, isFirst);
      else {
        this.change(person);
        link.check(this.configuration);
      }
    }
  }

  add(person, isFirst = false) {
    if (this.people.has(person.seat)) return this.change(person);
    const { seat } = person;
    this.people.set(seat, {
      isMe: false, isAbsent: false, camera: null, screen: null, isSpeaking: false,
      connection: "connecting", ...named(person), state: { ...NOTHING_ON, ...person.state },
    });
    const link = new Link({
      isPolite: this.#host.me.seat < seat,
      isFirst,
      configuration: this.configuration,
      session: nextSession(this.#before),
      send: (data) => this.#host.send(seat, data),
      onchange: () => this.#refresh(seat),
      isReachable: () => this.#host.isReachable() && !this.people.get(seat)?.isAbsent,
    });
    this.#links.set(seat, link);
    for (const [kind, track] of Object.entries(this.#host.tracks())) link.put(kind, track);
    this.#host.tell("people", seat);
    this.#budget();
  }

  // Takes a person's new name, role, state or absence.
  change(person) {
    const known = this.people.get(person.seat);
    if (!known) return;
    const wasAbsent = known.isAbsent;
    // Of oneself the page knows better what is on: the server may have heard of an earlier state.
    const state = known.isMe ? known.state : { ...known.state, ...person.state };
    Object.assign(known, named(person), { state });
    if (wasAbsent && !known.isAbsent) this.#links.get(person.seat)?.check();
    if (!known.isMe) this.#refresh(person.seat);
    this.#host.tell("person", person.seat);
  }

  // Closes the link at once: nothing of a person who is gone is shown or heard any more.
  part(seat) {
    this.#links.get(seat)?.close();
    this.#links.delete(seat);
    this.#host.voices.stop(seat);
    if (!this.people.delete(seat)) return;
    this.#host.tell("people", seat);
    this.#budget();
  }

  hear(seat, data) {
    return this.#links.get(seat)?.hear(data);
  }

  put(kind, track) {
    for (const link of this.#links.values()) link.put(kind, track);
  }

  // [seat, level] of everybody else.
  levels() {
    return [...this.#links].map(([seat, link]) => {
      return [seat, this.#isHeard(seat, link) ? level(link.receiver("microphone")) : 0];
    });
  }

  // Browsers look up a level while the page waits: nobody is asked in vain.
  #isHeard(seat, link) {
    return link.connectionState === "connected" && this.people.get(seat)?.state.microphone;
  }

  // The peer connections, for measurements.
  get connections() {
    return new Map([...this.#links].map(([seat, link]) => [seat, link.connection]));
  }

  close() {
    for (const seat of [...this.#links.keys()]) this.part(seat);
  }

  // Brings what is shown of a person in line with the link and with what they say they send.
  #refresh(seat) {
    const [person, link] = [this.people.get(seat), this.#links.get(seat)];
    if (!person || !link) return;
    person.connection = link.connectionState;
    for (const kind of ["camera", "screen"]) {
      person[kind] = streamOf(person[kind], person.state[kind] ? link.receiver(kind)?.track : null);
    }
    const voice = link.receiver("microphone")?.track;
    if (voice) this.#host.voices.play(seat, voice);
    this.#host.tell("person", seat);
  }

  #budget() {
    this.#spend();
    // A camera that records less from now on must not be scaled down as well.
    this.#host.limit(budgets(this.people.size)).then(() => this.#spend());
  }

  #spend() {
    const wanted = budgets(this.people.size);
    for (const link of this.#links.values()) {
      for (const kind of KINDS.slice(1)) link.budget(kind, wanted[kind]);
    }
  }
}

// The same stream for the same track, so that a picture goes on without a flicker.
export function streamOf(stream, track) {
  if (!track) return null;
  return stream?.getTracks()[0] === track ? stream : new MediaStream([track]);
}

function named({ seat, name, role, is_absent }) {
  const told = { seat, name, role, isAbsent: is_absent };
  return Object.fromEntries(Object.entries(told).filter(([, value]) => value !== undefined));
}
