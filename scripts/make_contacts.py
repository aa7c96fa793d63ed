"""Writes made-up contacts; `examples/contacts.csv` is made by `python scripts/make_contacts.py examples/contacts.csv`."""

import argparse
from pathlib import Path

from cli.demo.people import KINDS, RECIPIENTS, SEED, write


def main() -> None:
    """Writes the file the command line asks for."""
    parser = argparse.ArgumentParser(description="Writes made-up contacts as CSV.")
    parser.add_argument("file", type=Path, help="where to write")
    parser.add_argument("--recipients", type=int, default=RECIPIENTS, help="good rows (default: %(default)s)")
    parser.add_argument(
        "--bad", type=int, default=2 * KINDS, help="rows to be refused (default: %(default)s)"
    )
    parser.add_argument(
        "--seed", default=SEED, help="the same seed gives the same file (default: %(default)s)"
    )
    given = parser.parse_args()
    write(given.file, recipients=given.recipients, bad=given.bad, seed=given.seed)


if __name__ == "__main__":
    main()
