"""`python -m signing letter.edoc`: the same as `viis verify`."""

import sys

from signing.cli import main

if __name__ == "__main__":
    sys.exit(main())
