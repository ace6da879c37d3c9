"""The statements, written with SQLAlchemy.

Imported only to compile them; a server whose statements are precompiled does not import it.
"""
