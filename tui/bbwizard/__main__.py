"""`bbwizard`, and `python -m bbwizard`."""

import sys

from bbwizard import interrupts


def main() -> None:
    """Run what the command line says and leave with its status."""
    interrupts.end_at_once()
    from bbwizard.cli import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
