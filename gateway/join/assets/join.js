// The join page: times in the visitor's time zone, the countdown, waiting and being let in.
// Without this script the page shows the same information, and its form still joins.

import * as chime from "./chime.js";
import { Network } from "./network.js";
import { recall } from "./room/seat.js";
import { DecisionStream } from "./stream.js";
import { isFar, showLocalTimes, until } from "./times.js";
import { t, tn } from "./words.js";

// Where there is no file for a calendar, this page says why.
const ADDRESS = location.pathname.replace(/\/appointment\.ics$/, "");
if (ADDRESS !== location.pathname) history.replaceState(null, "", ADDRESS + location.search);
const HOPEFUL = ["TOO_EARLY", "OPEN", "WAITING_FOR_MODERATOR"];
const MILESTONES = [600, 300, 60];
const LATE = 2000; // milliseconds after which an answer that has not come is talked about
const LOST = 10_000; // and after which it is not waited for

let shown; // the decision that the page shows
let offset = 0; // milliseconds by which the server's clock is ahead of the visitor's
let asks = 0; // decisions since the page last changed
let misses = 0; // attempts in a row that came to nothing
let earliest = 0; // when a server that refused an answer wants to be asked again
let wasFar = false; // whether the page says to come back another day
let announced = Infinity; // the milestone of the countdown that was said last
let timer;
let isActing = false;
let isEntering = false;
let isInRoom = false; // from then on the page belongs to the room
let failedLoads = 0; // of the room's scripts
let isStale = false; // whether the page shows what is no longer so, whatever the decision
let devices;
let lamp; // what keeps the screen on
let untold; // what the stream said while the page was busy

const byId = (id) => document.getElementById(id);
const serverNow = () => Date.now() + offset;
const isIn = () => new URLSearchParams(location.search).has("joined");

// The query of the page once the visitor has joined; it keeps the language that was asked for.
function hasJoined() {
  const query = new URLSearchParams(location.search);
  query.set("joined", "1");
  return query;
}

function hasLeft() {
  const query = new URLSearchParams(location.search);
  query.delete("joined");
  return query;
}

const stream = new DecisionStream(`${ADDRESS}/events`, take, askSoon);
const network = new Network(byId("network"), say);

function say(text) {
  if (!isInRoom) byId("news").textContent = text; // a poll that was on its way says nothing in there
}

function secondsToOpening() {
  return Math.max(0, Math.ceil((Date.parse(shown.opens_at) - serverNow()) / 1000));
}

function tick() {
  const countdown = document.querySelector(".countdown");
  if (!countdown) return;
  const seconds = secondsToOpening();
  countdown.hidden = false;
  countdown.classList.toggle("far", isFar(seconds));
  countdown.textContent = until(serverNow(), Date.parse(shown.opens_at));
  if (wasFar && !isFar(seconds)) return void redraw().catch(() => {});
  const milestone = MILESTONES.find((mark) => seconds <= mark && seconds > mark - 2);
  if (milestone && milestone < announced) {
    announced = milestone;
    say(tn("Opens in one minute.", "Opens in {n} minutes.", milestone / 60));
  }
}

function takeOver() {
  shown = JSON.parse(byId("visit").dataset.visit);
  offset = Date.parse(shown.server_time) - Date.now();
  asks = 0;
  isStale = false;
  announced = Infinity;
  wasFar = shown.code === "TOO_EARLY" && isFar(secondsToOpening());
  showLocalTimes(byId("visit"));
  tick();
  keepScreenOn();
  chime.show(!wasFar && ["TOO_EARLY", "WAITING_FOR_MODERATOR"].includes(shown.code));
  if (!HOPEFUL.includes(shown.code) || isIn()) devices?.close();
  listen();
}

// Listens while the decision may still change, and somebody may be looking at the page.
function listen() {
  if (!HOPEFUL.includes(shown.code)) stream.close();
  else if (!document.prerendering) stream.open();
}

// Keeps the screen on, because a sleeping phone would miss the opening.
async function keepScreenOn() {
  if (shown.code !== "WAITING_FOR_MODERATOR") {
    lamp?.release();
  } else if (document.visibilityState === "visible" && (lamp?.released ?? true)) {
    lamp = await navigator.wakeLock?.request("screen").catch(() => undefined);
  }
}

