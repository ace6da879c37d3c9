/**
 * The same appointment book, kept through every client: `node scenario.cjs NAME` prints as JSON what
 * the client answered. It reads URL, TOKEN, PERSON and CANCELLED, the id of a cancelled appointment.
 */
export interface Kit<Client, Input> {
  connect(url: string, token: string, signOut: () => void): Client;
  list(client: Client, person: string, pageSize?: number): Promise<readonly Shown[]>;
  book(client: Client, input: Input, person: string): Promise<string>;
  rename(client: Client, id: string, title: string, expectedVersion?: number): Promise<string>;
  /** Adds and removes a participant, over REST, where the body is a list. */
  invite?(client: Client, id: string, person: string): Promise<string>;
  uninvite?(client: Client, id: string, person: string): Promise<string>;
  /** Deletes an appointment; only where the client's cache has to be told. */
  remove?(client: Client, id: string, person: string): Promise<boolean>;
  /** What the client's cache holds of a problem that is selected by its interface. */
  problem?(client: Client, id: string): Promise<unknown>;
  /** What the client's cache holds of the list, without a request. */
  kept?(client: Client, person: string): readonly Shown[];
}

interface Shown {
  id: string;
  title: string;
  version?: number;
}

const { URL = "", TOKEN = "", PERSON = "", CANCELLED = "" } = process.env;
const TITLES = ["One", "Two", "Three", "Four", "Five"];
const NOBODYS = "0199fb9e-9160-72a8-bd1b-98b633ffb7ca";

const forGraphQL = (title: string, number: number) => ({
  title,
  startDateTime: `2031-03-1${number}T09:00:00Z`,
  durationMinutes: 30,
  participants: [{ uniqueId: PERSON, role: "MODERATOR" as const }],
});

const forRest = (title: string, number: number) => ({
  title,
  start_date_time: `2031-03-1${number}T09:00:00Z`,
  duration_minutes: 30,
  participants: [{ unique_id: PERSON, role: "moderator" as const }],
});

const titles = (list: readonly Shown[]) => list.map(({ title }) => title);

async function play<Client, Input>(kit: Kit<Client, Input>, input: (title: string, number: number) => Input) {
  let signedOut = 0;
  const client = kit.connect(URL, TOKEN, () => signedOut++);
  const before = titles(await kit.list(client, PERSON));
  const booked = [];
  for (const [number, title] of TITLES.entries()) {
    booked.push(await kit.book(client, input(title, number), PERSON));
  }
  const refused = await kit.book(client, input("", 9), PERSON);
  const after = titles(await kit.list(client, PERSON));

  const second = kit.connect(URL, TOKEN, () => signedOut++);
  const list = await kit.list(second, PERSON, 2);
  const [{ id, version } = { id: "" }] = list;
  const renamed = {
    updated: await kit.rename(second, id, "Another", version),
    invalid: await kit.rename(second, id, ""),
    conflict: await kit.rename(second, id, "A third", version),
    cancelled: await kit.rename(second, CANCELLED, "Another"),
    missing: await kit.rename(second, NOBODYS, "Another"),
  };
  const invited = kit.invite && [
    await kit.invite(second, id, "guest@example.org"),
    await kit.invite(second, id, ""),
    await kit.invite(second, NOBODYS, "guest@example.org"),
    await kit.uninvite?.(second, id, "guest@example.org"),
  ];
  const kept = kit.kept && titles(kit.kept(second, PERSON));
  const removed = kit.remove && (await kit.remove(second, id, PERSON));
  const gone = kit.remove && (await kit.rename(second, id, "Another"));
  const left = kit.remove && kit.kept && titles(kit.kept(second, PERSON));

  const problem = await kit.problem?.(second, NOBODYS);
  const signedIn = signedOut === 0;
  const stranger = kit.connect(URL, "not-a-token", () => signedOut++);
  await kit.rename(stranger, id, "Another").catch(() => "thrown");
  const answer = { before, booked, refused, after, paged: titles(list), renamed, invited, kept, problem };
  return { ...answer, ...(removed && { id, removed, gone, left }), signedIn, signedOut };
}

const kits: Record<string, () => Promise<unknown>> = {
  apollo: async () => play(await import("./apollo/kit"), forGraphQL),
  urql: async () => play(await import("./urql/kit"), forGraphQL),
  relay: async () => play(await import("./relay/kit"), forGraphQL),
  tada: async () => play(await import("./tada/kit"), forGraphQL),
  fetch: async () => play(await import("./fetch/kit"), forGraphQL),
  "openapi-fetch": async () => play(await import("./openapi-fetch/kit"), forRest),
  "hey-api": async () => play(await import("./hey-api/kit"), forRest),
};

kits[process.argv[2] ?? ""]?.().then((answer) => {
  // A page of Relay stays open otherwise.
  process.stdout.write(`${JSON.stringify(answer)}\n`, () => process.exit());
});
