"""The page that an access link opens, and the same decision as data."""
