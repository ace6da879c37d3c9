"""Live updates over real sockets: every rule of every protocol, and what many subscribers cost."""
