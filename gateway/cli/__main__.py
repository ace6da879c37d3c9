"""`python -m gateway.cli`."""

import sys
from io import TextIOWrapper

from .main import main

if isinstance(sys.stdout, TextIOWrapper):
    # Another encoding shows an escape for what it lacks, rather than keep a new token to itself.
    sys.stdout.reconfigure(errors="backslashreplace")
sys.exit(main())
