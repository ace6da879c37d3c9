import type { Client } from "openapi-fetch";
import { said } from "../refusal";
import type { components, paths } from "./schema";

type NewAppointment = components["schemas"]["NewAppointment"];

export async function list(client: Client<paths>, person: string, pageSize = 20) {
  const found = [];
  for (let page = 1, more = true; more; page++) {
    const query = { participant_unique_id: person, page_size: pageSize, page };
    const { data, error } = await client.GET("/api/v1/appointments/", { params: { query } });
    if (!data) throw new Error(said(error));
    found.push(...data.results);
    more = data.next !== null;
  }
  return found;
}

export async function book(client: Client<paths>, body: NewAppointment) {
  const { data, error } = await client.POST("/api/v1/appointments/", { body });
  return data ? `booked for ${data.start_date_time}` : said(error);
}

export async function rename(client: Client<paths>, id: string, title: string) {
  const { data, error } = await client.PATCH("/api/v1/appointments/{id}/", {
    params: { path: { id } },
    body: { title },
  });
  return data ? `now called ${data.title}` : said(error);
}

export async function invite(client: Client<paths>, id: string, person: string) {
  const { data, error } = await client.POST("/api/v1/appointments/{id}/participants/add/", {
    params: { path: { id } },
    body: [{ unique_id: person, role: "participant" }],
  });
  return data ? data.participants.map(({ unique_id }) => unique_id).join(", ") : said(error);
}

export async function uninvite(client: Client<paths>, id: string, person: string) {
  const params = { path: { id } };
  const { data: found, error: missing } = await client.GET("/api/v1/appointments/{id}/", { params });
  if (!found) return said(missing);
  const body = found.participants.filter((each) => each.unique_id === person).map(({ id }) => ({ id }));
  const { data, error } = await client.POST("/api/v1/appointments/{id}/participants/remove/", { params, body });
  return data ? data.participants.map(({ unique_id }) => unique_id).join(", ") : said(error);
}
