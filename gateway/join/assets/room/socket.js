// The signalling connection: enters, comes back by itself to the same seat, and says when it is over.

const PING = 5000;
const SILENCE = 12_000; // pongs come every five seconds
const CONNECTING = 6000;
const GRACE = 15_000; // for so long the server keeps the seat of a lost connection
const OFFLINE = 5000;
const HOPELESS = 45_000; // without ever having been in: something between here and there forbids it
const LASTING = 20_000; // a connection that went on for so long did not fail
const AGAIN = ["RESTARTING", "SLOW_DOWN"]; // come back to the same seat
const ANEW = ["GONE", "TICKET_EXPIRED", "TICKET_USED"]; // come back with a new ticket

// Events: `message` with detail {…}, as the server sent it; `lost`, when there is no connection for
// now; `over` with detail { code, message }: for good.
export class Signalling extends EventTarget {
  isOpen = false; // seated, or waiting to be admitted
  #address;
  #renew;
  #hello;
  #socket;
  #timer;
  #pinging;
  #heardAt = 0;
  #begunAt = 0;
  #lostAt = 0;
  #failures = 0;
  #hasBegun = false;
  #isPinged = false; // and nothing was heard since
  #isAsking = false;
  #isOver = false;

  // `hello` is the first message, `enter` or `resume`; `renew()` resolves to { ticket } when that one
  // is of no use any more, or to { over, message } when there is none.
  constructor(address, hello, renew) {
    super();
    this.#address = address;
    this.#hello = hello;
    this.#renew = renew;
  }

  open() {
    addEventListener("online", this.#online);
    addEventListener("offline", this.#offline);
    this.#connect();
  }

  // Returns whether it went out; what does not is lost.
  send(message) {
    if (!this.isOpen || this.#socket.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(message));
    return true;
  }

  // Comes back to this seat from now on.
  keep(seat, key) {
    this.#hello = { type: "resume", seat, key };
  }

  close() {
    this.#isOver = true;
    removeEventListener("online", this.#online);
    removeEventListener("offline", this.#offline);
    clearTimeout(this.#timer);
    this.#drop();
  }

  async #connect() {
    if (this.#isAsking || this.#isOver) return;
    this.#isAsking = true;
    try {
      this.#hello ??= await this.#ask();
    } catch {
      return this.#lose();
    } finally {
      this.#isAsking = false;
    }
    if (this.#isOver || !this.#hello) return;
    const socket = new WebSocket(this.#address);
    this.#socket = socket;
    this.#timer = setTimeout(() => this.#lose(), CONNECTING);
    socket.onopen = () => socket.send(JSON.stringify(this.#hello));
    socket.onmessage = ({ data }) => this.#hear(JSON.parse(data));
    socket.onclose = ({ code, reason }) => this.#closed(code, reason);
  }

  async #ask() {
    const { ticket, over, message } = await this.#renew();
    if (ticket) return { type: "enter", ticket };
    this.#end(over, message);
    return null;
  }

  #hear(message) {
    this.#heardAt = Date.now();
    this.#isPinged = false;
    if (message.type === "pong") return;
    if (message.type === "over") return this.#told(message);
    if (message.type === "seated" || message.type === "waiting") this.#begin();
    this.dispatchEvent(new CustomEvent("message", { detail: message }));
  }

  #begin() {
    clearTimeout(this.#timer);
    this.isOpen = this.#hasBegun = true;
    this.#begunAt = Date.now();
    this.#lostAt = 0;
    clearInterval(this.#pinging);
    this.#pinging = setInterval(() => this.#ping(), PING);
  }

  // Hidden pages are woken once a minute: who has asked nothing cannot complain of silence.
  #ping() {
    if (this.#isPinged && Date.now() - this.#heardAt > SILENCE) return this.#lose();
    this.#isPinged = this.send({ type: "ping" });
  }

  // The last word before the server closes the connection.
  #told({ code, message }) {
    if (ANEW.includes(code)) this.#hello = null;
    else if (!AGAIN.includes(code)) return this.#end(code, message);
    this.#lose();
  }

  #closed(code, reason) {
    // A ticket is good for one attempt, and whether the server took this one is not known.
    if (this.#hello?.type === "enter") this.#hello = null;
    if (code >= 4000 && code !== 4408 && code !== 4429) return this.#end("CLOSED", reason);
    this.#lose();
  }

  #lose() {
    if (this.#isOver) return;
    if (this.#begunAt && Date.now() - this.#begunAt > LASTING) this.#failures = 0;
    this.#begunAt = 0;
    this.#drop();
    this.#lostAt ||= Date.now();
    if (!this.#hasBegun && Date.now() - this.#lostAt > HOPELESS) return this.#end("LOST", "");
    this.dispatchEvent(new Event("lost"));
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#connect(), this.#pause());
    this.#failures += 1;
  }

  // At once after a first failure; everybody comes back from a restart, so none at the same moment.
  #pause() {
    if (!navigator.onLine) return OFFLINE; // `online` comes first, unless the browser errs
    const isGrace = Date.now() - this.#lostAt < GRACE;
    const pause = Math.min(isGrace ? 2500 : 15_000, 400 * 2 ** Math.min(this.#failures, 6));
    return pause * (0.5 + Math.random());
  }

  #drop() {
    const socket = this.#socket;
    this.isOpen = false;
    this.#socket = undefined;
    clearInterval(this.#pinging);
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    if (this.#hello?.type === "enter") this.#hello = null;
    socket.close();
  }

  #end(code, message) {
    this.close();
    this.dispatchEvent(new CustomEvent("over", { detail: { code, message } }));
  }

  #online = () => {
    if (this.#socket) return;
    this.#failures = 0;
    clearTimeout(this.#timer);
    this.#connect();
  };

  // Browsers know before the connection does.
  #offline = () => this.#lose();
}
