// GraphQL Yoga on Node's own HTTP server, with its caches of parsed and validated documents.

import { createServer } from 'node:http'
import { createYoga } from 'graphql-yoga'
import { given, open } from './schema.mjs'

const { path, port, host } = given()
const { schema, contextOf } = open(path)
const context = ({ request }) => contextOf(request.headers.get('authorization'))
createServer(createYoga({ schema, context, logging: false, graphiql: false })).listen(port, host)
