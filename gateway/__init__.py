"""The gateway: settings, the ASGI application with its faces and pages, and the command line.

The top layer: imports `rest`, `schema` and `db`, and none of them imports it.
"""
