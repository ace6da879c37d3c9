// Plays the voices of the others: an audio element for each person, which is in no page.

export class Voices {
  isBlocked = false; // the browser plays nothing before a click
  #players = new Map();
  #speaker = "";
  #onchange;

  constructor(onchange) {
    this.#onchange = onchange;
  }

  play(seat, track) {
    const player = this.#players.get(seat) ?? this.#add(seat);
    if (player.srcObject?.getAudioTracks()[0] === track) return;
    player.srcObject = new MediaStream([track]);
    this.#start(player);
  }

  stop(seat) {
    const player = this.#players.get(seat);
    if (player) player.srcObject = null;
    this.#players.delete(seat);
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
    for (const seat of this.#players.keys()) this.stop(seat);
  }

  #add(seat) {
    const player = new Audio();
    player.autoplay = true;
    if (this.#speaker) player.setSinkId?.(this.#speaker).catch(() => {});
    this.#players.set(seat, player);
    return player;
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
