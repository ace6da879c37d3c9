// What the audit of GraphQL over HTTP that graphql-http brings finds about the endpoint that is named:
// lines of JSON, one for a rule. Called by tests/graphql/test_audit.py.
import { auditServer } from 'graphql-http';

const [url] = process.argv.slice(2);
for (const { id, name, status, reason } of await auditServer({ url, fetchFn: fetch })) {
  console.log(JSON.stringify({ id, name, status, reason: reason ?? null }));
}