// Fetches the page again and replaces its main part.
async function redraw() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" }, signal: lost() });
  if (answer.status >= 500) throw new Error("the server cannot draw the page");
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const [old, fresh] = [byId("visit"), page.getElementById("visit")];
  if (!fresh) throw new Error("somebody else answered in the server's place");
  const hadFocus = old.contains(document.activeElement);
  // Nobody knows any more whose link it was once a person is removed; this page does.
  const contact = old.querySelector(".contact");
  if (contact && !fresh.querySelector(".contact")) fresh.append(contact);
  const [before, trouble] = [shown.code, byId("trouble").textContent];
  old.replaceWith(fresh);
  document.title = page.title;
  takeOver();
  if (shown.code === before) byId("trouble").textContent = trouble;
  if (hadFocus) byId("headline").focus();
  const [headline, sentence] = [byId("headline").textContent, byId("sentence").textContent];
  say(t("{headline}. {sentence}", { headline, sentence }));
}

// Asks the server, and acts on its decision.
async function ask() {
  if (document.prerendering || isInRoom) return;
  listen();
  await act(async () => {
    const seen = await fetchDecision();
    // It should have come by the stream: the connection may have died without a word.
    if (stream.isHeard && !untold && isNews(seen)) stream.fail();
    return seen;
  });
}

// Acts on what the stream told.
async function take(seen) {
  offset = Date.parse(seen.server_time) - Date.now();
  untold = seen;
  await act(async () => seen);
}

// Ends a request that nothing will come of, where the browser can.
const lost = () => AbortSignal.timeout?.(LOST);

// Asks at once, or nearly: everybody who waits may have lost the stream at the same moment.
function askSoon(wasHeard) {
  plan();
  if (!wasHeard) return;
  clearTimeout(timer);
  timer = setTimeout(ask, 1000 * Math.random());
}

async function fetchDecision() {
  const late = setTimeout(() => network.failed(), LATE);
  try {
    return await requestDecision();
  } finally {
    clearTimeout(late);
  }
}

async function requestDecision() {
  const began = Date.now();
  const answer = await fetch(ADDRESS, { headers: { Accept: "application/json" }, signal: lost() });
  if (answer.status === 429 || answer.status >= 500) {
    earliest = Date.now() + 1000 * Number(answer.headers.get("Retry-After"));
    throw new Error("the server asks for patience");
  }
  const seen = await answer.json();
  if (!seen.code) throw new Error("somebody else answered in the server's place");
  offset = Date.parse(seen.server_time) - (began + Date.now()) / 2;
  return seen;
}

const withoutTime = (decision) => JSON.stringify({ ...decision, server_time: "" });
const isNews = (seen) => isStale || withoutTime(seen) !== withoutTime(shown);

// One at a time; what is told meanwhile is acted upon afterwards.
async function act(find) {
  if (isActing || isEntering || isInRoom) return;
  isActing = true;
  untold = undefined;
  try {
    const seen = await find();
    [asks, misses] = [asks + 1, 0];
    network.reached();
    const before = shown.code;
    if (before === "WAITING_FOR_MODERATOR" && seen.code === "OPEN") await enter();
    else if (isNews(seen)) await redraw();
    if (before === "TOO_EARLY" && shown.code === "OPEN") chime.ring();
  } catch {
    misses += 1;
    network.failed();
  } finally {
    isActing = false;
    plan();
  }
}

// Milliseconds until the next poll; null when the state is final.
function pause() {
  if (shown.code === "UNAVAILABLE" && !misses) return 5000;
  if (misses) {
    return Math.max(1000 * Math.min(30, 2 ** Math.min(misses, 5)), earliest - Date.now());
  }
  if (stream.isHeard) return beside();
  if (shown.code === "TOO_EARLY") {
    return Math.min(60_000, Math.max(1000, 250 * secondsToOpening()));
  }
  if (shown.code === "WAITING_FOR_MODERATOR") return Math.min(8000, 2000 * 1.05 ** asks);
  if (shown.code === "OPEN") return isIn() ? Math.min(10_000, 3000 * 1.1 ** asks) : 15_000;
  return null;
}

// Milliseconds until the next poll beside a stream: when the countdown has ended, or now and then.
function beside() {
  const isEarly = shown.code === "TOO_EARLY";
  return isEarly ? Math.min(60_000, 1000 * secondsToOpening() + 2000) : 60_000;
}

function plan() {
  clearTimeout(timer);
  if (isInRoom) return;
  if (untold && !isActing && !isEntering) return void take(untold);
  const wait = pause();
  // All visitors wait for the same moment, so a little jitter spreads their polls.
  if (wait !== null) timer = setTimeout(ask, wait * (0.9 + 0.2 * Math.random()));
}

