"""The gateway: settings, the ASGI application with its faces and pages, and the command line.

The top room: imports `rest`, `schema` and `db`, and is imported by none of them.
"""
