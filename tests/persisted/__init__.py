"""Persisted documents: automatic persisted queries and trusted documents."""
