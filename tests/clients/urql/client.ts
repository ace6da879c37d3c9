import { Client, fetchExchange, mapExchange } from "@urql/core";
import { cacheExchange } from "@urql/exchange-graphcache";
import { relayPagination } from "@urql/exchange-graphcache/extras";
import schema from "../generated/schema.json";

const types: { kind: string; name: string; fields?: { name: string }[] | null }[] = schema.__schema.types;
const keyless = types.filter(
  ({ kind, fields }) => kind === "OBJECT" && !fields?.some(({ name }) => name === "id"),
);

/** Connects to the service; `signOut` is called when it refuses the token. */
export function connect(url: string, token: string, signOut: () => void) {
  const cache = cacheExchange({
    schema,
    keys: Object.fromEntries(keyless.map(({ name }) => [name, () => null])),
    resolvers: { Query: { appointments: relayPagination() }, Appointment: { participants: relayPagination() } },
    updates: {
      Mutation: {
        createAppointment(_result, _variables, cache) {
          const lists = cache.inspectFields("Query").filter(({ fieldName }) => fieldName === "appointments");
          for (const { fieldKey } of lists) cache.invalidate("Query", fieldKey);
        },
      },
    },
  });
  const refused = mapExchange({
    onError: ({ response }) => response?.status === 401 && signOut(),
  });
  return new Client({
    url: `${url}/graphql`,
    exchanges: [cache, refused, fetchExchange],
    fetchOptions: { headers: { Authorization: `Bearer ${token}` } },
  });
}
