"""Recorded histories of concurrent operations, and the checker that says whether they can be."""
