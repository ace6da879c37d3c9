"""What a client sent: its JSON or form, its query string, and the values in them, checked."""
