// One RTCPeerConnection, negotiated as the example of "perfect negotiation" in W3C's webrtc-pc does it.

const KINDS = ["audio", "video", "video"]; // voice, camera and screen: what they are is told by order

export class Negotiation {
  isPolite;
  #send;
  #stream = new MediaStream(); // its name alone is sent: who shares it is played in step
  #isMakingOffer = false;
  #ignoresOffer = false;
  #isSettingAnswer = false;
  #offers = 0; // of the other side

  // `send` is called with each description and candidate for the other side.
  constructor(configuration, isPolite, send) {
    this.isPolite = isPolite;
    this.#send = send;
    this.connection = new RTCPeerConnection(configuration);
    this.connection.onnegotiationneeded = () => this.#offer();
    this.connection.onicecandidate = ({ candidate }) => {
      if (candidate && isOfUse(candidate)) this.#send({ candidate });
    };
  }

  // Makes the first offer: the other side has no transceivers before it has heard of these.
  begin() {
    for (const [place, kind] of KINDS.entries()) {
      const streams = place < 2 ? [this.#stream] : [];
      this.connection.addTransceiver(kind, { direction: "sendrecv", streams });
    }
  }

  // The transceivers of voice, camera and screen; none before the first offer.
  get transceivers() {
    return this.connection.getTransceivers().slice(0, KINDS.length);
  }

  get isClosed() {
    return this.connection.signalingState === "closed";
  }

  // Whether an offer is made, or on its way, that nobody has answered.
  get hasOffered() {
    const { signalingState, remoteDescription } = this.connection;
    // The first one is made a moment after its transceivers.
    const isFirst = this.transceivers.length > 0 && !remoteDescription;
    return isFirst || this.#isMakingOffer || signalingState === "have-local-offer";
  }

  // Sends an offer again that may have been lost.
  repeat() {
    if (this.connection.signalingState !== "have-local-offer") return;
    this.#send({ description: this.connection.localDescription });
  }

  // Takes an offer or an answer; calls `prepare` before an offer is answered.
  async describe(description, prepare) {
    const { connection } = this;
    const isReady =
      !this.#isMakingOffer && (connection.signalingState === "stable" || this.#isSettingAnswer);
    this.#ignoresOffer = !this.isPolite && description.type === "offer" && !isReady;
    if (this.#ignoresOffer) return;
    // The answer to an offer that was sent twice comes twice, perhaps at once.
    const isAnswer = description.type === "answer";
    if (isAnswer && (this.#isSettingAnswer || connection.signalingState === "stable")) return;
    // Ours have no more; each would cost memory and a decoder.
    if (description.sdp.split("\nm=").length - 1 > KINDS.length) throw new Error("too many media");
    this.#isSettingAnswer = isAnswer;
    const number = description.type === "offer" && (this.#offers += 1);
    try {
      await connection.setRemoteDescription(description); // rolls an own offer back
    } finally {
      this.#isSettingAnswer = false;
    }
    if (number) await this.#answer(prepare, number);
  }

  // One that belongs to nothing is no harm: it was of an offer that was not taken, or of a connection
  // that is over. If a way is missing without it, the connection fails and is mended then.
  async addCandidate(candidate) {
    try {
      await this.connection.addIceCandidate(candidate);
    } catch (problem) {
      if (!this.#ignoresOffer) console.info("A candidate is of no use:", problem.message);
    }
  }

  close() {
    const { connection } = this;
    connection.onnegotiationneeded = connection.onicecandidate = null;
    connection.onconnectionstatechange = null;
    connection.close();
  }

  async #offer() {
    try {
      this.#isMakingOffer = true;
      await this.connection.setLocalDescription();
      this.#send({ description: this.connection.localDescription });
    } catch (problem) {
      if (!this.isClosed) throw problem;
    } finally {
      this.#isMakingOffer = false;
    }
  }

  async #answer(prepare, number) {
    for (const [place, transceiver] of this.transceivers.entries()) {
      if (transceiver.direction === "sendrecv") continue;
      transceiver.direction = "sendrecv";
      if (place < 2) transceiver.sender.setStreams?.(this.#stream);
    }
    await prepare();
    // Of offers that come at once the last is answered: a second answer would be an offer of our own.
    if (number !== this.#offers) return;
    await this.connection.setLocalDescription();
    this.#send({ description: this.connection.localDescription });
  }
}

// Over TCP a browser may only call, and nobody who only calls as well can be met (RFC 6544): most
// browsers gather as many of these as of the others.
const isOfUse = ({ tcpType }) => tcpType !== "active";
