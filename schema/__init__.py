"""The core: one function per operation, one gate around it, the Strawberry schema over them.

Knows nothing of Starlette.
"""
