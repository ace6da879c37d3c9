import { commitMutation, ConnectionHandler, type Environment, graphql, type MutationParameters } from "relay-runtime";
import type { GraphQLTaggedNode, VariablesOf } from "relay-runtime";
import type { mutationsBookMutation } from "./__generated__/mutationsBookMutation.graphql";
import type { mutationsDeleteMutation } from "./__generated__/mutationsDeleteMutation.graphql";
import type { mutationsRenameMutation } from "./__generated__/mutationsRenameMutation.graphql";

/** The list that the component shows, under the arguments that tell it from others. */
const connections = (participantUniqueId: string) => [
  ConnectionHandler.getConnectionID("client:root", "Appointments_appointments", {
    filter: { participantUniqueId },
  }),
];

const commit = <M extends MutationParameters>(
  environment: Environment,
  mutation: GraphQLTaggedNode,
  variables: VariablesOf<M>,
) =>
  new Promise<M["response"]>((onCompleted, onError) =>
    commitMutation<M>(environment, { mutation, variables, onCompleted, onError }),
  );

export async function book(
  environment: Environment,
  input: mutationsBookMutation["variables"]["input"],
  person: string,
) {
  const mutation = graphql`
    mutation mutationsBookMutation($input: NewAppointment!, $connections: [ID!]!) {
      createAppointment(input: $input) {
        __typename
        ... on AppointmentCreated {
          appointment @prependNode(connections: $connections, edgeTypeName: "AppointmentEdge") {
            id
            title
            version
            startDateTime
          }
        }
        ... on ValidationFailed {
          fields {
            path
            message
          }
        }
      }
    }
  `;
  const variables = { input, connections: connections(person) };
  const { createAppointment: result } = await commit<mutationsBookMutation>(environment, mutation, variables);
  switch (result?.__typename) {
    case "AppointmentCreated":
      return `booked for ${result.appointment.startDateTime}`;
    case "ValidationFailed":
      return result.fields.map(({ path, message }) => `${path.join(".")}: ${message}`).join("\n");
    default:
      return "not booked";
  }
}

export async function rename(environment: Environment, id: string, title: string, expectedVersion?: number) {
  const mutation = graphql`
    mutation mutationsRenameMutation($id: ID!, $title: String!, $expectedVersion: Int) {
      updateAppointment(id: $id, changes: { title: $title }, expectedVersion: $expectedVersion) {
        __typename
        ... on AppointmentUpdated {
          appointment {
            id
            title
            version
          }
        }
        ... on NotAllowedInStatus {
          status
        }
        ... on NotFound {
          id
        }
        ... on ValidationFailed {
          fields {
            path
            message
          }
        }
        ... on VersionConflict {
          currentVersion
        }
      }
    }
  `;
  const variables = { id, title, expectedVersion };
  const { updateAppointment: result } = await commit<mutationsRenameMutation>(environment, mutation, variables);
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

export async function remove(environment: Environment, id: string, person: string) {
  const mutation = graphql`
    mutation mutationsDeleteMutation($id: ID!, $connections: [ID!]!) {
      deleteAppointment(id: $id) {
        __typename
        ... on AppointmentDeleted {
          deletedAppointmentId @deleteEdge(connections: $connections) @deleteRecord
        }
      }
    }
  `;
  const variables = { id, connections: connections(person) };
  const { deleteAppointment } = await commit<mutationsDeleteMutation>(environment, mutation, variables);
  return deleteAppointment?.__typename === "AppointmentDeleted";
}
