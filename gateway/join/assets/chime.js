// A sound for the moment when the visitor can come in. Browsers play nothing before somebody has
// done something on the page: switching the sound on is that, and lets it be heard once.

const NOTES = [659.25, 987.77]; // hertz
const APART = 0.18; // seconds
const VOLUME = 0.25;
const LASTS = 900; // milliseconds

let element; // the switch with its label
let player; // the AudioContext, while the switch is on
let end = 0; // when the sound that was played last has ended

export function offer(label) {
  if (!label || !("AudioContext" in window)) return;
  element = label;
  element.querySelector("input").addEventListener("change", ({ target }) => {
    if (target.checked) ring();
    else silence();
  });
}

// Shows the switch while there is something to wait for.
export function show(isWaiting) {
  if (element) element.hidden = !isWaiting;
}

const isOn = () => Boolean(element?.querySelector("input").checked);

// Resolves when the sound has been heard, if there is one.
export const finished = () => new Promise((go) => setTimeout(go, Math.max(0, end - Date.now())));

// Plays the sound, if it is switched on.
export async function ring() {
  if (!isOn()) return;
  end = Date.now() + LASTS;
  player ??= new AudioContext();
  await player.resume().catch(() => {}); // Phones stop players of pages that nobody looks at.
  const begin = player.currentTime + 0.05;
  NOTES.forEach((pitch, place) => strike(pitch, begin + place * APART));
}

// Lets the loudspeaker go.
export function silence() {
  player?.close();
  player = undefined;
}

function strike(pitch, at) {
  const note = player.createOscillator();
  const envelope = player.createGain();
  note.frequency.value = pitch;
  envelope.gain.setValueAtTime(0, at);
  envelope.gain.linearRampToValueAtTime(VOLUME, at + 0.02);
  envelope.gain.exponentialRampToValueAtTime(0.001, at + 0.6);
  note.connect(envelope).connect(player.destination);
  note.start(at);
  note.stop(at + 0.6);
}
