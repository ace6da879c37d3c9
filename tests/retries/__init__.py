"""Writes under an `Idempotency-Key`, on the wire: their forms, their races, and kills in between."""
