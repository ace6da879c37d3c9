// The only write: rows and their event in one transaction; waiting writers share a commit.

import { randomUUID } from 'node:crypto'
import { written } from './reads.mjs'
import { newId, now, prepare } from './storage.mjs'

const APPOINTMENT = `INSERT INTO appointment (organization_id, id, title, start_date_time,
  duration_minutes, status, config, created_at, updated_at, version)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 1)`
const PARTICIPANT = `INSERT INTO participant (organization_id, appointment_id, created_at,
  updated_at, id, unique_id, display_name, role, link_version)
  VALUES (?1, ?2, ?3, ?3, ?4, ?5, ?6, ?7, ?8)`
const NUMBER = 'UPDATE organization SET event_seq = event_seq + 1 WHERE id = ? RETURNING event_seq'
const EVENT = `INSERT INTO event (organization_id, seq, id, type, appointment_id, changed_fields,
  actor, source, request_id, occurred_at)
  VALUES (?, ?, ?, 'appointment.created', ?, '[]', 'token', 'graphql', ?, ?)`
export const SWITCHES = {
  breakoutRoomsEnabled: 'breakout_rooms_enabled',
  whiteboardEnabled: 'whiteboard_enabled',
  chatEnabled: 'chat_enabled',
  joinScreenEnabled: 'join_screen_enabled',
  screenshareEnabled: 'screenshare_enabled',
  raiseHandEnabled: 'raise_hand_enabled',
}

/** Renders the switches as they are stored; null when none were given. */
function switches(given) {
  if (!given) return null
  const named = Object.entries(given).map(([name, value]) => [SWITCHES[name], value])
  return JSON.stringify(Object.fromEntries(named))
}

/** Everything that is written, on one connection. */
export class Writes {
  constructor(database) {
    this.database = database
    this.waiting = []
    this.statements = {
      appointment: prepare(database, APPOINTMENT),
      participant: prepare(database, PARTICIPANT),
      number: prepare(database, NUMBER),
      event: prepare(database, EVENT),
    }
  }

  /** Books an appointment; resolves once that is on the disk. */
  async create(caller, given) {
    const at = now()
    const config = switches(given.config)
    const row = [newId(), given.title, given.startDateTime, given.durationMinutes, 'scheduled']
    row.push(config, at, at, given.participants.length)
    const people = given.participants.map((each) => [
      newId(),
      each.uniqueId,
      each.displayName ?? null,
      each.role.toLowerCase(),
      1,
    ])
    await this.transact(() => this.insert(caller.id, row, people, at))
    return written(row, people, caller)
  }

  insert(organization, row, people, at) {
    const { appointment, participant, number, event } = this.statements
    appointment.run(organization, ...row.slice(0, 8))
    for (const each of people) participant.run(organization, row[0], at, ...each)
    const [seq] = number.get(organization)
    event.run(organization, seq, newId(), row[0], randomUUID().replaceAll('-', ''), at)
  }

  /** Runs `work` with the others that arrived in the same turn of the event loop. */
  transact(work) {
    return new Promise((resolve, reject) => {
      if (this.waiting.push({ work, resolve, reject }) === 1) setImmediate(() => this.flush())
    })
  }

  flush() {
    const batch = this.waiting
    this.waiting = []
    try {
      this.database.exec('BEGIN IMMEDIATE')
      const failures = batch.map((each) => this.attempt(each.work))
      this.database.exec('COMMIT')
      batch.forEach((each, at) => (failures[at] ? each.reject(failures[at]) : each.resolve()))
    } catch (error) {
      if (this.database.isTransaction) this.database.exec('ROLLBACK')
      batch.forEach((each) => each.reject(error))
    }
  }

  /** Runs one caller's work so that its failure undoes only itself; returns the failure. */
  attempt(work) {
    this.database.exec('SAVEPOINT one')
    try {
      work()
      return null
    } catch (error) {
      this.database.exec('ROLLBACK TO one')
      return error
    } finally {
      this.database.exec('RELEASE one')
    }
  }
}
