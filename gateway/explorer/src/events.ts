// What a subscription has brought, as the response editor shows it: a list, the newest first.
// Filled by fetcher.ts.
import type { ExecutionResult } from 'graphql';

const MOST_SHOWN = 100;
const PAUSE = 50; // milliseconds: every event of a burst on its own would keep the editor busy

/** GraphiQL shows whatever it is given as JSON; a plain array would be a response in parts to it. */
export class EventList {
  #results: ExecutionResult[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #shown: (list: unknown) => void;

  constructor(shown: (list: unknown) => void) {
    this.#shown = shown;
  }

  add(result: ExecutionResult): void {
    this.#results = [result, ...this.#results.slice(0, MOST_SHOWN - 1)];
    this.#timer ??= setTimeout(() => this.show(), PAUSE);
  }

  show(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const results = this.#results;
    if (results.length > 0) this.#shown({ toJSON: () => results });
  }
}
