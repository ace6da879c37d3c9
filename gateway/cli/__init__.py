"""The command line: run, token, organization, and what operators do with a database."""
