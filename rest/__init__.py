"""The REST face: the documented operations of the original service over the resolvers.

It has no rule and no query of its own.
"""
