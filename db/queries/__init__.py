"""Statements over the tables, one module a subject.

Each function takes the caller's `Tenancy` first; `system` holds what crosses tenants, with reasons.
"""
