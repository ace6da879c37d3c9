// The operations offered under "Examples": one file each in operations/, their variables here.
// Shown by menu.tsx; a test of the gateway checks every document against the printed schema.
import addParticipants from './operations/add-participants.graphql?raw';
import bookAppointment from './operations/book-appointment.graphql?raw';
import byParticipant from './operations/by-participant.graphql?raw';
import cancelAppointment from './operations/cancel-appointment.graphql?raw';
import deleteAppointment from './operations/delete-appointment.graphql?raw';
import followEvents from './operations/follow-events.graphql?raw';
import listAppointments from './operations/list-appointments.graphql?raw';
import nextPage from './operations/next-page.graphql?raw';
import readAppointment from './operations/read-appointment.graphql?raw';
import removeParticipants from './operations/remove-participants.graphql?raw';
import rotateLink from './operations/rotate-link.graphql?raw';
import startAppointment from './operations/start-appointment.graphql?raw';
import updateAppointment from './operations/update-appointment.graphql?raw';
import updateParticipant from './operations/update-participant.graphql?raw';
import versionConflict from './operations/version-conflict.graphql?raw';
import whoAmI from './operations/who-am-i.graphql?raw';
import { morning } from './dates';
import type { Known } from './known';

export interface Example {
  title: string;
  kind: 'read' | 'write' | 'follow';
  document: string;
  /** Speaks about an appointment that exists already. */
  usesKnown?: true;
  variables?: (known: Known) => unknown;
}

/** Stands in the editors on a first visit. */
export const firstExample: Example = {
  title: 'Appointments with participants',
  kind: 'read',
  document: listAppointments,
  variables: () => ({ filter: { startsFrom: morning(-30) } }),
};

export const examples: readonly Example[] = [
  { title: 'Who am I', kind: 'read', document: whoAmI },
  firstExample,
  {
    title: 'Page by page',
    kind: 'read',
    document: nextPage,
    variables: () => ({ after: null }),
  },
  {
    title: 'Appointments of one person',
    kind: 'read',
    document: byParticipant,
    usesKnown: true,
    variables: (known) => ({ uniqueId: known.participantUniqueId ?? 'alex@example.com' }),
  },
  {
    title: 'One appointment',
    kind: 'read',
    document: readAppointment,
    usesKnown: true,
    variables: (known) => ({ id: appointmentId(known) }),
  },
  {
    title: 'Book an appointment',
    kind: 'write',
    document: bookAppointment,
    variables: () => ({
      input: {
        title: 'First consultation',
        startDateTime: morning(1),
        durationMinutes: 45,
        participants: [
          { uniqueId: 'dr.weber@example.com', displayName: 'Dr. Weber', role: 'MODERATOR' },
          { uniqueId: 'alex@example.com', displayName: 'Alex Martin', role: 'PARTICIPANT' },
        ],
        config: { chatEnabled: true, screenshareEnabled: true },
      },
    }),
  },
  {
    title: 'Change an appointment',
    kind: 'write',
    document: updateAppointment,
    usesKnown: true,
    variables: (known) => ({
      id: appointmentId(known),
      changes: { title: 'Second consultation', startDateTime: morning(2), durationMinutes: 30 },
    }),
  },
  {
    title: 'Meet a version conflict',
    kind: 'write',
    document: versionConflict,
    usesKnown: true,
    variables: (known) => ({
      id: appointmentId(known),
      changes: { title: 'Third consultation' },
      expectedVersion: 0,
    }),
  },
  {
    title: 'Add participants',
    kind: 'write',
    document: addParticipants,
    usesKnown: true,
    variables: (known) => ({
      appointmentId: appointmentId(known),
      participants: [
        { uniqueId: 'interpreter@example.com', displayName: 'Sam Ito', role: 'PARTICIPANT' },
      ],
    }),
  },
  {
    title: 'Change a participant',
    kind: 'write',
    document: updateParticipant,
    usesKnown: true,
    variables: (known) => ({
      id: participantId(known),
      changes: { displayName: 'Alex M. Martin', role: 'MODERATOR' },
    }),
  },
  {
    title: 'Replace an access link',
    kind: 'write',
    document: rotateLink,
    usesKnown: true,
    variables: (known) => ({ id: participantId(known) }),
  },
  {
    title: 'Remove participants',
    kind: 'write',
    document: removeParticipants,
    usesKnown: true,
    variables: (known) => ({
      appointmentId: appointmentId(known),
      participantIds: [participantId(known)],
    }),
  },
  {
    title: 'Start an appointment',
    kind: 'write',
    document: startAppointment,
    usesKnown: true,
    variables: (known) => ({ id: appointmentId(known) }),
  },
  {
    title: 'Cancel an appointment',
    kind: 'write',
    document: cancelAppointment,
    usesKnown: true,
    variables: (known) => ({
      id: appointmentId(known),
      reason: 'The interpreter is ill; we will call you.',
    }),
  },
  {
    title: 'Delete an appointment',
    kind: 'write',
    document: deleteAppointment,
    usesKnown: true,
    variables: (known) => ({ id: appointmentId(known) }),
  },
  { title: 'Follow events', kind: 'follow', document: followEvents },
];

function appointmentId(known: Known): string {
  return known.appointmentId ?? 'PUT-AN-APPOINTMENT-ID-HERE';
}

function participantId(known: Known): string {
  return known.participantId ?? 'PUT-A-PARTICIPANT-ID-HERE';
}
