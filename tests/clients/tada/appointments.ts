import type { Client } from "@urql/core";
import type { ResultOf, VariablesOf } from "gql.tada";
import { graphql } from "./graphql";

const Appointments = graphql(`
  query Appointments($person: String!, $first: Int, $after: String) {
    appointments(filter: { participantUniqueId: $person }, first: $first, after: $after) {
      nodes { id title version }
      pageInfo { hasNextPage endCursor }
    }
  }
`);

const Book = graphql(`
  mutation Book($input: NewAppointment!) {
    createAppointment(input: $input) {
      __typename
      ... on AppointmentCreated { appointment { id startDateTime } }
      ... on ValidationFailed { fields { path message } }
    }
  }
`);

const Rename = graphql(`
  mutation Rename($id: ID!, $title: String!, $expectedVersion: Int) {
    updateAppointment(id: $id, changes: { title: $title }, expectedVersion: $expectedVersion) {
      __typename
      ... on AppointmentUpdated { appointment { id title } }
      ... on NotAllowedInStatus { status }
      ... on NotFound { id }
      ... on ValidationFailed { fields { path message } }
      ... on VersionConflict { currentVersion }
    }
  }
`);

export async function list(client: Client, person: string, first = 20) {
  const found = [];
  for (let after: string | null = null, more = true; more; ) {
    const answer: { data?: ResultOf<typeof Appointments>; error?: Error } =
      await client.query(Appointments, { person, first, after });
    if (!answer.data) throw answer.error ?? new Error("no answer");
    found.push(...answer.data.appointments.nodes);
    ({ endCursor: after, hasNextPage: more } = answer.data.appointments.pageInfo);
  }
  return found;
}

export async function book(client: Client, input: VariablesOf<typeof Book>["input"]) {
  const { data, error } = await client.mutation(Book, { input });
  if (error) throw error;
  const result = data?.createAppointment;
  if (result?.__typename === "AppointmentCreated") return `booked for ${result.appointment.startDateTime}`;
  return result?.fields.map(({ path, message }) => `${path.join(".")}: ${message}`).join("\n") ?? "not booked";
}

export async function rename(client: Client, id: string, title: string, expectedVersion?: number) {
  const { data, error } = await client.mutation(Rename, { id, title, expectedVersion });
  if (error) throw error;
  const result = data?.updateAppointment;
  switch (result?.__typename) {
    case "AppointmentUpdated":
      return `now called ${result.appointment.title}`;
    case "ValidationFailed":
      return result.fields.map(({ path, message }) => `${path.join(".")}: ${message}`).join("\n");
    case "VersionConflict":
      return `changed by somebody else, now at version ${result.currentVersion}`;
    case "NotAllowedInStatus":
      return `not while it is ${result.status}`;
    case "NotFound":
      return `no appointment ${result.id}`;
    default:
      return "not renamed";
  }
}
