// What was chosen of camera, microphone and loudspeaker, and what is switched off: kept for this tab,
// so that a reload, and going back in, open nothing that was closed.

const NAME = "connect.devices";
const KINDS = ["camera", "microphone", "speaker"];

export class Choice {
  #link;
  #ids;
  #off;

  // `given` are the ids of the device check, "" for the usual one and null for none. Whoever has just
  // chosen a device there means to use it.
  constructor(link, given = {}) {
    const { ids, off } = recall(link);
    this.#link = link;
    this.#ids = Object.fromEntries(KINDS.map((kind) => [kind, given[kind] || ids[kind] || ""]));
    this.#off = KINDS.filter((kind) => given[kind] === null || (!given[kind] && off.includes(kind)));
    this.#remember();
  }

  // The ids of what to open, null for what stays closed.
  get wanted() {
    return Object.fromEntries(KINDS.map((kind) => [kind, this.#off.includes(kind) ? null : this.#ids[kind]]));
  }

  // What to open once it is switched on.
  get ids() {
    return { ...this.#ids };
  }

  use(ids) {
    Object.assign(this.#ids, ids);
    this.#remember();
  }

  turn(kind, isOn) {
    this.#off = [...this.#off.filter((one) => one !== kind), ...(isOn ? [] : [kind])];
    this.#remember();
  }

  #remember() {
    try {
      sessionStorage.setItem(NAME, JSON.stringify({ link: this.#link, ids: this.#ids, off: this.#off }));
    } catch {
      // Then a reload opens the usual devices.
    }
  }
}

function recall(link) {
  const nothing = { ids: {}, off: [] };
  try {
    const kept = JSON.parse(sessionStorage.getItem(NAME));
    return kept?.link === link && kept.ids && Array.isArray(kept.off) ? kept : nothing;
  } catch {
    return nothing; // storage is closed to this page, or holds something else
  }
}
