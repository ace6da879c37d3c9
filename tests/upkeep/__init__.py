"""The operator's commands, run as processes, also beside a server that is written to."""
