"""The attack corpus and what runs it against a real server process: `./connect abuse`."""
