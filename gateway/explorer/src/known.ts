// The appointment and the participant that the examples speak about: the ones seen last in an answer.
// Called by explorer.tsx with every answer and by menu.tsx before an example is opened.
import { execute } from './http';
import { currentToken } from './token';

export interface Known {
  appointmentId?: string;
  participantId?: string;
  participantUniqueId?: string;
}

let known: Known = {};

const FIRST_SCHEDULED = `query FirstScheduled {
  appointments(first: 1, filter: { status: [SCHEDULED] }) {
    nodes { id title participants(last: 1) { nodes { id uniqueId } } }
  }
}`;

const LAST_PARTICIPANT = `query LastParticipant($id: ID!) {
  appointment(id: $id) { id title participants(last: 1) { nodes { id uniqueId } } }
}`;

/** What is known by now; asks the server when something is missing and a token is at hand. */
export async function whatIsKnown(): Promise<Known> {
  if (currentToken() && !known.participantId) await lookUp();
  return known;
}

async function lookUp(): Promise<void> {
  const id = known.appointmentId;
  const query = id ? LAST_PARTICIPANT : FIRST_SCHEDULED;
  try {
    remember((await execute({ query, variables: { id } })).data);
  } catch {
    // The example then shows a placeholder; running it tells what is wrong with the server.
  }
}

/** Notes the first appointment of an answer and the participant named last in it. */
export function remember(data: unknown): void {
  const seen: Known = {};
  collect(data, seen);
  const isAnother = seen.appointmentId && seen.appointmentId !== known.appointmentId;
  known = isAnother ? seen : { ...known, ...seen };
}

function collect(value: unknown, seen: Known): void {
  if (typeof value !== 'object' || value === null) return;
  const { __typename: typename, id, title, uniqueId } = value as Record<string, unknown>;
  if (typename === 'AppointmentDeleted') known = {};
  // Whoever was removed is no longer to be spoken of; their appointment is.
  if (typename === 'ParticipantsRemoved') known = withoutParticipant(known);
  if (typeof id === 'string' && typeof title === 'string') {
    if (seen.appointmentId && seen.appointmentId !== id) return;
    seen.appointmentId = id;
  }
  if (typeof id === 'string' && typeof uniqueId === 'string') {
    seen.participantId = id;
    seen.participantUniqueId = uniqueId;
  }
  for (const child of Object.values(value)) collect(child, seen);
}

function withoutParticipant({ appointmentId }: Known): Known {
  return appointmentId ? { appointmentId } : {};
}
