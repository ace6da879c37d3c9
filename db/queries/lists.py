"""Helpers that the queries of several subjects share."""

import orjson


def id_list(ids: list[str]) -> str:
    """Returns the value to bind for `db.statements.lists.among`."""
    return orjson.dumps(ids).decode()
