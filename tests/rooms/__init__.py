"""The built-in room in real browsers."""
