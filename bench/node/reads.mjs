// Authentication, one appointment, a page: the floor's statements, with the tenant filter.

import { createHash } from 'node:crypto'
import { prepare } from './storage.mjs'

const TOKEN_MILLISECONDS = 1000
const NESTED_SIZE = 20
const CALLER = `SELECT o.id, o.name FROM api_token t JOIN organization o ON o.id = t.organization_id
  WHERE t.digest = ? AND t.revoked_at IS NULL AND o.is_active`
const COLUMNS = `a.id, a.title, a.start_date_time, a.duration_minutes, a.status, a.config,
  a.created_at, a.updated_at`
const ONE = `SELECT ${COLUMNS}, 0 FROM appointment a WHERE a.organization_id = ? AND a.id = ?`
const PEOPLE = 'id, unique_id, display_name, role, link_version, appointment_id'
const PARTICIPANTS = `SELECT ${PEOPLE} FROM participant
  WHERE organization_id = ? AND appointment_id = ? ORDER BY id`
const NESTED = `SELECT ${PEOPLE} FROM participant WHERE organization_id = ?1
  AND appointment_id IN (SELECT value FROM json_each(?2)) ORDER BY appointment_id, id`
const WINDOW = `a.organization_id = ?1 AND a.start_date_time >= ?2 AND a.start_date_time <= ?3`
const PAGE = `SELECT ${COLUMNS}, (SELECT count(*) FROM participant p
  WHERE p.organization_id = a.organization_id AND p.appointment_id = a.id)
  FROM appointment a WHERE ${WINDOW} ORDER BY a.start_date_time DESC, a.id LIMIT ?4`
const COUNT = `SELECT count(*) FROM appointment a WHERE ${WINDOW}`
const EARLIEST = '0001-01-01T00:00:00.000000Z'
const LATEST = '9999-12-31T23:59:59.999999Z'

/** The appointments of one answer; the first that is asked for participants loads those of all. */
class Together {
  constructor(reads, organization) {
    this.reads = reads
    this.organization = organization
    this.ids = []
    this.people = null
  }

  participants(id) {
    this.people ??= this.reads.participants(this.organization, this.ids)
    return this.people.get(id) ?? []
  }
}

/** Returns an appointment from its row, its keys those of the schema. */
export function appointment(row, caller, together) {
  together.ids.push(row[0])
  return {
    id: row[0],
    title: row[1],
    startDateTime: row[2],
    durationMinutes: row[3],
    status: row[4].toUpperCase(),
    config: row[5],
    createdAt: row[6],
    updatedAt: row[7],
    participantCount: row[8],
    organization: caller,
    together,
  }
}

/** Returns a participant from its row, its keys those of the schema. */
export function participant(row) {
  return {
    id: row[0],
    uniqueId: row[1],
    displayName: row[2],
    role: row[3].toUpperCase(),
    version: row[4],
  }
}

/** Everything that is read, on one connection. */
export class Reads {
  constructor(database) {
    this.callers = new Map()
    this.statements = {
      caller: prepare(database, CALLER),
      one: prepare(database, ONE),
      participants: prepare(database, PARTICIPANTS),
      nested: prepare(database, NESTED),
      page: prepare(database, PAGE),
      count: prepare(database, COUNT),
    }
  }

  /** Returns the organization of a token, remembered for a second; null when there is none. */
  caller(header) {
    const known = this.callers.get(header)
    if (known && known.until > performance.now()) return known
    const token = (header ?? '').split(' ')[1] ?? ''
    const row = this.statements.caller.get(createHash('sha256').update(token).digest('hex'))
    if (!row) return null
    const found = { id: row[0], name: row[1], until: performance.now() + TOKEN_MILLISECONDS }
    this.callers.set(header, found)
    return found
  }

  /** Returns one appointment, or null. */
  one(caller, id) {
    const row = this.statements.one.get(caller.id, id)
    return row ? appointment(row, caller, new Together(this, caller.id)) : null
  }

  /** Returns the first of a window of time, latest first, and how many there are. */
  page(caller, first, from, until) {
    const window = [caller.id, from ?? EARLIEST, until ?? LATEST]
    const together = new Together(this, caller.id)
    const rows = this.statements.page.all(...window, first)
    const totalCount = this.statements.count.get(...window)[0]
    return {
      totalCount,
      pageInfo: { hasNextPage: totalCount > first },
      nodes: rows.map((row) => appointment(row, caller, together)),
    }
  }

  /** Returns the participants of these appointments, at most twenty of each. */
  participants(organization, ids) {
    const found = new Map(ids.map((id) => [id, []]))
    const rows =
      ids.length === 1
        ? this.statements.participants.all(organization, ids[0])
        : this.statements.nested.all(organization, JSON.stringify(ids))
    for (const row of rows) {
      const people = found.get(row[5])
      if (people.length < NESTED_SIZE) people.push(participant(row))
    }
    return found
  }
}

/** Returns an appointment just written, its participants at hand. */
export function written(row, people, caller) {
  const together = new Together(null, caller.id)
  together.people = new Map([[row[0], people.map(participant)]])
  return appointment(row, caller, together)
}
