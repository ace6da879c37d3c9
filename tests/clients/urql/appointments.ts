import type { Client } from "@urql/core";
import type { NewAppointment } from "../generated/graphql";
import { AppointmentsDocument, BookDocument, RenameDocument } from "../generated/graphql";
import { booked, renamed } from "../outcome";

export async function list(client: Client, person: string, first = 20) {
  let { data, error } = await client.query(AppointmentsDocument, { person, first });
  while (data?.appointments.pageInfo.hasNextPage) {
    const after = data.appointments.pageInfo.endCursor;
    ({ data, error } = await client.query(AppointmentsDocument, { person, first, after }));
  }
  if (error) throw error;
  return data?.appointments.edges.map(({ node }) => node) ?? [];
}

export async function book(client: Client, input: NewAppointment) {
  const { data, error } = await client.mutation(BookDocument, { input });
  if (error) throw error;
  return booked(data?.createAppointment);
}

export async function rename(client: Client, id: string, title: string, expectedVersion?: number) {
  const { data, error } = await client.mutation(RenameDocument, { id, title, expectedVersion });
  if (error) throw error;
  return renamed(data?.updateAppointment);
}
