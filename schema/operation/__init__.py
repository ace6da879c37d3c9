"""What surrounds every operation: the call, the gate, its snapshot, deadline, pace and price."""
