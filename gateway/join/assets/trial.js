// Tries the connection before joining, if the visitor wants that, and says in words what came of it.

import { t } from "./words.js";

const byId = (id) => document.getElementById(id);

// `link` is the path of the access link, which knows the servers to try.
export function offer(link) {
  const button = byId("check-connection");
  button.addEventListener("click", async () => {
    if (button.ariaDisabled === "true") return;
    button.ariaDisabled = "true";
    tell(t("Trying the connection. This takes some seconds …"));
    tell(await found(link));
    button.ariaDisabled = null;
  });
}

function tell(text) {
  byId("check-connection-news").textContent = text;
}

async function found(link) {
  try {
    const [answer, { checkConnection }] = await Promise.all([
      fetch(`${link}/connection`), import("./connection.js"),
    ]);
    if (!answer.ok) throw new Error("the server hands out nothing to try");
    return inWords(await checkConnection((await answer.json()).ice_servers));
  } catch {
    return t("The connection cannot be tried at the moment. Try again later.");
  }
}

// Each is true, false, or null where the servers that there are cannot tell.
function inWords({ direct, relayNeeded, relayWorks }) {
  if (direct) return relayWorks === false ? onlyDirect() : works(relayWorks);
  if (direct === false && relayNeeded === null) {
    return t("This browser cannot make video calls. Use a new version of Chrome, Edge, Firefox or Safari.");
  }
  if (relayWorks) return byRelay(direct);
  if (direct === false) {
    return t("Your network lets nobody reach you directly, and no relay helps. Try another network, such as that of your phone.");
  }
  return relayWorks === null
    ? t("Whether your connection works shows only when you have joined.")
    : t("The relay does not answer. In some networks you will not see and hear the others.");
}

function works(relayWorks) {
  return relayWorks
    ? t("Your connection works, directly and by the relay.")
    : t("Your connection works: others can reach you directly.");
}

function onlyDirect() {
  return t("Your connection works: others can reach you directly. The relay does not answer, but you do not need it.");
}

function byRelay(direct) {
  return direct === false
    ? t("Your network lets nobody reach you directly. The relay works, so you can take part.")
    : t("The relay works, so you can take part.");
}
