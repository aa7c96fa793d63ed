"""Generates the Python stubs of the contract into protos/gen.

Usage: python scripts/gen_protos.py [--out FOLDER]
"""

import argparse
import sys
import tempfile
from pathlib import Path

import grpc_tools
from grpc_tools import protoc

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "protos"
VENDORED = ROOT / "third_party" / "protos"
WELL_KNOWN = Path(grpc_tools.__file__).parent / "_proto"
PACKAGES = ("angarium", "buf")


def contract_files() -> list[Path]:
    """Returns the .proto files to compile: the contract and the validation rules it imports."""
    own = sorted((SOURCES / "angarium").rglob("*.proto"))
    return [*own, VENDORED / "buf" / "validate" / "validate.proto"]


def generate(out: Path) -> None:
    """Compiles the whole contract into `out`, replacing what was there once all of it compiled."""
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=".gen-") as folder:
        made = Path(folder)
        compile_contract(made)
        for package in PACKAGES:
            replace(made / package, out / package)


def compile_contract(out: Path) -> None:
    """Compiles the contract into an empty folder, or ends the command."""
    arguments = [
        "protoc",
        f"--proto_path={SOURCES}",
        f"--proto_path={VENDORED}",
        f"--proto_path={WELL_KNOWN}",
        f"--python_out={out}",
        f"--pyi_out={out}",
        f"--grpc_python_out={out}",
        *map(str, contract_files()),
    ]
    if protoc.main(arguments) != 0:
        sys.exit("protoc failed; the messages above name the file and line")
    drop_empty_service_stubs(out)
    mark_typed(out)


def replace(new: Path, old: Path) -> None:
    """Puts a folder where another may stand; the old one is away for no longer than two renames take."""
    if old.exists():
        old.rename(new.with_name(f"{new.name}.old"))
    new.rename(old)


def drop_empty_service_stubs(out: Path) -> None:
    """Removes the gRPC modules of files that declare no service."""
    for stub in out.rglob("*_pb2_grpc.py"):
        if "Stub:" not in stub.read_text() and "Stub(" not in stub.read_text():
            stub.unlink()


def mark_typed(out: Path) -> None:
    """Makes every folder a package and marks the roots as typed."""
    for package in PACKAGES:
        for folder in [out / package, *(path for path in (out / package).rglob("*") if path.is_dir())]:
            (folder / "__init__.py").touch()
        (out / package / "py.typed").touch()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=SOURCES / "gen", help="folder to write to")
    generate(parser.parse_args().out)
