import type { BookMutation, RenameMutation } from "./generated/graphql";

/** Says in words what became of a booking. */
export function booked(result?: BookMutation["createAppointment"]): string {
  switch (result?.__typename) {
    case "AppointmentCreated":
      return `booked for ${result.appointment.startDateTime}`;
    case "ValidationFailed":
      return result.fields.map(({ path, message }) => `${path.join(".")}: ${message}`).join("\n");
    default:
      return "not booked";
  }
}

/** Says in words what became of a new title. */
export function renamed(result?: RenameMutation["updateAppointment"]): string {
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
    default: // null, or a problem that was added to the schema later
      return "not renamed";
  }
}
