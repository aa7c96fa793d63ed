"""`python -m sandbox`: the sandbox as one process, configured by the environment."""

import asyncio
import logging
import os
import sys

import uvloop

from sandbox.runner import serve
from sandbox.settings import SettingsError, load


def main() -> int:
    """Runs the sandbox; returns the exit status."""
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s", stream=sys.stderr
    )
    try:
        settings = load(os.environ)
    except SettingsError as problem:
        sys.stderr.write(f"sandbox: {problem}\n")
        return 2
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(serve(settings))
    except OSError as problem:
        sys.stderr.write(f"sandbox: {problem}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
