import { ApolloClient, ApolloLink, CombinedGraphQLErrors, HttpLink, InMemoryCache } from "@apollo/client";
import { ErrorLink } from "@apollo/client/link/error";
import { relayStylePagination } from "@apollo/client/utilities";
import possibleTypes from "../possible-types.json";

/** Connects to the service; `signOut` is called when it refuses the token. */
export function connect(url: string, token: string, signOut: () => void) {
  const refused = new ErrorLink(({ error }) => {
    if (!CombinedGraphQLErrors.is(error)) return;
    if (error.errors.some(({ extensions }) => extensions?.code === "UNAUTHENTICATED")) signOut();
  });
  const http = new HttpLink({ uri: `${url}/graphql`, headers: { Authorization: `Bearer ${token}` } });
  const cache = new InMemoryCache({
    possibleTypes,
    typePolicies: {
      Query: { fields: { appointments: relayStylePagination(["filter", "orderBy"]) } },
      Appointment: { fields: { participants: relayStylePagination() } },
    },
  });
  return new ApolloClient({ link: ApolloLink.from([refused, http]), cache });
}
