"""Run the named checks, all without a name."""

import sys

from tests.check.running import main

sys.exit(main(sys.argv[1:]))
