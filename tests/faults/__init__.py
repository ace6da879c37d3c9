"""What survives crashes and faults: real processes are killed under load, and a ledger is compared."""
