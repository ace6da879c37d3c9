"""The command line as people expect one: help, refusals, output that cannot be written, secrets."""
