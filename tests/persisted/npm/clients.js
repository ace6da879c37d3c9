// Runs the clients named on the command line against URL with TOKEN, each anew, and prints for every
// one its answer or error and what it sent.
import { createHash } from "node:crypto";
import { ApolloClient, HttpLink, InMemoryCache, gql } from "@apollo/client";
import { PersistedQueryLink } from "@apollo/client/link/persisted-queries";
import { Client, fetchExchange } from "@urql/core";
import { persistedExchange } from "@urql/exchange-persisted";

const { URL: uri, TOKEN, DOCUMENT_ID } = process.env;
const headers = { authorization: `Bearer ${TOKEN}` };
const query = gql`
  query Who($first: Int) {
    viewer {
      tokenName
    }
    appointments(first: $first) {
      totalCount
    }
  }
`;
const mutation = gql`
  mutation Remove {
    deleteAppointment(id: "00000000-0000-7000-8000-000000000000") {
      __typename
    }
  }
`;
const variables = { first: 3 };
const sha256 = (text) => createHash("sha256").update(text).digest("hex");

function recorder() {
  const sent = [];
  const record = async (address, options) => {
    const answer = await fetch(address, options);
    const has =
      options.method === "GET"
        ? new globalThis.URL(address).searchParams.has("query")
        : "query" in JSON.parse(options.body);
    sent.push([options.method, has ? "text" : "hash", answer.status]);
    return answer;
  };
  return { sent, record };
}

async function apollo(options, request) {
  const { sent, record } = recorder();
  const link = new PersistedQueryLink({ sha256, ...options });
  const client = new ApolloClient({
    link: link.concat(new HttpLink({ uri, headers, fetch: record })),
    cache: new InMemoryCache(),
  });
  const { data, error } = await request(client);
  return { data, error: error?.message, sent };
}

async function urql(options, request) {
  const { sent, record } = recorder();
  const client = new Client({
    url: uri,
    fetch: record,
    fetchOptions: { headers },
    exchanges: [persistedExchange({ enableForMutation: true, ...options }), fetchExchange],
  });
  const { data, error } = await request(client).toPromise();
  return { data, error: error?.message, sent };
}

const asking = (client) => client.query({ query, variables });
const changing = (client) => client.mutate({ mutation });
const CLIENTS = {
  apollo: () => apollo({}, asking),
  apolloByGet: () => apollo({ useGETForHashedQueries: true }, asking),
  apolloMutation: () => apollo({}, changing),
  apolloTrusted: () => apollo({ generateHash: () => DOCUMENT_ID }, asking),
  urql: () => urql({}, (client) => client.query(query, variables)),
  urqlByPost: () =>
    urql({ preferGetForPersistedQueries: false }, (client) => client.query(query, variables)),
  urqlMutation: () => urql({}, (client) => client.mutation(mutation, {})),
  urqlTrusted: () =>
    urql({ generateHash: async () => DOCUMENT_ID, enforcePersistedQueries: true }, (client) =>
      client.query(query, variables),
    ),
};

const answers = [];
for (const name of process.argv.slice(2)) {
  answers.push(await CLIENTS[name]());
}
console.log(JSON.stringify(answers));
