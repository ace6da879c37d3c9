"""The built-in room: a WebSocket for each person, and what the server relays between them."""
