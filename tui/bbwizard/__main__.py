"""`bbwizard`, and `python -m bbwizard`."""

import sys

from bbwizard.cli import run


def main() -> None:
    """Run what the command line says and leave with its status."""
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
