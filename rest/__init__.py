"""The REST face: the documented operations of the original service, drawn over the resolvers.

Mounted by `gateway.app` as `rest.face.RestFace`; knows no rule and no query.
"""
