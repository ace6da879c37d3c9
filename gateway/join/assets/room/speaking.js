// Who speaks: the levels that come with the voices of the others, and the own one measured here.

const EVERY = 230; // milliseconds; no part of a second, or what repeats every second may be missed
const LOUD = 0.02; // of 1; a quiet voice is at about 0.03
const HOLD = 900; // milliseconds that a pause between words may last

export class Speaking {
  #heard = new Map(); // seat → when it was loud last
  #timer;
  #told;
  #levels;
  #sound;
  #analyser;
  #source;
  #samples;

  // `levels()` returns [seat, level] of everybody; `told(seat, isSpeaking)` is called at changes.
  constructor(levels, told) {
    this.#levels = levels;
    this.#told = told;
    this.#timer = setInterval(() => this.#look(), EVERY);
  }

  // Measures this track from now on, or nothing.
  measure(track) {
    if (track === (this.#source?.mediaStream.getTracks()[0] ?? null)) return;
    this.#source?.disconnect();
    this.#source = this.#analyser = undefined;
    if (!track) return;
    // It only listens: nothing of it is to be played.
    this.#sound ??= new AudioContext({ latencyHint: "playback", sinkId: { type: "none" } });
    this.#sound.resume().catch(() => {});
    try {
      this.#source = this.#sound.createMediaStreamSource(new MediaStream([track]));
    } catch {
      return; // Firefox measures no microphone of another sample rate, as headsets may have.
    }
    this.#analyser = this.#sound.createAnalyser();
    this.#samples = new Float32Array(this.#analyser.fftSize);
    this.#source.connect(this.#analyser);
  }

  // The level of the own voice, 0 to 1.
  get own() {
    if (!this.#analyser) return 0;
    this.#analyser.getFloatTimeDomainData(this.#samples);
    const power = this.#samples.reduce((sum, sample) => sum + sample * sample, 0);
    return Math.sqrt(power / this.#samples.length);
  }

  close() {
    clearInterval(this.#timer);
    this.#sound?.close();
  }

  #look() {
    const now = performance.now();
    for (const [seat, level] of this.#levels()) {
      if (level > LOUD) this.#heard.set(seat, now);
      this.#told(seat, now - (this.#heard.get(seat) ?? -Infinity) < HOLD);
    }
  }
}

// The level of what a receiver plays, 0 to 1.
export function level(receiver) {
  const [source] = receiver?.getSynchronizationSources?.() ?? [];
  const isFresh = source && performance.timeOrigin + performance.now() - source.timestamp < 1000;
  return source && (isFresh || source.timestamp < 1e12) ? (source.audioLevel ?? 0) : 0;
}
