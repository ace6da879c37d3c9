// Days and times in the visitor's time zone, written as the language of the page does.

import { locale, t } from "./words.js";

const DAY = 86_400; // seconds
// The choice between 3 pm and 15:00 is the visitor's, in whatever language the page is.
const { hourCycle, timeZone } = new Intl.DateTimeFormat(navigator.language, {
  hour: "numeric",
}).resolvedOptions();
const clock = {
  hour: hourCycle.startsWith("h2") ? "2-digit" : "numeric", minute: "2-digit", hourCycle,
};
const shortDay = { weekday: "short", day: "numeric", month: "short" };
const asDay = new Intl.DateTimeFormat(locale, { dateStyle: "full" });
const asTime = new Intl.DateTimeFormat(locale, clock);
const asDayAndTime = new Intl.DateTimeFormat(locale, { ...shortDay, ...clock });
const asZone = new Intl.DateTimeFormat(locale, { timeZoneName: "long" });
const asDays = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
const asDigits = (least) =>
  new Intl.NumberFormat(locale, { minimumIntegerDigits: least, useGrouping: false });
const [asOne, asTwo] = [asDigits(1), asDigits(2)];

// Rewrites all times below `root`, and the name of the zone.
export function showLocalTimes(root) {
  const elements = [...root.querySelectorAll("time")];
  const offsets = elements.map((each) => offsetOf(new Date(each.dateTime)));
  const isMoved = new Set(offsets).size > 1;
  for (const element of elements) element.textContent = written(element, isMoved);
  const zone = root.querySelector("#zone");
  const span = [...root.querySelectorAll(".when time")].map((each) => new Date(each.dateTime));
  if (zone) showZone(zone, span[0], span.at(-1));
}

function written(element, isMoved) {
  const instant = new Date(element.dateTime);
  if (element.dataset.show === "day") return asDay.format(instant);
  const near = new Date(element.dataset.near ?? instant);
  const isNear = asDay.format(instant) === asDay.format(near);
  const time = (isNear ? asTime : asDayAndTime).format(instant);
  // Where the clocks change, an hour may read "1:45 to 1:45".
  return isMoved ? t("{time} ({offset})", { time, offset: offsetName(instant) }) : time;
}

function showZone(element, start, end) {
  const isMoved = offsetOf(start) !== offsetOf(end);
  element.classList.toggle("moved", isMoved);
  element.textContent = isMoved
    ? t("Your time. The clocks change during the appointment, from {first} to {second}.", {
        first: zoneName(start), second: zoneName(end),
      })
    : t("Your time: {zone}", { zone: zoneName(start) });
}

// Such as "Central European Summer Time (UTC+2)"; the place where the zone has no name.
function zoneName(instant) {
  const parts = asZone.formatToParts(instant);
  const name = parts.find((part) => part.type === "timeZoneName")?.value ?? "";
  const place = timeZone.split("/").at(-1).replaceAll("_", " ");
  const zone = name && !/\p{Nd}/u.test(name) ? name : place;
  return t("{zone} ({offset})", { zone, offset: offsetName(instant) });
}

const offsetOf = (instant) => -instant.getTimezoneOffset(); // minutes

function offsetName(instant) {
  const minutes = offsetOf(instant);
  if (!minutes) return "UTC";
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
  return `UTC${minutes > 0 ? "+" : "−"}${hours}${rest ? `:${String(rest).padStart(2, "0")}` : ""}`;
}

// Whether there is more time than anybody keeps a page open for.
export const isFar = (seconds) => seconds > DAY;

// Returns how long it is from one instant to another: "in 45:02", "in 9 days, on Monday".
export function until(from, to) {
  const seconds = Math.max(0, Math.ceil((to - from) / 1000));
  if (!seconds) return t("any moment now");
  if (!isFar(seconds)) return t("in {time}", { time: hoursAndMinutes(seconds) });
  const midnight = (instant) => Date.UTC(instant.getFullYear(), instant.getMonth(), instant.getDate());
  const days = (midnight(new Date(to)) - midnight(new Date(from))) / (1000 * DAY);
  return onWeekday(new Date(to).getDay(), asDays.format(days, "day"));
}

// Written out for each day, because languages bend their names.
function onWeekday(weekday, when) {
  return [
    t("{when}, on Sunday", { when }),
    t("{when}, on Monday", { when }),
    t("{when}, on Tuesday", { when }),
    t("{when}, on Wednesday", { when }),
    t("{when}, on Thursday", { when }),
    t("{when}, on Friday", { when }),
    t("{when}, on Saturday", { when }),
  ][weekday];
}

function hoursAndMinutes(seconds) {
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const begin = hours ? `${asOne.format(hours)}:${asTwo.format(minutes)}` : asOne.format(minutes);
  return `${begin}:${asTwo.format(seconds % 60)}`;
}
