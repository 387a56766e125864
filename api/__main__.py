"""`python -m dpc`."""

import sys

from dpc.cli import main

if __name__ == "__main__":
    sys.exit(main())
