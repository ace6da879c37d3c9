// Tries the connection before joining: whether others can be reached directly, and whether the relay
// helps where they cannot. Nobody else takes part.

const GATHERING = 6000; // a server that says nothing is asked again for half a minute by browsers
const RELAYING = 10_000;
const UNREACHED = 701;

// Resolves to { direct, relayNeeded, relayWorks }, each true, false, or null where the servers that
// are configured cannot tell; never throws.
export async function checkConnection(iceServers) {
  if (!("RTCPeerConnection" in window)) return { direct: false, relayNeeded: null, relayWorks: null };
  const [direct, relayWorks] = await Promise.all([
    isDirect(addressedBy(iceServers, /^(stun|turn):(?!.*transport=tcp)/)).catch(() => null),
    relays(addressedBy(iceServers, /^turns?:/)).catch(() => false),
  ]);
  return { direct, relayNeeded: direct === null ? null : !direct, relayWorks };
}

// The servers, with only those of their addresses that look like this.
function addressedBy(servers, pattern) {
  const some = servers.map((server) => ({
    ...server, urls: [server.urls].flat().filter((url) => pattern.test(url)),
  }));
  return some.filter(({ urls }) => urls.length);
}

async function isDirect(servers) {
  if (!servers.length) return null;
  const { candidates, isComplete, hasFailed } = await gather(servers);
  if (!candidates.some(({ protocol }) => protocol === "udp")) return false;
  const mapped = candidates.filter(({ type }) => type === "srflx");
  if (mapped.length) return !isMappedByDestination(mapped);
  // Either the address is not translated, which is as good as can be, or nobody has answered.
  return isComplete && !hasFailed;
}

// Whether servers at different places see different ports of the same socket: then peers would, too.
function isMappedByDestination(candidates) {
  const ports = new Map();
  for (const { relatedAddress, relatedPort, address, port } of candidates) {
    const socket = `${relatedAddress} ${relatedPort} ${address}`;
    ports.set(socket, (ports.get(socket) ?? new Set()).add(port));
  }
  return [...ports.entries()].some(([, seen]) => seen.size > 1);
}

// The candidates that a connection with these servers finds, and whether all of them answered.
async function gather(iceServers) {
  const connection = new RTCPeerConnection({ iceServers });
  const candidates = [];
  let [isComplete, hasFailed] = [false, false];
  try {
    await new Promise((resolve, reject) => {
      setTimeout(resolve, GATHERING);
      connection.onicecandidate = ({ candidate }) => candidate?.candidate && candidates.push(candidate);
      connection.onicecandidateerror = ({ errorCode }) => {
        hasFailed ||= errorCode === UNREACHED; // others are answers
      };
      connection.onicegatheringstatechange = () => {
        isComplete = connection.iceGatheringState === "complete";
        if (isComplete) resolve();
      };
      connection.createDataChannel("");
      connection.setLocalDescription().catch(reject);
    });
  } finally {
    connection.close();
  }
  return { candidates, isComplete, hasFailed };
}

// Whether two connections of this page reach each other through the relay alone.
async function relays(iceServers) {
  if (!iceServers.length) return null;
  const configuration = { iceServers, iceTransportPolicy: "relay" };
  const [one, two] = [new RTCPeerConnection(configuration), new RTCPeerConnection(configuration)];
  try {
    const opened = new Promise((resolve) => {
      setTimeout(() => resolve(false), RELAYING);
      two.onicegatheringstatechange = () => {
        const isVain = two.iceGatheringState === "complete" && !/a=candidate/.test(two.localDescription.sdp);
        if (isVain) resolve(false);
      };
      one.createDataChannel("").onopen = () => resolve(true);
    });
    introduce(one, two);
    introduce(two, one);
    await one.setLocalDescription();
    await two.setRemoteDescription(one.localDescription);
    await two.setLocalDescription();
    await one.setRemoteDescription(two.localDescription);
    return await opened;
  } finally {
    one.close();
    two.close();
  }
}

function introduce(from, to) {
  const waiting = [];
  from.onicecandidate = ({ candidate }) => {
    if (!candidate) return;
    if (to.remoteDescription) to.addIceCandidate(candidate).catch(() => {});
    else waiting.push(candidate);
  };
  to.addEventListener("signalingstatechange", () => {
    while (to.remoteDescription && waiting.length) to.addIceCandidate(waiting.shift()).catch(() => {});
  });
}
