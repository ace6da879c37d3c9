import { said } from "../refusal";
import type { Client } from "./generated/client";
import type { NewAppointment } from "./generated";
import {
  appointmentsCreate,
  appointmentsList,
  appointmentsPartialUpdate,
  appointmentsParticipantsAddCreate,
  appointmentsParticipantsRemoveCreate,
  appointmentsRetrieve,
} from "./generated";

export async function list(client: Client, person: string, pageSize = 20) {
  const found = [];
  for (let page = 1, more = true; more; page++) {
    const query = { participant_unique_id: person, page_size: pageSize, page };
    const { data, error } = await appointmentsList({ client, query });
    if (!data) throw new Error(said(error));
    found.push(...data.results);
    more = data.next !== null;
  }
  return found;
}

export async function book(client: Client, body: NewAppointment) {
  const { data, error } = await appointmentsCreate({ client, body });
  return data ? `booked for ${data.start_date_time}` : said(error);
}

export async function rename(client: Client, id: string, title: string) {
  const { data, error } = await appointmentsPartialUpdate({ client, path: { id }, body: { title } });
  return data ? `now called ${data.title}` : said(error);
}

export async function invite(client: Client, id: string, person: string) {
  const body = [{ unique_id: person, role: "participant" as const }];
  const { data, error } = await appointmentsParticipantsAddCreate({ client, path: { id }, body });
  return data ? data.participants.map(({ unique_id }) => unique_id).join(", ") : said(error);
}

export async function uninvite(client: Client, id: string, person: string) {
  const { data: found, error: missing } = await appointmentsRetrieve({ client, path: { id } });
  if (!found) return said(missing);
  const body = found.participants.filter((each) => each.unique_id === person).map(({ id }) => ({ id }));
  const { data, error } = await appointmentsParticipantsRemoveCreate({ client, path: { id }, body });
  return data ? data.participants.map(({ unique_id }) => unique_id).join(", ") : said(error);
}
