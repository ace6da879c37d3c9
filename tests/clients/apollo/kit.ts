import { type ApolloClient, gql } from "@apollo/client";
import { AppointmentsDocument } from "../generated/graphql";

export * from "./appointments";
export * from "./client";

export function kept(client: ApolloClient, person: string) {
  const data = client.readQuery({ query: AppointmentsDocument, variables: { person } });
  return data?.appointments.edges.map(({ node }) => node) ?? [];
}

const Delete = gql`
  mutation Delete($id: ID!) {
    deleteAppointment(id: $id) {
      ... on Problem {
        code
      }
    }
  }
`;

/** What the cache knows of a problem that is selected by its interface. */
export async function problem(client: ApolloClient, id: string) {
  let seen: unknown;
  // An update is given what the cache holds of the answer.
  const update = (_: unknown, { data }: { data?: unknown }) => (seen = data);
  await client.mutate({ mutation: Delete, variables: { id }, update });
  return seen;
}
