"""What writes under an `Idempotency-Key` came to: those that run, and those that are kept."""
