"""Execution: a document is bounded, parsed, validated and priced before anything of it runs."""

from .documents import Operation
from .errors import Refused, problem
from .executor import Executor

__all__ = ["Executor", "Operation", "Refused", "problem"]
