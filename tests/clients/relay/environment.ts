import { Environment, Network, RecordSource, Store } from "relay-runtime";

/** Connects to the service; `signOut` is called when it refuses the token. */
export function connect(url: string, token: string, signOut: () => void) {
  const network = Network.create(async ({ text: query }, variables) => {
    const response = await fetch(`${url}/graphql`, {
      method: "POST",
      headers: {
        Authorization: `Bearer ${token}`,
        "Content-Type": "application/json",
        Accept: "application/graphql-response+json",
      },
      body: JSON.stringify({ query, variables }),
    });
    if (response.status === 401) signOut();
    return response.json();
  });
  return new Environment({
    network,
    store: new Store(new RecordSource()),
    // The id of a `NotFound` is that of the object that was asked for, not its own.
    getDataID: ({ id }, typename) => (typename === "NotFound" ? undefined : id),
  });
}
