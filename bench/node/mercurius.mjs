// Mercurius on Fastify with its JIT, which compiles an operation at its second execution.

import Fastify from 'fastify'
import mercurius from 'mercurius'
import { given, open } from './schema.mjs'

const { path, port, host } = given()
const { schema, contextOf } = open(path)
const app = Fastify()
const context = (request) => contextOf(request.headers.authorization)
app.register(mercurius, { schema, context, jit: 1 })
await app.listen({ port, host })
