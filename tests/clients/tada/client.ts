import { Client, fetchExchange, mapExchange } from "@urql/core";

/** Connects to the service; `signOut` is called when it refuses the token. */
export function connect(url: string, token: string, signOut: () => void) {
  return new Client({
    url: `${url}/graphql`,
    exchanges: [
      mapExchange({ onError: ({ response }) => response?.status === 401 && signOut() }),
      fetchExchange,
    ],
    fetchOptions: { headers: { Authorization: `Bearer ${token}` } },
  });
}
