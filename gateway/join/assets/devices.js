// The device check: the camera's picture, the microphone's level, a test tone for the speaker.
// join.js loads it if the appointment is configured for it. Nobody has to pass it to join.

import { t } from "./words.js";

const byId = (id) => document.getElementById(`check-${id}`);
const HEARD_LEVEL = 0.45;
const QUIETEST = -60; // decibels that count as silence
const NOTES = [440, 554.37, 659.25];

let section;
let stream;
let sound; // the AudioContext
let frame; // the animation frame that draws the next level
let run = 0; // raised at every start and stop: what was asked for before is not wanted any more

export function offer(element) {
  section = element;
  section.hidden = false;
  byId("start").addEventListener("click", start);
  byId("stop").addEventListener("click", stop);
  byId("tone").addEventListener("click", playTone);
  byId("camera").addEventListener("change", start);
  byId("microphone").addEventListener("change", start);
}

// Returns the ids of the chosen { camera, microphone, speaker }; empty for the usual ones.
export function chosen() {
  const ids = ["camera", "microphone", "speaker"].map((kind) => [kind, byId(kind).value]);
  return Object.fromEntries(ids);
}

// Stops all devices and removes the check from the page.
export function close() {
  stop();
  if (section) section.hidden = true;
}

function tell(text) {
  byId("news").textContent = text;
}

function letGo() {
  run += 1;
  cancelAnimationFrame(frame);
  for (const track of stream?.getTracks() ?? []) track.stop();
  stream = undefined;
  byId("video").srcObject = null;
  sound?.close();
  sound = undefined;
}

function stop() {
  if (!section) return;
  const hadFocus = byId("panel").contains(document.activeElement);
  letGo();
  byId("panel").hidden = true;
  byId("start").hidden = false;
  if (hadFocus) byId("start").focus();
  tell("");
}

async function start() {
  letGo();
  const mine = run;
  byId("blocked").hidden = true;
  tell(t("Asking your browser for camera and microphone …"));
  const { found, problem } = await open();
  if (mine !== run) {
    for (const track of found?.getTracks() ?? []) track.stop();
    return;
  }
  if (!found) return refuse(problem);
  stream = found;
  await show(mine);
}

// Opens both devices, or the only one; without a camera the microphone can still be tested.
async function open() {
  const [camera, microphone] = [wanted("camera"), wanted("microphone")];
  let problem;
  for (const devices of [
    { video: camera, audio: microphone },
    { audio: microphone },
    { video: camera },
  ]) {
    try {
      return { found: await navigator.mediaDevices.getUserMedia(devices) };
    } catch (error) {
      problem ??= error;
      if (error.name === "NotAllowedError" || error instanceof TypeError) break;
    }
  }
  return { problem };
}

function wanted(kind) {
  const id = byId(kind).value;
  return id ? { deviceId: { ideal: id } } : true;
}

function refuse(problem) {
  byId("panel").hidden = true;
  byId("start").hidden = false;
  byId("start").textContent = t("Try again");
  const isBlocked = problem?.name === "NotAllowedError";
  byId("blocked").hidden = !isBlocked;
  if (isBlocked) return tell("");
  if (!navigator.mediaDevices) return tell(t("This browser has no camera or microphone for this page."));
  if (problem?.name === "NotReadableError") {
    return tell(t("Another program is using your camera or microphone. Close it and try again."));
  }
  tell(t("No camera and no microphone was found. You can join without them."));
}

async function show(mine) {
  const [picture] = stream.getVideoTracks();
  const [voice] = stream.getAudioTracks();
  const hadFocus = document.activeElement === byId("start");
  byId("start").hidden = true;
  byId("panel").hidden = false;
  byId("video").hidden = !picture;
  byId("video").srcObject = picture ? stream : null;
  if (hadFocus) byId("tone").focus();
  await listDevices(picture, voice);
  if (mine !== run) return;
  tell(words(picture, voice));
  for (const track of stream.getTracks()) {
    track.addEventListener("ended", () => tell(t("A device was unplugged or switched off.")));
  }
  if (voice) listen();
}

function words(picture, voice) {
  if (!picture) return t("No camera was found: you can join with your voice alone.");
  if (!voice) return t("No microphone was found: others will see you, but not hear you.");
  return t("Your camera works. Say something, and watch the bar move.");
}

async function listDevices(picture, voice) {
  const all = await navigator.mediaDevices.enumerateDevices();
  fill("camera", all, "videoinput", picture?.getSettings().deviceId);
  fill("microphone", all, "audioinput", voice?.getSettings().deviceId);
  const canChoose = "setSinkId" in AudioContext.prototype;
  const speakers = fill("speaker", all, "audiooutput", byId("speaker").value);
  byId("speakers").hidden = !canChoose || speakers === 0;
}

function fill(kind, all, type, current) {
  const found = all.filter((device) => device.kind === type && device.deviceId);
  const options = found.map((device, place) => {
    const name = device.label || unnamed(kind, place + 1);
    return new Option(name, device.deviceId, false, device.deviceId === current);
  });
  byId(kind).replaceChildren(...options);
  byId(kind).disabled = found.length === 0;
  return found.length;
}

function unnamed(kind, number) {
  if (kind === "camera") return t("Camera {number}", { number });
  if (kind === "microphone") return t("Microphone {number}", { number });
  return t("Loudspeaker {number}", { number });
}

function listen() {
  const meter = byId("level");
  const analyser = context().createAnalyser();
  context().resume();
  context().createMediaStreamSource(stream).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  let wasHeard = false;
  const draw = () => {
    analyser.getFloatTimeDomainData(samples);
    const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
    const decibels = 10 * Math.log10(power + 1e-9);
    const level = Math.min(1, Math.max(0, 1 - decibels / QUIETEST));
    // Rises at once and falls slowly, so that even a short word is visible.
    meter.value = Math.max(level, meter.value * 0.93);
    if (!wasHeard && level > HEARD_LEVEL) {
      wasHeard = true;
      tell(t("Your microphone hears you."));
    }
    frame = requestAnimationFrame(draw);
  };
  draw();
}

function context() {
  sound ??= new AudioContext();
  return sound;
}

async function playTone() {
  const speaker = byId("speaker").value;
  const player = context();
  try {
    await player.resume();
    if (speaker && "setSinkId" in player) await player.setSinkId(speaker);
  } catch {
    tell(t("This loudspeaker cannot be chosen: the tone comes from your usual one."));
  }
  const volume = player.createGain();
  volume.connect(player.destination);
  const begin = player.currentTime + 0.05;
  NOTES.forEach((pitch, place) => ring(player, volume, pitch, begin + place * 0.22));
  volume.gain.value = 0.2;
  tell(t("You should hear three notes. If not, turn up the sound or choose another loudspeaker."));
}

function ring(player, volume, pitch, at) {
  const note = player.createOscillator();
  const envelope = player.createGain();
  note.frequency.value = pitch;
  envelope.gain.setValueAtTime(0, at);
  envelope.gain.linearRampToValueAtTime(1, at + 0.03);
  envelope.gain.exponentialRampToValueAtTime(0.001, at + 0.5);
  note.connect(envelope).connect(volume);
  note.start(at);
  note.stop(at + 0.5);
}
