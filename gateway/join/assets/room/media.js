// The visitor's own camera, microphone and screen.

import { adapt, wantedPicture } from "./quality.js";

const SOUND = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
const SCREEN = {
  video: { width: { max: 1920 }, height: { max: 1080 }, frameRate: { ideal: 15, max: 30 } },
  audio: false,
};
const TYPES = { cameras: "videoinput", microphones: "audioinput", speakers: "audiooutput" };

// Events: `track` with detail { kind, track } when something else is sent from now on, `devices`
// when there are others to choose from, `problem` with detail { code, kind } for what ended.
export class Media extends EventTarget {
  tracks = { microphone: null, camera: null, screen: null };
  problem = null; // what keeps a device closed, for as long as it does
  available = { cameras: [], microphones: [], speakers: [] };
  chosen;
  #facing = "user";
  #budget;
  #turn = Promise.resolve();
  #isClosed = false;

  // `chosen` is { camera, microphone, speaker }: a device id, "" for the usual one, null for none.
  constructor(chosen, budget) {
    super();
    this.chosen = { camera: "", microphone: "", speaker: "", ...chosen };
    this.#budget = budget;
  }

  // Opens what was chosen, or what there is of it; whoever has neither can still listen.
  open() {
    return this.#inTurn(async () => {
      navigator.mediaDevices?.addEventListener("devicechange", this.#list);
      const kinds = ["camera", "microphone"].filter((kind) => this.chosen[kind] !== null);
      await this.#openSome(kinds);
    });
  }

  // Switches sending on or off; resolves to whether it is on now. To mute waits for nothing, such as
  // a question of the browser that nobody has answered.
  setMicrophone(on) {
    if (!on && this.tracks.microphone) this.#mute();
    return this.#inTurn(async () => {
      const { microphone } = this.tracks;
      if (microphone) microphone.enabled = on;
      else if (on) await this.#openSome(["microphone"]);
      this.#tell("track", { kind: "microphone", track: this.tracks.microphone });
      return this.isOn("microphone");
    });
  }

  #mute() {
    const track = this.tracks.microphone;
    track.enabled = false;
    this.#tell("track", { kind: "microphone", track });
  }

  // A camera that is off is let go, so that its light goes out.
  setCamera(on) {
    return this.#inTurn(async () => {
      if (!on) this.#take("camera", null);
      else if (!this.tracks.camera) await this.#openSome(["camera"]);
      return this.isOn("camera");
    });
  }

  isOn(kind) {
    return this.tracks[kind]?.enabled ?? false;
  }

  // Chooses another camera or microphone, and goes on with the one before if it cannot be opened.
  choose(kind, id) {
    return this.#inTurn(async () => {
      const before = this.chosen[kind];
      this.chosen[kind] = id;
      if (this.tracks[kind] && !(await this.#exchange(kind))) {
        this.chosen[kind] = before;
        await this.#exchange(kind);
      }
      await this.#list();
    });
  }

  // The camera on the other side of a phone.
  flip() {
    return this.#inTurn(async () => {
      // A camera that was chosen by name may look either way.
      const now = this.tracks.camera?.getSettings().facingMode ?? this.#facing;
      this.#facing = now === "environment" ? "user" : "environment";
      this.chosen.camera = "";
      if (this.tracks.camera) await this.#exchange("camera");
      await this.#list();
    });
  }

  get canFlip() {
    return this.available.cameras.length > 1 && matchMedia("(pointer: coarse)").matches;
  }

  // Asks which screen or window to show; resolves to whether one is shown.
  async startScreen() {
    if (this.tracks.screen) return true;
    let stream;
    try {
      stream = await navigator.mediaDevices.getDisplayMedia(SCREEN);
    } catch (problem) {
      // To choose none is no failure. Systems that forbid it say so with the same name as people.
      const isRefused = problem.name === "NotAllowedError" && !/system/i.test(problem.message);
      if (!isRefused) this.#tell("problem", { code: "SCREEN_FAILED" });
      return false;
    }
    const [track] = stream.getVideoTracks();
    track.contentHint = "detail";
    this.#take("screen", this.#isClosed ? (track.stop(), null) : track);
    return this.isOn("screen");
  }

  stopScreen() {
    this.#take("screen", null);
  }

  // Has the camera record no more than is sent.
  async limit(budget) {
    const isSame = budget.height === this.#budget.height && budget.frameRate === this.#budget.frameRate;
    this.#budget = budget;
    if (!isSame && this.tracks.camera) await adapt(this.tracks.camera, budget);
  }

  close() {
    this.#isClosed = true;
    navigator.mediaDevices?.removeEventListener("devicechange", this.#list);
    for (const track of Object.values(this.tracks)) track?.stop();
    this.tracks = { microphone: null, camera: null, screen: null };
  }

  // Opens the devices together, so that the browser asks once, or else one by one.
  async #openSome(kinds) {
    if (!kinds.length) return void (await this.#list());
    if (!navigator.mediaDevices) return this.#trouble(isSecureContext ? "NO_DEVICES" : "INSECURE");
    let first;
    for (const some of kinds.length > 1 ? [kinds, ["microphone"], ["camera"]] : [kinds]) {
      if (some.every((kind) => this.tracks[kind])) continue;
      const refusal = await this.#request(some);
      first ??= refusal;
      if (!refusal && some.length === kinds.length) break;
      if (refusal?.name === "NotAllowedError" && !(await isGranted(kinds))) break;
    }
    this.#judge(kinds, first);
    await this.#list();
  }

  // Resolves to the error that kept the devices closed, if any. What takes the place of something that
  // is muted is muted from the first moment.
  async #request(kinds, isOn = (kind) => this.tracks[kind]?.enabled ?? true) {
    const wanted = {};
    if (kinds.includes("camera")) wanted.video = this.#wanted("camera");
    if (kinds.includes("microphone")) wanted.audio = this.#wanted("microphone");
    try {
      const stream = await navigator.mediaDevices.getUserMedia(wanted);
      for (const track of stream.getTracks()) {
        const kind = track.kind === "video" ? "camera" : "microphone";
        track.enabled = isOn(kind);
        this.#take(kind, track);
      }
    } catch (problem) {
      return problem;
    }
  }

  #wanted(kind) {
    const id = this.chosen[kind];
    const device = id ? { deviceId: { ideal: id } } : {};
    if (kind === "microphone") return { ...SOUND, ...device };
    const facing = id ? {} : { facingMode: { ideal: this.#facing } };
    return { ...wantedPicture(this.#budget), ...device, ...facing };
  }

  // Phones open the second camera only when the first is closed.
  async #exchange(kind) {
    this.tracks[kind]?.stop();
    if (await this.#request([kind])) {
      this.#take(kind, null);
      this.#trouble("IN_USE");
      return false;
    }
    return true;
  }

  #take(kind, track) {
    if (this.#isClosed) return void track?.stop();
    if (this.tracks[kind] !== track) this.tracks[kind]?.stop();
    this.tracks[kind] = track;
    track?.addEventListener("ended", () => this.#ended(kind, track));
    this.#tell("track", { kind, track });
  }

  // The browser ended it: unplugged, or its own button for stopping was used. A microphone is
  // replaced by the usual one; another camera might show what nobody is meant to see.
  async #ended(kind, track) {
    if (this.tracks[kind] !== track) return;
    this.#take(kind, null);
    if (kind === "screen") return;
    this.#tell("problem", { code: "DEVICE_ENDED", kind });
    if (kind !== "microphone") return;
    await this.#inTurn(async () => {
      this.chosen.microphone = "";
      if (!this.tracks.microphone) await this.#request(["microphone"], () => track.enabled);
    });
  }

  #judge(kinds, refusal) {
    const missing = kinds.filter((kind) => !this.tracks[kind]);
    if (!missing.length) return this.#trouble(null);
    if (refusal?.name === "NotAllowedError") return this.#trouble("BLOCKED");
    if (refusal?.name === "NotReadableError" || refusal?.name === "AbortError") return this.#trouble("IN_USE");
    const hasOther = this.tracks.camera || this.tracks.microphone;
    if (!hasOther) return this.#trouble("NO_DEVICES");
    this.#trouble(missing[0] === "camera" ? "NO_CAMERA" : "NO_MICROPHONE");
  }

  #trouble(code) {
    this.problem = code && { code };
    this.#tell("devices");
  }

  #list = async () => {
    const all = (await navigator.mediaDevices?.enumerateDevices().catch(() => [])) ?? [];
    for (const [name, type] of Object.entries(TYPES)) {
      this.available[name] = all
        .filter((device) => device.kind === type)
        .map(({ deviceId, label }) => ({ id: deviceId, label }));
    }
    for (const kind of ["camera", "microphone"]) {
      this.chosen[kind] = this.tracks[kind]?.getSettings().deviceId ?? this.chosen[kind];
    }
    this.#tell("devices");
  };

  // One change at a time: a second click waits for the first.
  #inTurn(act) {
    this.#turn = this.#turn.then(act, act);
    return this.#turn;
  }

  #tell(name, detail) {
    if (!this.#isClosed) this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

// Whether one of the devices is allowed already: to ask again for the other would annoy.
async function isGranted(kinds) {
  const asked = kinds.map((name) => navigator.permissions?.query({ name }).catch(() => null));
  return (await Promise.all(asked)).some((permission) => permission?.state === "granted");
}
