"""What `/metrics` shows: numbers that are counted anyway, and a few questions to the database."""
