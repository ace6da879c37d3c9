"""The operations: one function each, the same for GraphQL, REST and the command line."""
