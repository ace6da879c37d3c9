import createClient from "openapi-fetch";
import type { paths } from "./schema";

/** Connects to the service; `signOut` is called when it refuses the token. */
export function connect(url: string, token: string, signOut: () => void) {
  const client = createClient<paths>({
    baseUrl: url,
    headers: { Authorization: `Bearer ${token}` },
  });
  client.use({
    onResponse: ({ response }) => {
      if (response.status === 401) signOut();
    },
  });
  return client;
}
