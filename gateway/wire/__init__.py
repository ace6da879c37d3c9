"""Below ASGI: sockets, and connections that neither wait nor keep anything for ever."""
