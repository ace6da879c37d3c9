"""What makes the start of the server quick and light."""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager

# Packages that others take up when they find them, 80 modules and 6 MiB: structlog for coloured
# tracebacks, which we print without colours because local variables hold personal data.
UNUSED = ("rich",)


@contextmanager
def light_imports() -> Iterator[None]:
    """Hides the packages of `UNUSED` from what is imported in the block, and rests the collector.

    It would look dozens of times at objects that all stay, and need not look at them later either.
    """
    gc.disable()
    hidden = [name for name in UNUSED if name not in sys.modules]
    # None is how the import system notes what must not be imported: an ImportError, as if absent.
    sys.modules |= dict.fromkeys(hidden)  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]
        gc.freeze()
        gc.enable()
