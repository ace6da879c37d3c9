"""Measures the gateway against a floor and against the alternatives that a user has.
Run as `python -m bench`; nothing of the product imports it."""
