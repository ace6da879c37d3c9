// The signs on the buttons: strokes on a field of 24 by 24, in the colour of the text.

const SPACE = "http://www.w3.org/2000/svg";
const SLASH = "M4 3.5l16 17";
const MICROPHONE = "M12 3.5a3 3 0 0 1 3 3v5a3 3 0 0 1-6 0v-5a3 3 0 0 1 3-3zM5.5 11.5a6.5 6.5 0 0 0 13 0M12 18v3";
const CAMERA = "M5 6.5h8.5a2 2 0 0 1 2 2v7a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2v-7a2 2 0 0 1 2-2zM15.5 10.6l5.5-3v8.8l-5.5-3";
const SCREEN = "M4.5 4.5h15a1.5 1.5 0 0 1 1.5 1.5v9.5a1.5 1.5 0 0 1-1.5 1.5h-15A1.5 1.5 0 0 1 3 15.5V6a1.5 1.5 0 0 1 1.5-1.5zM8.5 20.5h7";

const PATHS = {
  microphone: MICROPHONE,
  "microphone-off": MICROPHONE + SLASH,
  camera: CAMERA,
  "camera-off": CAMERA + SLASH,
  screen: `${SCREEN}M12 13.8V8M9.3 10.4L12 7.7l2.7 2.7`,
  "screen-stop": `${SCREEN}M9.5 8.2l5 5M14.5 8.2l-5 5`,
  hand: "M8 13V6.3a1.4 1.4 0 0 1 2.8 0V11M10.8 10.5V4.7a1.4 1.4 0 0 1 2.8 0v5.8M13.6 10.5V5.9a1.4 1.4 0 0 1 2.8 0v6.6M16.4 12V9.2a1.4 1.4 0 0 1 2.8 0v5.3a6.5 6.5 0 0 1-6.5 6.5h-.4a6.5 6.5 0 0 1-5.1-2.5l-3-4a1.5 1.5 0 0 1 2.3-1.9L8 14.2",
  chat: "M5 4.5h14a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2h-7.5L7 20.5v-4H5a2 2 0 0 1-2-2v-8a2 2 0 0 1 2-2zM7.8 9h8.4M7.8 12.2h5.6",
  people: "M9 11.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM2.5 19.5a6.5 6.5 0 0 1 13 0M16 4.9a3.5 3.5 0 0 1 0 6.2M18.3 14.2a6.5 6.5 0 0 1 3.2 5.3",
  settings: "M4 7h9M17 7h3M4 12h3M11 12h9M4 17h10M18 17h2M15 9a2 2 0 1 0 0-4 2 2 0 0 0 0 4zM9 14a2 2 0 1 0 0-4 2 2 0 0 0 0 4zM16 19a2 2 0 1 0 0-4 2 2 0 0 0 0 4z",
  leave: "M12 9.3c-3.6 0-6.4 1-8.3 2.6-.9.8-.9 2.1-.2 3.1l.7 1c.5.7 1.3.9 2.1.6l2-.8c.7-.3 1.1-.9 1.1-1.6v-1.4a9.5 9.5 0 0 1 5.2 0v1.4c0 .7.4 1.3 1.1 1.6l2 .8c.8.3 1.6.1 2.1-.6l.7-1c.7-1 .7-2.3-.2-3.1-1.9-1.6-4.7-2.6-8.3-2.6z",
  close: "M6 6l12 12M18 6L6 18",
  send: "M4.5 12h14M13 6l6 6-6 6",
  sound: "M4 9.5v5h3.5L12 18.5v-13L7.5 9.5zM15.5 9a4.2 4.2 0 0 1 0 6M18 6.5a8 8 0 0 1 0 11",
  voice: "M6 10v4M12 6v12M18 10v4",
  turn: "M4 11a8 8 0 0 1 14-4.5L20 8.5M20 4v4.5h-4.5M20 13a8 8 0 0 1-14 4.5L4 15.5M4 20v-4.5h4.5",
};

// Returns a sign. It is hidden from screen readers: the button beside it has a name.
export function icon(name) {
  const picture = document.createElementNS(SPACE, "svg");
  const attributes = { class: `icon ${name}`, viewBox: "0 0 24 24", "aria-hidden": "true", focusable: "false" };
  for (const [key, value] of Object.entries(attributes)) picture.setAttribute(key, value);
  const path = document.createElementNS(SPACE, "path");
  path.setAttribute("d", PATHS[name]);
  picture.append(path);
  return picture;
}
