// The seat that this tab has, remembered for a reload, and how to get one.

const NAME = "connect.seat";
const PATIENCE = 10_000; // a network that was lost may swallow a request and never say so

// Returns { seat, key, link, socket, session } of this link, or null.
export function recall(link) {
  try {
    const seat = JSON.parse(sessionStorage.getItem(NAME));
    return seat?.link === link && seat.seat && seat.key ? seat : null;
  } catch {
    return null; // storage is closed to this page, or holds something else
  }
}

export function remember(seat) {
  try {
    sessionStorage.setItem(NAME, JSON.stringify(seat));
  } catch {
    // Then a reload takes a new seat.
  }
}

export function forget() {
  try {
    sessionStorage.removeItem(NAME);
  } catch {
    // There was nothing to forget.
  }
}

// Joins through the link; resolves to { ticket }, or { over } with the reason for which there is
// none. Throws when asking again may help.
export async function askForTicket(link) {
  const signal = AbortSignal.timeout?.(PATIENCE);
  const answer = await fetch(link, { method: "POST", headers: { Accept: "application/json" }, signal });
  if (answer.status === 429 || answer.status >= 500) throw new Error("the server asks for patience");
  const joined = await answer.json();
  if (joined.room) return { ticket: joined.room.ticket };
  const isOpen = ["OPEN", "TOO_EARLY", "WAITING_FOR_MODERATOR"].includes(joined.code);
  return { over: isOpen ? "NOT_OPEN" : joined.code, message: joined.message };
}
