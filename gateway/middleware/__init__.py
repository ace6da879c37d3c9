"""ASGI middleware around both faces: request ids, host checks, authentication, metrics."""
