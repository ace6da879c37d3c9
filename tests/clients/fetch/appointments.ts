import type { AppointmentsQuery, NewAppointment } from "../generated/text/graphql";
import { AppointmentsDocument, BookDocument, RenameDocument } from "../generated/text/graphql";
import { booked, renamed } from "../outcome";
import type { Execute } from "./client";

export async function list(execute: Execute, person: string, first = 20) {
  const found = [];
  let page: AppointmentsQuery["appointments"]["pageInfo"] | undefined;
  do {
    const variables = { person, first, after: page?.endCursor };
    const { appointments } = await execute(AppointmentsDocument, variables);
    found.push(...appointments.edges.map(({ node }) => node));
    page = appointments.pageInfo;
  } while (page.hasNextPage);
  return found;
}

export async function book(execute: Execute, input: NewAppointment) {
  return booked((await execute(BookDocument, { input })).createAppointment);
}

export async function rename(execute: Execute, id: string, title: string, expectedVersion?: number) {
  return renamed((await execute(RenameDocument, { id, title, expectedVersion })).updateAppointment);
}
