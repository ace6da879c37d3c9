"""Plans: documents that come again are compiled to Python."""

from .plan import Incomplete, Plan
from .store import Plans
from .surprise import Unplanned

__all__ = ["Incomplete", "Plan", "Plans", "Unplanned"]