function setBusy(busy) {
  isEntering = busy;
  const button = document.querySelector("button.main");
  if (!button) return;
  // Not `disabled`, because that would remove the focus from the pressed button.
  button.setAttribute("aria-disabled", busy);
  button.textContent = busy ? t("Joining …") : t("Join now");
}

async function enter() {
  if (isEntering) return;
  byId("trouble").textContent = "";
  setBusy(true);
  try {
    // After a reload the seat is still there: the room takes it again by itself.
    if (isIn() && recall(ADDRESS)) return await enterRoom({});
    const answer = await fetch(ADDRESS, {
      method: "POST", headers: { Accept: "application/json" }, signal: lost(),
    });
    if (answer.status >= 500) throw new Error("the server could not let us in");
    const joined = await answer.json();
    if (answer.ok && shown.code === "WAITING_FOR_MODERATOR") chime.ring();
    if (joined.room) return await enterRoom(joined.room);
    if (joined.address) return await leaveFor(joined.address);
    if (answer.ok) history.replaceState(null, "", `${ADDRESS}?${hasJoined()}`);
    await redraw();
    setBusy(false);
  } catch (problem) {
    if (isInRoom) throw problem;
    setBusy(false);
    byId("trouble").textContent = t("That did not work. Check your connection and try again.");
    misses += 1;
    if (isIn()) await offerAgain();
  }
  plan();
}

// A page that says "You are in" has no button: whoever is not in needs one.
async function offerAgain() {
  history.replaceState(null, "", `${ADDRESS}?${hasLeft()}`);
  isStale = true;
  await redraw().catch(() => {}); // then at the next poll that comes through
}

// Hands the page over to the room, with what was chosen in the device check.
async function enterRoom(seat) {
  const { open } = await loadRoom();
  const chosen = devices?.chosen();
  isInRoom = true;
  clearTimeout(timer);
  devices?.close();
  stream.close();
  lamp?.release();
  chime.finished().then(chime.silence);
  history.replaceState(null, "", `${ADDRESS}?${hasJoined()}`);
  const room = await open(seat, chosen);
  // Whoever has left does not want to be in again, with a camera, because a browser restores a tab.
  const left = () => room.overCode === "LEFT" && history.replaceState(null, "", `${ADDRESS}?${hasLeft()}`);
  if (room?.phase === "over") left();
  else room?.addEventListener("over", left);
}

// Some browsers remember a script that could not be loaded until the page is loaded anew: to press
// the button again would fail for ever. The new page joins by itself, and once only.
async function loadRoom() {
  try {
    return await importRoom();
  } catch (problem) {
    failedLoads += 1;
    if (failedLoads < 2) throw problem;
    await requestDecision(); // without a server, this page tells more than the browser's own
    location.replace(`${ADDRESS}?${hasJoined()}`);
    return new Promise(() => {}); // nothing more happens in this page
  }
}

// A browser that changes its network gives up whatever is on its way.
async function importRoom() {
  try {
    return await import("./room/stage.js");
  } catch {
    await new Promise((resolve) => setTimeout(resolve, 1000));
    return import("./room/stage.js");
  }
}

async function leaveFor(address) {
  devices?.close();
  await chime.finished(); // leaving would cut it off
  say(t("Taking you to the room."));
  // If the page is still here after a while, an app took over or the visitor came back: refresh.
  setTimeout(async () => {
    setBusy(false);
    await redraw().catch(() => {});
    plan();
  }, 8000);
  location.assign(address);
}

document.addEventListener("submit", (event) => {
  event.preventDefault();
  enter();
});
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState !== "visible" || isInRoom) return;
  keepScreenOn();
  ask();
});
document.addEventListener("prerenderingchange", ask);
addEventListener("offline", () => {
  if (!isInRoom) network.failed();
});
addEventListener("online", () => {
  if (isInRoom) return;
  stream.close(); // it may belong to the network before
  ask();
});
addEventListener("pagehide", () => {
  devices?.close();
  stream.close();
});
// A page that the browser kept and shows again has let go of everything, and may be hours old.
addEventListener("pageshow", (event) => event.persisted && location.reload());

chime.offer(byId("chime"));
takeOver();
setInterval(tick, 1000);
plan();

const check = byId("check");
if (check) {
  devices = await import("./devices.js");
  devices.offer(check);
  if (byId("check-connection")) (await import("./trial.js")).offer(ADDRESS);
}
if (isIn() && shown.code === "OPEN" && "room" in byId("visit").dataset) enter();
