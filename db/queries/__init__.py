"""Functions that read and write rows, one module for each subject.

Each takes the caller's `Tenancy` first. `system` holds the statements that cross tenants.
"""
