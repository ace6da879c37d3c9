// Runs in a page before its own scripts, and observes from outside what crosses the browser's edge:
// peer connections and sockets. The product needs no hook for it. `observed` tells a test.

(() => {
  const connections = [];
  const sockets = [];
  const observed = { relayOnly: false, heard: [], said: [], rollbacks: 0, offers: 0 };

  class Connection extends RTCPeerConnection {
    constructor(configuration) {
      super(restricted(configuration));
      connections.push(this);
    }

    setConfiguration(configuration) {
      return super.setConfiguration(restricted(configuration));
    }

    setRemoteDescription(description) {
      if (description?.type === "offer") observed.offers += 1;
      // An offer that meets one's own: the polite side takes its own back.
      if (description?.type === "offer" && this.signalingState === "have-local-offer") {
        observed.rollbacks += 1;
      }
      return super.setRemoteDescription(description);
    }
  }

  class Socket extends WebSocket {
    constructor(...address) {
      super(...address);
      sockets.push(this);
      this.addEventListener("message", (event) => keep(observed.heard, event.data));
    }

    send(data) {
      keep(observed.said, data);
      super.send(data);
    }
  }

  function keep(list, data) {
    try {
      list.push({ at: Date.now(), ...JSON.parse(data) });
    } catch {
      list.push({ at: Date.now(), type: "no JSON" });
    }
  }

  function restricted(configuration) {
    return observed.relayOnly ? { ...configuration, iceTransportPolicy: "relay" } : configuration;
  }

  // Both ends of a link know the pair of these names, and nobody else does.
  const fragment = (description) => /a=ice-ufrag:(\S+)/.exec(description?.sdp ?? "")?.[1] ?? "";

  function pairOf(stats) {
    const transport = [...stats.values()].find((each) => each.type === "transport");
    const pair = stats.get(transport?.selectedCandidatePairId);
    if (!pair) return null;
    const [local, remote] = [stats.get(pair.localCandidateId), stats.get(pair.remoteCandidateId)];
    return { local: local?.candidateType, remote: remote?.candidateType };
  }

  async function describe(connection) {
    const stats = await connection.getStats();
    const all = [...stats.values()];
    const inbound = all.filter((each) => each.type === "inbound-rtp");
    const sum = (kind, name) =>
      inbound.filter((each) => each.kind === kind).reduce((total, each) => total + (each[name] ?? 0), 0);
    return {
      id: connections.indexOf(connection),
      local: fragment(connection.localDescription),
      remote: fragment(connection.remoteDescription),
      state: connection.connectionState,
      signaling: connection.signalingState,
      decoded: sum("video", "framesDecoded"),
      samples: sum("audio", "totalSamplesReceived"),
      bytes: sum("video", "bytesReceived"),
      videos: inbound
        .filter((each) => each.kind === "video")
        .map((each) => ({ mid: each.mid, decoded: each.framesDecoded ?? 0, height: each.frameHeight ?? 0 })),
      sent: all
        .filter((each) => each.type === "outbound-rtp" && each.kind === "video")
        .map((each) => ({ mid: each.mid, height: each.frameHeight ?? 0, fps: each.framesPerSecond ?? 0 })),
      pair: pairOf(stats),
    };
  }

  observed.links = () =>
    Promise.all(connections.filter((each) => each.connectionState !== "closed").map(describe));
  observed.connections = () => connections.filter((each) => each.connectionState !== "closed");
  observed.made = () => connections.length;
  observed.sockets = () => sockets.filter((each) => each.readyState <= WebSocket.OPEN).length;
  observed.say = (message) => sockets.at(-1).send(JSON.stringify(message));
  // What the browser asks for when a network changes: an offer, of every link at once.
  observed.restart = () => observed.connections().forEach((each) => each.restartIce());

  window.observed = observed;
  window.RTCPeerConnection = Connection;
  window.WebSocket = Socket;
})();
