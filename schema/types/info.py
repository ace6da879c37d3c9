"""Strawberry's info about a field, which finds the call faster."""

from typing import Any, cast

from graphql import GraphQLResolveInfo
from strawberry import Info

from ..operation.call import Call


class CallInfo(Info[Call, Call]):
    """The info of a field; `root_value` is looked up once, though asked for row by row."""

    # The call that the operation belongs to; a plain attribute in place of Strawberry's property.
    root_value: Call = cast(Call, None)

    def __init__(self, _raw_info: GraphQLResolveInfo[Any], _field: Any) -> None:
        self._raw_info = _raw_info
        self._field = _field
        self.root_value = _raw_info.root_value
