"""``python -m summae`` is the command ``summae``."""

import sys

from summae.cli import main

if __name__ == "__main__":
    sys.exit(main())
