"""What only a server has: connections that break, addresses, poolers, TLS."""
