// The link to one person, for as long as both have their seats: it outlives lost sockets, changes
// of network and a reload of the page at the other end.

import { Negotiation } from "./negotiation.js";
import { limit } from "./quality.js";

const PLACES = ["microphone", "camera", "screen"];
const PATIENCE = 8000; // for a connection to come about, before something is done
const LONGEST = 30_000;
const FLICKER = 2500; // an interruption that may pass by itself
const GIVEN_UP = 3; // attempts after which the view says that there is no way
const RENEWALS = { most: 5, within: 5000 }; // more than who loads a page again and again

let newest = 0;

// Makes the number of a session larger than all before, also those before a reload.
export function nextSession(before = 0) {
  newest = Math.max(newest + 1, before + 1, Date.now());
  return newest;
}

export class Link {
  connectionState = "connecting"; // or "connected", "interrupted", "failed"
  #options;
  #session; // of this end
  #latest = 0; // the newest session of the other end that was heard of
  #peer = null; // the session that the present connection belongs to
  #end;
  #tracks = {};
  #budgets = {};
  #timer;
  #attempts = 0;
  #renewals = []; // when the other end came with another session
  #wasConnected = false;
  #isClosed = false;

  // Options: isPolite, isFirst (whether to make the first offer), configuration, session,
  // send(data) for the other end, onchange() after connectionState or the streams changed,
  // isReachable(), whether what is sent will arrive.
  constructor(options) {
    this.#options = options;
    this.#session = options.session;
    this.#make(options.isFirst);
    this.#watch();
  }

  // Sends a track in its place, or nothing; needs no negotiation.
  async put(kind, track) {
    this.#tracks[kind] = track;
    const transceiver = this.#end.transceivers[PLACES.indexOf(kind)];
    await transceiver?.sender.replaceTrack(track).catch(() => {});
    await this.#limit(kind);
  }

  // Limits what is sent in a place: { height, frameRate, bitrate }.
  async budget(kind, budget) {
    this.#budgets[kind] = budget;
    await this.#limit(kind);
  }

  // What comes from the other end.
  receiver(kind) {
    return this.#end.transceivers[PLACES.indexOf(kind)]?.receiver ?? null;
  }

  get connection() {
    return this.#end.connection;
  }

  // Takes what the other end sent.
  async hear({ session, peer, description, candidate }) {
    if (this.#isClosed || (peer && peer !== this.#session) || session < this.#latest) return;
    if (session > this.#latest && !this.#meets(session, description)) return;
    const end = this.#end;
    try {
      // The other end may only be slow: what it says is waited for anew, not asked for anew.
      if (this.connection.connectionState !== "connected") this.#watch();
      if (description) await this.#describe(session, description);
      else if (candidate) await end.addCandidate(candidate);
    } catch (problem) {
      if (this.#isClosed || end !== this.#end) return;
      console.warn("A connection is made anew:", problem.message);
      this.#attempts += 1;
      if (this.#attempts < GIVEN_UP) this.#remake();
      else this.#watch();
    }
  }

  // Mends what may have been lost while one of the two could not be reached.
  check(configuration = this.#options.configuration) {
    this.#options.configuration = configuration;
    this.connection.setConfiguration?.(configuration); // Firefox before 117 keeps the one it has
    this.#attempts = 0;
    if (this.#peer && this.connection.connectionState !== "connected") this.connection.restartIce();
    this.#end.repeat();
    this.#watch();
  }

  close() {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#end.close();
  }

  // Whether a session that was not heard of before is welcome; this end is new then, too. Not as often
  // as somebody may ask: each costs a connection.
  #meets(session, description) {
    if (!description || (this.#peer && description.type !== "offer")) return false;
    if (this.#peer) {
      const now = performance.now();
      this.#renewals = this.#renewals.filter((at) => now - at < RENEWALS.within);
      if (this.#renewals.length >= RENEWALS.most) return false; // an offer is sent again later
      this.#renewals.push(now);
      this.#make(false);
    }
    this.#latest = session;
    return true;
  }

  async #describe(session, description) {
    if (description.type === "offer" && !this.#peer && this.#end.hasOffered) {
      // Both made the first offer. Transceivers that were added without a track are not matched
      // to those of an offer (RFC 8829, 5.10): a rollback would leave three of them too many.
      if (!this.#options.isPolite) return this.#end.repeat();
      this.#make(false);
    }
    const end = this.#end;
    this.#peer = session;
    await end.describe(description, () => this.#putAll());
    if (end !== this.#end) return;
    for (const kind of PLACES) await this.#limit(kind);
    this.#options.onchange();
  }

  #make(isFirst) {
    this.#end?.close();
    this.#peer = null;
    this.#end = new Negotiation(this.#options.configuration, this.#options.isPolite, (data) => {
      this.#options.send({ session: this.#session, ...(this.#peer && { peer: this.#peer }), ...data });
    });
    this.connection.onconnectionstatechange = () => this.#watch();
    if (!isFirst) return;
    this.#end.begin();
    this.#putAll();
  }

  #remake() {
    this.#session = nextSession();
    this.#make(true);
    this.#watch();
    this.#options.onchange();
  }

  async #putAll() {
    await Promise.all(PLACES.map((kind) => this.put(kind, this.#tracks[kind] ?? null)));
  }

  async #limit(kind) {
    const [sender, budget] = [this.#end.transceivers[PLACES.indexOf(kind)]?.sender, this.#budgets[kind]];
    if (sender && budget) await limit(sender, budget);
  }

  // Follows the state of the connection, and looks again when it has had its time.
  #watch() {
    clearTimeout(this.#timer);
    const state = this.connection.connectionState;
    if (state === "connected") {
      this.#attempts = 0;
      this.#wasConnected = true;
      return this.#show("connected");
    }
    if (this.#attempts >= GIVEN_UP) this.#show("failed");
    else this.#show(this.#wasConnected ? "interrupted" : "connecting");
    const isBroken = state === "failed" || state === "disconnected";
    const wait = isBroken && !this.#attempts ? FLICKER : this.#patience();
    this.#timer = setTimeout(() => this.#mend(), wait);
  }

  // The polite one waits longer, so that only one of the two acts.
  #patience() {
    const wait = Math.min(LONGEST, PATIENCE * 2 ** Math.max(0, this.#attempts - 1));
    return this.#options.isPolite ? wait * 1.5 : wait;
  }

  // First asks for new routes, then for a new connection.
  #mend() {
    if (this.#options.isReachable()) {
      this.#attempts += 1;
      if (this.#attempts > 1 || (!this.#peer && !this.#end.hasOffered)) return this.#remake();
      if (this.#peer) this.connection.restartIce();
      this.#end.repeat();
    }
    this.#watch();
  }

  #show(state) {
    if (state === this.connectionState) return;
    this.connectionState = state;
    this.#options.onchange();
  }
}
