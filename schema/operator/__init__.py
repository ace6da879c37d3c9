"""What the command line does with organizations and their tokens; no caller reaches it."""
