"""Moving a database from a SQLite file to a PostgreSQL server: copied, verified, resumable."""
