// Runs the same story through a client library and prints what it saw: a query, a subscription,
// three mutations whose events it gets, an operation that is wrong, a token that is.
// Usage: node clients.mjs graphql-ws|graphql-sse|apollo URL TOKEN
import { ApolloClient, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { createClient as createSse } from 'graphql-sse';
import { createClient as createWs } from 'graphql-ws';
import WebSocket from 'ws';

const [kind, url, token] = process.argv.slice(2);
const VIEWER = '{ viewer { tokenName } }';
const EVENTS = 'subscription { events { type appointment { title } } }';
const BOOK = `mutation($title: String!) { createAppointment(input: {
  title: $title, startDateTime: "2031-01-01T10:00:00Z", durationMinutes: 30, participants: []
}) { __typename } }`;
const WRONG = '{ viewer { tokenName ';

// Each offers `subscribe(query, variables, sink)`, which returns how to stop.
const clients = {
  'graphql-ws'(key) {
    const client = createWs({
      url: `${url.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      connectionParams: { Authorization: `Bearer ${key}` },
      retryAttempts: 0,
      keepAlive: 200,
    });
    return (query, variables, sink) => client.subscribe({ query, variables }, sink);
  },
  'graphql-sse'(key) {
    const client = createSse({
      url: `${url}/graphql`,
      headers: { Authorization: `Bearer ${key}` },
      retryAttempts: 0,
    });
    return (query, variables, sink) => client.subscribe({ query, variables }, sink);
  },
  apollo(key) {
    const client = new ApolloClient({
      link: new HttpLink({
        uri: `${url}/graphql`,
        headers: { Authorization: `Bearer ${key}` },
      }),
      cache: new InMemoryCache(),
      defaultOptions: { query: { fetchPolicy: 'no-cache' }, mutate: { fetchPolicy: 'no-cache' } },
    });
    return (text, variables, sink) => {
      if (text === EVENTS) {
        const found = client.subscribe({ query: gql(text), fetchPolicy: 'no-cache' });
        const running = found.subscribe(sink);
        return () => running.unsubscribe();
      }
      const run = async () => {
        const document = gql(text);
        const answer = text.startsWith('mutation')
          ? await client.mutate({ mutation: document, variables })
          : await client.query({ query: document, variables });
        sink.next(answer);
        sink.complete();
      };
      run().catch((error) => sink.error(error));
      return () => undefined;
    };
  },
};

function once(subscribe, query, variables) {
  return new Promise((resolve, reject) => {
    let last;
    subscribe(query, variables, {
      next: (value) => { last = value; },
      error: reject,
      complete: () => resolve(last),
    });
  });
}

function worded(error) {
  if (Array.isArray(error)) return error[0].extensions.code;
  if (error.code) return String(error.code);
  return String(error.response?.status ?? error.statusCode ?? error.message);
}

async function main() {
  const subscribe = clients[kind](token);
  const seen = { query: (await once(subscribe, VIEWER)).data.viewer.tokenName, events: [] };
  const followed = new Promise((resolve, reject) => {
    const stop = subscribe(EVENTS, undefined, {
      next(value) {
        if (!value.data) return;
        seen.events.push([value.data.events.type, value.data.events.appointment.title]);
        if (seen.events.length === 3) { stop(); resolve(); }
      },
      error: reject,
      complete: () => undefined,
    });
  });
  // Nothing in these protocols says that a subscription has begun.
  await new Promise((resolve) => setTimeout(resolve, 500));
  seen.mutations = [];
  for (const title of ['One', 'Two', 'Three']) {
    const answer = await once(subscribe, BOOK, { title });
    seen.mutations.push(Object.keys(answer.data)[0]);
  }
  await followed;
  try {
    const answer = await once(subscribe, WRONG);
    seen.wrong = worded(answer.errors);
  } catch (error) {
    seen.wrong = worded(error);
  }
  try {
    await once(clients[kind]('nobody'), VIEWER);
  } catch (error) {
    seen.stranger = worded(error);
  }
  console.log(JSON.stringify(seen));
  process.exit(0);
}

await main();
