"""Live updates: graphql-transport-ws, graphql-sse, Apollo's multipart, and streams of events."""
