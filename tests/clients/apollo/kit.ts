import type { ApolloClient } from "@apollo/client";
import { AppointmentsDocument } from "../generated/graphql";

export * from "./appointments";
export * from "./client";

export function kept(client: ApolloClient, person: string) {
  const data = client.readQuery({ query: AppointmentsDocument, variables: { person } });
  return data?.appointments.edges.map(({ node }) => node) ?? [];
}
