"""The set-ups of docs/clients.md: generated, type-checked and run against a real server."""
