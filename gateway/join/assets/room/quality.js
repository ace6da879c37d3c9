// How much is sent: everybody encodes for everybody else, so from four people on each gets less.

const CAMERA = [
  { upTo: 2, height: 720, frameRate: 30, bitrate: 1_700_000 },
  { upTo: 3, height: 720, frameRate: 24, bitrate: 1_000_000 },
  { upTo: 4, height: 360, frameRate: 20, bitrate: 500_000 },
  { upTo: Infinity, height: 270, frameRate: 15, bitrate: 300_000 },
];
// Letters have to stay legible, so a screen loses pictures per second before it loses pixels.
const SCREEN = [
  { upTo: 3, height: 1080, frameRate: 15, bitrate: 2_000_000 },
  { upTo: Infinity, height: 1080, frameRate: 6, bitrate: 900_000 },
];

const fitting = (budgets, people) => budgets.find(({ upTo }) => people <= upTo);

// Returns { camera, screen } for a room with so many people in it.
export function budgets(people) {
  return { camera: fitting(CAMERA, people), screen: fitting(SCREEN, people) };
}

// What to ask a camera for.
export function wantedPicture({ height, frameRate }) {
  return {
    width: { ideal: Math.round((height * 16) / 9) },
    height: { ideal: height },
    frameRate: { ideal: frameRate, max: frameRate },
  };
}

// Has a camera record what the budget sends; cameras that cannot are scaled down by `limit`.
export async function adapt(track, budget) {
  const { deviceId, facingMode } = track.getConstraints();
  const kept = { ...(deviceId && { deviceId }), ...(facingMode && { facingMode }) };
  await track.applyConstraints({ ...kept, ...wantedPicture(budget) }).catch(() => {});
}

const known = new WeakMap(); // sender → its limits: to ask the browser for them keeps the page waiting

// Keeps a sender within its budget; one that sends nothing gets its limits with its track.
export async function limit(sender, { height, frameRate, bitrate }) {
  if (!sender.track) return;
  const scale = Math.max(1, shortSide(sender.track) / height);
  const isScreen = sender.track.contentHint === "detail";
  const limits = [scale, frameRate, bitrate, isScreen].join(" ");
  if (known.get(sender) === limits) return;
  const parameters = sender.getParameters();
  if (!parameters.encodings?.length) return;
  for (const encoding of parameters.encodings) {
    encoding.maxBitrate = bitrate;
    encoding.maxFramerate = frameRate;
    encoding.scaleResolutionDownBy = scale;
  }
  parameters.degradationPreference = isScreen ? "maintain-resolution" : "balanced";
  known.set(sender, limits);
  // Between two changes of the same sender a browser may refuse one: the next change repeats it.
  await sender.setParameters(parameters).catch(() => known.delete(sender));
}

// Of a picture that may stand upright, as those of phones do.
function shortSide(track) {
  const { width, height } = track.getSettings();
  return Math.min(width ?? 0, height ?? 0);
}
