"""The command line: run, token, organization, and commands for the database."""
