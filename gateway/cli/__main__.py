"""`python -m gateway.cli`."""
# ruff: noqa: E402  (signals are obeyed before anything is imported that takes time)

from ..serving import signals

signals.obey()

import sys
from io import TextIOWrapper

from .main import main

if isinstance(sys.stdout, TextIOWrapper):
    # Another encoding shows an escape for what it lacks, rather than keep a new token to itself.
    sys.stdout.reconfigure(errors="backslashreplace")
sys.exit(main())
