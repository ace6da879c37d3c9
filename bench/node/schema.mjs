// The executable schema that both servers share: the SDL beside this file with its few resolvers.
// Every other field is read by the engine's default resolver.

import { readFileSync } from 'node:fs'
import { buildSchema, GraphQLError } from 'graphql'
import { Reads } from './reads.mjs'
import { connect, link, shown, stored } from './storage.mjs'
import { SWITCHES, Writes } from './writes.mjs'

const SDL = new URL('schema.graphql', import.meta.url)
const NESTED = { title: [1, 255], durationMinutes: [15, 720], uniqueId: [1, 255], displayName: [0, 60] }

/** Returns a problem for each value outside its limits. */
function* problems(given, path) {
  for (const [name, [least, most]] of Object.entries(NESTED)) {
    const value = given[name]
    if (value === undefined || value === null) continue
    const size = typeof value === 'string' ? value.trim().length : value
    if (size < least || size > most) {
      yield { path: [...path, name], code: 'out_of_range', message: `Give ${least} to ${most}.` }
    }
  }
}

function validated(input) {
  const nested = input.participants.flatMap((each, at) => [
    ...problems(each, ['input', 'participants', String(at)]),
  ])
  return [...problems(input, ['input']), ...nested]
}

const fields = (reads, writes) => ({
  Query: {
    appointment: (root, { id }, { caller }) => reads.one(caller, id),
    appointments(root, { first, filter }, { caller }) {
      if (first < 1 || first > 100) throw new GraphQLError('Give `first` from 1 to 100.')
      return reads.page(caller, first, filter?.startsFrom, filter?.startsUntil)
    },
  },
  Mutation: {
    async createAppointment(root, { input }, { caller }) {
      const found = validated(input)
      if (found.length) return { message: 'The input is invalid.', fields: found }
      return { appointment: await writes.create(caller, input) }
    },
  },
  Appointment: {
    config: ({ config }) => config && JSON.parse(config),
    participants: ({ id, together }) => ({ nodes: together.participants(id) }),
  },
  AppointmentConfig: Object.fromEntries(
    Object.entries(SWITCHES).map(([name, key]) => [name, (config) => config[key]]),
  ),
  Participant: { accessLink: ({ id, version }) => link(id, version) },
})

/** Opens the database; returns the schema and a function from a header to the context. */
export function open(path) {
  const reads = new Reads(connect(path))
  const schema = buildSchema(readFileSync(SDL, 'utf8'))
  for (const [type, resolvers] of Object.entries(fields(reads, new Writes(connect(path))))) {
    const known = schema.getType(type).getFields()
    for (const [name, resolve] of Object.entries(resolvers)) known[name].resolve = resolve
  }
  schema.getType('CreateAppointmentResult').resolveType = (value) =>
    value.fields ? 'ValidationFailed' : 'AppointmentCreated'
  const parseLiteral = ({ value }) => stored(value)
  Object.assign(schema.getType('DateTime'), { serialize: shown, parseValue: stored, parseLiteral })
  return { schema, contextOf: (header) => context(reads.caller(header)) }
}

function context(caller) {
  if (caller) return { caller }
  throw new GraphQLError('Sign in.', { extensions: { code: 'UNAUTHENTICATED' } })
}

/** Returns the database and the port of the command line. */
export function given() {
  const [path, port] = process.argv.slice(2)
  return { path, port: Number(port), host: '127.0.0.1' }
}
