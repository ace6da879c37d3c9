"""Makes the start of the server fast, and keeps its memory small."""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager

# Optional dependencies of our libraries that we do not need: 80 modules and 6 MiB. structlog uses
# rich for tracebacks with local variables, which we do not print: they hold personal data.
UNUSED = ("rich",)


@contextmanager
def light_imports() -> Iterator[None]:
    """Hides the packages of `UNUSED` from imports in the block, and pauses garbage collection.

    The collector would scan dozens of times objects that all stay; later it skips them too.
    """
    gc.disable()
    hidden = [name for name in UNUSED if name not in sys.modules]
    # With None in sys.modules an import raises ImportError, as if the package were missing.
    sys.modules |= dict.fromkeys(hidden)  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]
        gc.freeze()
        gc.enable()
