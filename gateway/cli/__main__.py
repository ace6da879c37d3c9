"""`python -m gateway.cli`."""

import sys

from .main import main

sys.exit(main())
