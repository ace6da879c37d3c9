"""Where servers are, and who logs in: a URL, and the files and variables that libpq knows."""

from .url import Address, addresses

__all__ = ["Address", "addresses"]
