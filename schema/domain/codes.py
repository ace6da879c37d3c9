"""The codes of problems: what clients compare, the same on every face."""

from enum import StrEnum


class ProblemCode(StrEnum):
    """Why a write was refused."""

    VALIDATION_FAILED = "validation_failed"
    NOT_FOUND = "not_found"
    NOT_ALLOWED_IN_STATUS = "not_allowed_in_status"
    OUTSIDE_JOIN_WINDOW = "outside_join_window"
    VERSION_CONFLICT = "version_conflict"


class FieldProblemCode(StrEnum):
    """What is wrong with one value."""

    REQUIRED = "required"
    NULL = "null"
    BLANK = "blank"
    TOO_LONG = "too_long"
    TOO_SMALL = "too_small"
    TOO_LARGE = "too_large"
    TOO_MANY = "too_many"
    INVALID = "invalid"
    INVALID_CHOICE = "invalid_choice"
    OUT_OF_RANGE = "out_of_range"
    DUPLICATE = "duplicate"
