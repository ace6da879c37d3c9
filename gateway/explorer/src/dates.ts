// Dates of samples, computed when they are shown.
// Called by examples.ts and docs.ts.

/** Nine o'clock UTC, `days` from today: a sample must not grow old. */
export function morning(days: number): string {
  const date = new Date();
  date.setUTCDate(date.getUTCDate() + days);
  return `${date.toISOString().slice(0, 10)}T09:00:00Z`;
}
