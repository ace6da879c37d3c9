"""Commands that keep a database: copies of it, a move, an erasure, invented appointments."""
