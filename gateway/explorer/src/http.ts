// One GraphQL operation over HTTP, with the token of this tab.
// Called by fetcher.ts for GraphiQL, by bar.ts (who is calling) and by known.ts (which ids exist).
import { authorization } from './token';

// Where the service begins, with a slash at the end: this file is in explorer/assets/ below it. Not
// `new URL('…', import.meta.url)`, which Vite would take for the address of a file of ours.
const here = import.meta.url;
export const BASE = new URL('../..', here).pathname;
export const ENDPOINT = `${BASE}graphql`;
const ANSWERS = 'application/graphql-response+json, application/json;q=0.9';

export interface Operation {
  query: string;
  operationName?: string | null | undefined;
  variables?: unknown;
}

export interface Answer {
  data?: unknown;
  errors?: readonly { message: string; extensions?: Record<string, unknown> }[];
}

export async function execute(operation: Operation): Promise<Answer> {
  const response = await fetch(ENDPOINT, {
    method: 'POST',
    headers: requestHeaders(operation),
    body: JSON.stringify(operation),
  });
  return readAnswer(response);
}

function requestHeaders({ operationName }: Operation): Record<string, string> {
  const headers = { 'Content-Type': 'application/json', Accept: ANSWERS };
  const token = authorization();
  // The schema is public. Asking for it with an expired token would leave the docs empty.
  if (!token || operationName === 'IntrospectionQuery') return headers;
  return { ...headers, Authorization: token };
}

async function readAnswer(response: Response): Promise<Answer> {
  const text = await response.text();
  try {
    return JSON.parse(text) as Answer;
  } catch {
    throw new Error(`The server answered ${response.status} with something that is not JSON.`);
  }
}
