"""The core: one function per operation, one gate around it, the Strawberry schema over them.

Knows no Starlette; called by `rest`, `gateway.graphql` and `gateway.cli`.
"""
