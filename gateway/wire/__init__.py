"""Below ASGI: sockets, and connections with limits on time and memory."""
