"""The commands: names, arguments and help. Each imports what it needs when it runs."""
