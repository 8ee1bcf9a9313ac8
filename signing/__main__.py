"""`python -m signing letter.edoc`: files judged on a command line."""

import sys

from signing.cli import main

if __name__ == "__main__":
    sys.exit(main())
