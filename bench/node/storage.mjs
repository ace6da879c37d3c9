// The SQLite file as the floor opens it, with the same texts of instants, ids and signed links.

import { createHmac, createSecretKey, randomUUID } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'

const KEY = createSecretKey(Buffer.from('a peer signs links so that it pays for a signature too'))
const INSTANT = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,6})\d*)?(Z|[+-]\d\d:\d\d)$/
let lastMillisecond = 0
let counter = 0

/** Opens the file: WAL, and a full sync for every commit. */
export function connect(path) {
  const database = new DatabaseSync(path, { timeout: 10_000, enableForeignKeyConstraints: true })
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
  return database
}

/** Prepares a statement whose rows are arrays: quicker than objects. */
export function prepare(database, sql) {
  const statement = database.prepare(sql)
  statement.setReturnArrays(true)
  return statement
}

/** Renders a stored instant: six digits of fraction, or none. */
export function shown(instant) {
  return instant.endsWith('.000000Z') ? `${instant.slice(0, 19)}Z` : instant
}

/** Parses an RFC 3339 instant into the text that is stored; throws when it is invalid. */
export function stored(given) {
  const [, seconds, fraction = '', offset] = INSTANT.exec(given) ?? []
  const at = new Date(`${seconds}${offset}`)
  if (Number.isNaN(at.getTime())) throw new TypeError(`an invalid date-time: ${given}`)
  return `${at.toISOString().slice(0, 19)}.${fraction.padEnd(6, '0')}Z`
}

/** Returns the present instant as it is stored. */
export function now() {
  return `${new Date().toISOString().slice(0, 23)}000Z`
}

/** Makes a UUIDv7; within one millisecond they ascend. */
export function newId() {
  const millisecond = Date.now()
  counter = millisecond === lastMillisecond ? counter + 1 : 0
  lastMillisecond = millisecond
  const time = millisecond.toString(16).padStart(12, '0')
  const position = counter.toString(16).padStart(3, '0').slice(-3)
  return `${time.slice(0, 8)}-${time.slice(8)}-7${position}-${randomUUID().slice(19)}`
}

/** Signs a participant's personal link. */
export function link(id, version) {
  const named = `${id}.${version}`
  const signature = createHmac('sha256', KEY).update(named).digest('base64url')
  return `http://127.0.0.1/join/${named}.${signature}`
}
