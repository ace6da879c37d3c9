import { createClient, createConfig } from "./generated/client";

/** Connects to the service; `signOut` is called when it refuses the token. */
export function connect(url: string, token: string, signOut: () => void) {
  const client = createClient(createConfig({ baseUrl: url, auth: token }));
  client.interceptors.response.use((response) => {
    if (response.status === 401) signOut();
    return response;
  });
  return client;
}
