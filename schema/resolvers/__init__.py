"""The operations: one async function each, named by GraphQL, REST and the command line."""
