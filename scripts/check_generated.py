"""Fails when the stubs in protos/gen are not exactly what the contract generates.

Usage: python scripts/check_generated.py

Compares with a fresh generation in a temporary folder, so that it neither needs git nor changes the working tree.
"""

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from scripts import gen_protos

COMMITTED = gen_protos.SOURCES / "gen"


def differences() -> list[str]:
    """Returns one line per generated file that is missing, left over or different."""
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder)
        gen_protos.generate(fresh)
        expected, committed = contents(fresh), contents(COMMITTED)
    lines = [f"missing: {name}" for name in sorted(expected.keys() - committed.keys())]
    lines += [f"left over: {name}" for name in sorted(committed.keys() - expected.keys())]
    lines += [f"different: {name}" for name in sorted(expected) if committed.get(name, b"") != expected[name]]
    return lines


def contents(folder: Path) -> dict[str, bytes]:
    """Returns every generated file below a folder by its relative path."""
    files = (path for path in folder.rglob("*") if path.suffix in {".py", ".pyi", ".typed"})
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def main() -> int:
    """Prints what differs and returns the exit code."""
    found = differences()
    for line in found:
        print(line)
    if found:
        print("run `make gen` and commit protos/gen")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
