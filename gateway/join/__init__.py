"""The page that an access link opens, and the same information as JSON."""
