// What troubles in the room are called, in the visitor's language.

import { t } from "../words.js";

const PROBLEMS = {
  INSECURE: () =>
    t("Browsers open the camera and microphone only on addresses that begin with https://. You can watch and listen here. Ask the organizer for a secure address."),
  BLOCKED: () => t("Your browser keeps the camera and microphone closed to this page. Allow them beside the address, then switch them on here."),
  IN_USE: () => t("Another program is using your camera or microphone. Close it, then switch them on here."),
  NO_DEVICES: () => t("No camera and no microphone was found. You can watch and listen."),
  NO_CAMERA: () => t("No camera was found. The others can hear you."),
  NO_MICROPHONE: () => t("No microphone was found. The others can see you."),
  MUTED: ({ by }) =>
    by?.name ? t("{name} switched off your microphone.", { name: by.name }) : t("A moderator switched off your microphone."),
  DEVICE_ENDED: ({ kind }) =>
    kind === "camera" ? t("Your camera was unplugged or switched off.") : t("Your microphone was unplugged or switched off."),
  SCREEN_FAILED: () => t("Your screen could not be shared. Check that your system allows it for this browser."),
  SPEAKER_FAILED: () => t("This loudspeaker cannot be chosen. The sound comes from your usual one."),
  SWITCHED_OFF: () => t("The organizer has switched this off."),
  FULL: () => t("The room is full. Try again when somebody has left."), // told to who admits
  SLOW_DOWN: () => t("That was too fast. Wait a moment."),
  NOT_ALLOWED: () => t("Only moderators can do this."),
};

// Returns what a problem of the room means and what one can do.
export function problemText(problem) {
  return (PROBLEMS[problem.code] ?? (() => t("That did not work. Try again.")))(problem);
}
