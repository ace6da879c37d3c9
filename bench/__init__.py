"""Measures the gateway beside a floor and beside what a user would pick instead.
Run as `python -m bench`; nothing of the product imports it."""
