"""Strawberry's info about a field, which finds the call faster."""

from functools import cached_property

from strawberry import Info

from ..operation.call import Call


class CallInfo(Info[Call, Call]):
    """The info of a field; `root_value` is looked up once, though asked for row by row."""

    @cached_property
    def root_value(self) -> Call:
        """The call that the operation belongs to."""
        call: Call = self._raw_info.root_value
        return call
