"""How the command is called from this shell, so that a line shown can be copied as it stands."""

import os
import re
import shutil
import sys
from pathlib import Path

_COMMAND = re.compile(r"\bangarium (?=[a-z]+\b)")


def spelled(text: str) -> str:
    """Returns a text whose commands can be typed here: `.venv/bin/angarium …` where `angarium` is not on PATH."""
    name = _name()
    return text if name == "angarium" else _COMMAND.sub(f"{name} ", text)


def _name() -> str:
    own = Path(sys.executable).with_name("angarium")
    if shutil.which("angarium") or not own.exists():
        return "angarium"
    here = os.path.relpath(own)
    return str(own) if here.startswith("..") else here
