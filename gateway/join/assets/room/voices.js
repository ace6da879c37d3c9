// Plays the voices of the others: an audio element for each person, which is in no page.

const TRIES = 3; // in a row: a system that pauses a voice again and again has its reasons
const PAUSE = 1000; // milliseconds before each
const CALM = 10_000; // milliseconds after which a row of tries is over

export class Voices {
  isBlocked = false; // the browser plays nothing before a click
  #players = new Map();
  #speaker = "";
  #onchange;
  #tries = 0;
  #latest = -Infinity; // when the last of them was
  #timer = null;

  constructor(onchange) {
    this.#onchange = onchange;
    document.addEventListener("visibilitychange", this.#back);
    addEventListener("focus", this.#back);
  }

  play(seat, track) {
    const player = this.#players.get(seat) ?? this.#add(seat);
    if (player.srcObject?.getAudioTracks()[0] === track) return;
    player.srcObject = new MediaStream([track]);
    this.#start(player);
  }

  stop(seat) {
    const player = this.#players.get(seat);
    this.#players.delete(seat);
    if (player) player.srcObject = null;
  }

  // Plays all that were blocked; call it in the handler of a click.
  async start() {
    this.#block(false);
    await Promise.all([...this.#players.values()].map((player) => this.#start(player)));
  }

  // Resolves to whether the loudspeaker could be chosen; "" is the usual one.
  async choose(speaker) {
    try {
      await Promise.all([...this.#players.values()].map((player) => player.setSinkId?.(speaker)));
    } catch {
      return false;
    }
    this.#speaker = speaker;
    return true;
  }

  close() {
    document.removeEventListener("visibilitychange", this.#back);
    removeEventListener("focus", this.#back);
    clearTimeout(this.#timer);
    for (const seat of this.#players.keys()) this.stop(seat);
  }

  #add(seat) {
    const player = new Audio();
    player.autoplay = true;
    player.addEventListener("pause", () => this.#players.get(seat) === player && this.#again());
    if (this.#speaker) player.setSinkId?.(this.#speaker).catch(() => {});
    this.#players.set(seat, player);
    return player;
  }

  // Somebody is back at the page, after a call or from the lock screen: phones pause what plays.
  #back = () => {
    if (document.visibilityState !== "visible") return;
    this.#tries = 0;
    this.#resume();
  };

  // The system paused a voice, or all of them; nobody else ever does.
  #again() {
    if (this.#timer !== null) return;
    if (performance.now() - this.#latest > CALM) this.#tries = 0;
    if (this.#tries >= TRIES) return;
    this.#tries += 1;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#latest = performance.now();
      this.#resume();
    }, PAUSE);
  }

  // What the browser blocks waits for a click.
  #resume() {
    if (this.isBlocked) return;
    for (const player of this.#players.values()) if (player.paused) this.#start(player);
  }

  async #start(player) {
    try {
      await player.play();
    } catch (problem) {
      if (problem.name === "NotAllowedError") this.#block(true);
    }
  }

  #block(isBlocked) {
    if (isBlocked === this.isBlocked) return;
    this.isBlocked = isBlocked;
    this.#onchange();
  }
}
