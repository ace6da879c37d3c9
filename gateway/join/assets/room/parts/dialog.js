// Asks before something that cannot be taken back.

import { el } from "./elements.js";

// Asks, and resolves to the value of the chosen button: null for the last one and for Escape.
// `choices` are [text, value, class].
export function confirm(headline, sentence, choices) {
  return new Promise((resolve) => {
    const buttons = choices.map(([text, value, kind]) =>
      el("button", { type: "button", class: kind, onclick: () => dialog.close(value ?? "") }, text));
    const dialog = el(
      "dialog",
      {
        class: "room-dialog", "aria-labelledby": "dialog-headline",
        "aria-describedby": "dialog-sentence",
        onclose: () => {
          dialog.remove();
          resolve(dialog.returnValue || null);
        },
      },
      el("h2", { id: "dialog-headline" }, headline),
      el("p", { id: "dialog-sentence" }, sentence),
      el("div", { class: "choices" }, ...buttons),
    );
    document.body.append(dialog);
    dialog.showModal();
    buttons.at(-1).focus(); // The harmless one.
  });
}
