// How GraphiQL's operations reach the gateway: HTTP for queries and mutations, one WebSocket for
// subscriptions. Called by explorer.tsx.
import type { Fetcher, FetcherParams, Observable } from '@graphiql/toolkit';
import { type ExecutionResult, getOperationAST, parse } from 'graphql';
import type { Client } from 'graphql-ws';
import { askForToken } from './bar';
import { EventList } from './events';
import { type Answer, ENDPOINT, execute } from './http';
import { authorization, onTokenChange } from './token';

const FORBIDDEN = 4403;

/** A GraphiQL fetcher that shows the data of every HTTP answer to `listener` on its way. */
export function createFetcher(listener: (data: unknown) => void): Fetcher {
  const request = async (operation: FetcherParams): Promise<ExecutionResult> => {
    const answer = await execute(operation);
    listener(answer.data);
    if (wantsToken(answer)) askForToken();
    return answer as ExecutionResult;
  };
  return (operation) => (isSubscription(operation) ? subscribe(operation) : request(operation));
}

function wantsToken({ errors }: Answer): boolean {
  return errors?.some((error) => error.extensions?.code === 'UNAUTHENTICATED') ?? false;
}

function isSubscription({ query, operationName }: FetcherParams): boolean {
  try {
    return getOperationAST(parse(query), operationName)?.operation === 'subscription';
  } catch {
    // A syntax error: the server words it better than we would.
    return false;
  }
}

interface Observer {
  next(value: ExecutionResult): void;
  complete(): void;
}

// An observable and not an async generator: the generator's return() would wait for the next event,
// and the stop button with it.
async function subscribe({ query, operationName, variables }: FetcherParams) {
  const client = await openSocket();
  const payload = { query, operationName, variables: variables as Record<string, unknown> };
  const start = (observer: Observer) => {
    const events = new EventList((list) => observer.next(list as ExecutionResult));
    const unsubscribe = client.subscribe(payload, {
      next: (value) => {
        events.add(value as ExecutionResult);
        // A socket that broke is opened again, and sends what the payload says by then.
        const cursor = cursorOf(value.data);
        if (cursor) payload.variables = { ...payload.variables, after: cursor };
      },
      error: (error) => {
        events.add({ errors: inWords(error) } as ExecutionResult);
        events.show();
        observer.complete();
      },
      complete: () => {
        events.show();
        observer.complete();
      },
    });
    return { unsubscribe };
  };
  // GraphiQL calls it with an observer only; the other forms of the type are of older days.
  return { subscribe: start } as unknown as Observable<ExecutionResult>;
}

function cursorOf(data: unknown): string | undefined {
  return (data as { events?: { cursor?: string } } | null | undefined)?.events?.cursor;
}

function inWords(error: unknown): readonly unknown[] {
  if (Array.isArray(error)) return error;
  if (!(error instanceof CloseEvent)) return [{ message: String(error) }];
  if (error.code === FORBIDDEN) askForToken();
  const reason = error.reason || 'no reason given';
  return [{ message: `The server closed the connection: ${reason} (${error.code}).` }];
}

let socket: Promise<Client> | undefined;

function openSocket(): Promise<Client> {
  socket ??= connect();
  return socket;
}

/** Loaded at the first subscription only; most visits never need it. */
async function connect(): Promise<Client> {
  const { createClient } = await import('graphql-ws');
  const url = new URL(ENDPOINT, location.href);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  const connectionParams = () => ({ Authorization: authorization() });
  // Without this a token that is refused would be tried for half a minute before anybody is told.
  const shouldRetry = (problem: unknown) =>
    problem instanceof CloseEvent && problem.code !== FORBIDDEN;
  return createClient({ url: url.href, connectionParams, shouldRetry });
}

// A socket keeps the token it was opened with, so another token asks for another socket.
onTokenChange(() => {
  void socket?.then((client) => client.dispose());
  socket = undefined;
});
