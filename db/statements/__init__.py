"""The statements, written with SQLAlchemy over the tables.

Imported to compile them only: a server whose statements are compiled imports none of this.
"""
