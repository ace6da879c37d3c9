// Hears from the server when the decision changes, as long as that works; the page polls otherwise.

const PATIENCE = 10_000; // for the first decision: a proxy may hold the stream back
const LASTING = 30_000; // a stream that went on for so long did not fail
const SHORTEST = 2000;
const LONGEST = 60_000;

export class DecisionStream {
  isHeard = false; // whether decisions come this way just now
  #address;
  #told;
  #lost;
  #source;
  #timer;
  #opened = 0;
  #failures = 0;

  // `told` is called with each decision, `lost` when none will come for a while; it hears whether
  // decisions had come that way until then.
  constructor(address, told, lost) {
    this.#address = address;
    this.#told = told;
    this.#lost = lost;
  }

  // Opens the stream, unless it is open or waits for its next attempt.
  open() {
    if (this.#source || this.#timer || !("EventSource" in window)) return;
    this.#opened = Date.now();
    this.#source = new EventSource(this.#address);
    this.#source.onmessage = ({ data }) => this.#hear(data);
    this.#source.onerror = () => this.fail();
    this.#timer = setTimeout(() => this.fail(), PATIENCE);
  }

  close() {
    clearTimeout(this.#timer);
    this.#source?.close();
    this.#timer = this.#source = undefined;
    this.isHeard = false;
  }

  // Closes the stream and tries again later. By themselves browsers would come back at once, all
  // of them, and never again after an answer like 429.
  fail() {
    const lasted = Date.now() - this.#opened;
    const wasHeard = this.isHeard;
    this.close();
    this.#failures = lasted > LASTING ? 1 : this.#failures + 1;
    const pause = Math.min(LONGEST, SHORTEST * 2 ** (this.#failures - 1));
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.open();
    }, pause * (0.5 + Math.random()));
    this.#lost(wasHeard);
  }

  #hear(data) {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.isHeard = true;
    this.#told(JSON.parse(data));
  }
}
