// Two or more ends of links in one page, over a channel that delays, loses and counts.

const { Link, nextSession } = await import("/join/assets/room/link.js");

export class Wire {
  isCut = false;
  copies = 1; // how often each arrives, at once
  sent = []; // [from, what]
  texts = []; // the same as it was sent
  ends = new Map(); // "a→b" → link

  constructor(delay = 20) {
    this.delay = delay;
  }

  end(from, to, isFirst, configuration = {}) {
    const name = `${from}→${to}`;
    const link = new Link({
      isPolite: from < to,
      isFirst,
      configuration,
      session: nextSession(),
      send: (data) => this.#carry(from, to, JSON.stringify(data)),
      onchange: () => {},
      isReachable: () => !this.isCut,
    });
    this.ends.set(name, link);
    return link;
  }

  // Both ends of a link; the first one named makes the offer.
  pair(from, to) {
    return [this.end(from, to, true), this.end(to, from, false)];
  }

  close() {
    for (const link of this.ends.values()) link.close();
  }

  #carry(from, to, text) {
    const { description } = JSON.parse(text);
    this.sent.push([from, description?.type ?? "candidate"]);
    this.texts.push(text);
    if (this.isCut) return;
    setTimeout(() => {
      for (let copy = 0; copy < this.copies; copy += 1) this.ends.get(`${to}→${from}`)?.hear(JSON.parse(text));
    }, this.delay);
  }
}

export async function until(condition, what, seconds = 30) {
  const end = performance.now() + seconds * 1000;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`not within ${seconds} s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

export async function camera() {
  const wanted = { video: { width: 320, height: 240, frameRate: 10 }, audio: true };
  const stream = await navigator.mediaDevices.getUserMedia(wanted);
  return { camera: stream.getVideoTracks()[0], microphone: stream.getAudioTracks()[0] };
}

// A picture of one colour, which changes so that frames are sent.
export function screen(colour = "red") {
  const canvas = Object.assign(document.createElement("canvas"), { width: 320, height: 200 });
  const pen = canvas.getContext("2d");
  let count = 0;
  setInterval(() => {
    pen.fillStyle = colour;
    pen.fillRect(0, 0, 320, 200);
    pen.fillText(String((count += 1)), 10, 10);
  }, 100);
  return canvas.captureStream(10).getVideoTracks()[0];
}

// The statistics of what a link receives in a place.
export async function received(link, kind) {
  const receiver = link.receiver(kind);
  if (!receiver) return {};
  const found = [...(await receiver.getStats()).values()];
  return found.find(({ type }) => type === "inbound-rtp") ?? {};
}

// Waits for pictures beyond those that have come; a link that is made anew counts from its start.
export async function frames(link, kind = "camera", seconds = 30) {
  let [receiver, before] = [null, 0];
  const hasMore = async () => {
    const count = (await received(link, kind)).framesDecoded ?? 0;
    if (receiver !== link.receiver(kind)) [receiver, before] = [link.receiver(kind), receiver ? 0 : count];
    return count > before + 2;
  };
  await until(hasMore, `frames of the ${kind}`, seconds);
}

export const settled = (...links) =>
  until(
    () => links.every(({ connection: { connectionState, signalingState } }) =>
      connectionState === "connected" && signalingState === "stable"),
    "settled", 3,
  );
