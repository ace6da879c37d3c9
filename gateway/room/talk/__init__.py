"""One socket of the room: what it may say and how much, what waits for it, how it ends."""
