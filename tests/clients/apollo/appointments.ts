import type { ApolloClient } from "@apollo/client";
import type { NewAppointment } from "../generated/graphql";
import { AppointmentsDocument, BookDocument, RenameDocument } from "../generated/graphql";
import { booked, renamed } from "../outcome";

export async function list(client: ApolloClient, person: string, first = 20) {
  const options = { query: AppointmentsDocument, variables: { person, first } };
  let { data } = await client.query(options);
  const list = client.watchQuery(options);
  while (data?.appointments.pageInfo.hasNextPage) {
    const after = data.appointments.pageInfo.endCursor;
    ({ data } = await list.fetchMore({ variables: { after } }));
  }
  const all = client.readQuery(options); // the pages in one list, as `relayStylePagination` keeps them
  return all?.appointments.edges.map(({ node }) => node) ?? [];
}

export async function book(client: ApolloClient, input: NewAppointment) {
  const { data } = await client.mutate({
    mutation: BookDocument,
    variables: { input },
    update: (cache) => cache.evict({ id: "ROOT_QUERY", fieldName: "appointments" }),
  });
  return booked(data?.createAppointment);
}

export async function rename(client: ApolloClient, id: string, title: string, expectedVersion?: number) {
  const { data } = await client.mutate({ mutation: RenameDocument, variables: { id, title, expectedVersion } });
  return renamed(data?.updateAppointment);
}
