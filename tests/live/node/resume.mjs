// Runs the sample of docs/live.md, breaks its connection, and prints the titles that reach it.
// Usage: node resume.mjs URL TOKEN
import { readFileSync } from 'node:fs';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';

const [url, token] = process.argv.slice(2);
const page = readFileSync(new URL('../../../docs/live.md', import.meta.url), 'utf8');
const [, FOLLOW] = page.match(/```\n(subscription Follow[^]*?)```/);
const [, sample] = page.match(/```js\nimport .*\n([^]*?)```/);
const titles = [];

globalThis.WebSocket = class extends WebSocket {
  constructor(...all) {
    super(...all);
    this.on('message', (text) => notice(this, JSON.parse(text)));
  }
};

function notice(socket, message) {
  // Nothing in the protocol says that a subscription has begun.
  if (message.type === 'connection_ack') setTimeout(book, 500, titles.length ? 'After' : 'Before');
  if (message.type !== 'next') return;
  titles.push(message.payload.data.events.appointment.title);
  if (titles.length === 1) {
    socket.once('close', () => book('Meanwhile'));
    socket.terminate();
  } else if (titles.at(-1) === 'After') {
    console.log(JSON.stringify(titles));
    process.exit(0);
  }
}

async function book(title) {
  const query = `mutation { createAppointment(input: { title: "${title}", participants: [],
    startDateTime: "2031-01-01T10:00:00Z", durationMinutes: 30 }) { __typename } }`;
  const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };
  await fetch(`${url}/graphql`, { method: 'POST', headers, body: JSON.stringify({ query }) });
}

const Sample = Object.getPrototypeOf(async () => undefined).constructor;
const code = sample.replace('wss://connect.example.org', url.replace('http', 'ws'));
const quiet = { log: () => undefined };
await new Sample('createClient', 'token', 'FOLLOW', 'console', code)(createClient, token, FOLLOW, quiet);
