"""`python -m gateway.cli`."""
# ruff: noqa: E402  (signals are obeyed before anything is imported that takes time)

from ..serving import signals

signals.obey()

import sys

try:
    from .main import main

    sys.exit(main())
except KeyboardInterrupt:
    # The imports take a moment, too.
    sys.stderr.write("connect: interrupted\n")
    sys.exit(130)
except Exception as error:
    ended = signals.behind(error)
    if ended is None:
        raise
    sys.exit(ended.code)
