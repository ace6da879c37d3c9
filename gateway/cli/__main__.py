"""`python -m gateway.cli`."""
# ruff: noqa: E402  (signals are obeyed before anything is imported that takes time)

from ..serving import signals

signals.obey()

import sys

from .main import main

sys.exit(main())
