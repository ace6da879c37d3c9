// The operations offered under "Examples": one file each in operations/, their variables here.
// Shown by menu.tsx; a test of the gateway checks every document against the printed schema.
import addParticipants from './operations/add-participants.graphql?raw';
import bookAppointment from './operations/book-appointment.graphql?raw';
import byParticipant from './operations/by-participant.graphql?raw';
import deleteAppointment from './operations/delete-appointment.graphql?raw';
import followEvents from './operations/follow-events.graphql?raw';
import listAppointments from './operations/list-appointments.graphql?raw';
import nextPage from './operations/next-page.graphql?raw';
import readAppointment from './operations/read-appointment.graphql?raw';
import removeParticipants from './operations/remove-participants.graphql?raw';
import updateAppointment from './operations/update-appointment.graphql?raw';
import updateParticipant from './operations/update-participant.graphql?raw';
import whoAmI from './operations/who-am-i.graphql?raw';
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

/** Nine o'clock UTC, `days` from today: an example must not grow old. */
function morning(days: number): string {
  const date = new Date();
  date.setUTCDate(date.getUTCDate() + days);
  return `${date.toISOString().slice(0, 10)}T09:00:00Z`;
}
