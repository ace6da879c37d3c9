"""How the databases find what is asked of them, at a million appointments and at a few thousand."""
