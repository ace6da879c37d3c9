"""The statements, written with SQLAlchemy over the tables; named by those who run them.

Imported to compile them only: a server whose statements are compiled imports none of this.
"""
