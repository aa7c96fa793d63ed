"""The data folder of an embedded PostgreSQL: how it is made, and the settings its server runs with."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from cli.embedded.binaries import POSTGRES_VARIABLE, PostgresBinaries
from cli.embedded.errors import EmbeddedError
from cli.embedded.privileges import Privileges
from cli.embedded.state import write_private

SUPERUSER = "postgres"

_LEAST_BUFFERS_MB, _MOST_BUFFERS_MB = 256, 1024
_SHARE_OF_MEMORY = 16
_LIMITS_OF_CONTAINER = (
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)

# Chosen for queue tables that turn over quickly and for logs that never hold a tenant's data.
SETTINGS: Mapping[str, str] = {
    "shared_buffers": f"{_LEAST_BUFFERS_MB}MB",
    "max_connections": "200",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "2GB",
    "wal_compression": "on",
    "jit": "off",
    # Queues have settings of their own. Elsewhere updates stay in their pages, and a table that grows under load was
    # looked at again and again: a sixth of what PostgreSQL spent on a campaign.
    "autovacuum_naptime": "20s",
    "autovacuum_vacuum_scale_factor": "0.1",
    "autovacuum_vacuum_insert_scale_factor": "0.2",
    "autovacuum_analyze_scale_factor": "0.1",
    "autovacuum_vacuum_cost_limit": "2000",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %q%u@%d ",
    "log_min_duration_statement": "1s",
    "log_parameter_max_length": "0",
    "log_error_verbosity": "terse",
}
# A test throws its data away, so it need not wait for the disk. Commits stay synchronous: without fsync they cost one
# write, and what was committed survives the death of the server process.
FAST_SETTINGS: Mapping[str, str] = {"fsync": "off", "full_page_writes": "off"}


def buffers(memory: int) -> str:
    """Returns how much of a machine's memory, in bytes, holds pages of tables: a sixteenth, up to 1 GB.

    Pages that do not fit are read from the kernel's cache again and again once campaigns have a hundred thousand recipients.
    """
    share = memory // _SHARE_OF_MEMORY // 2**20
    return f"{min(max(share, _LEAST_BUFFERS_MB), _MOST_BUFFERS_MB)}MB"


def memory_here() -> int:
    """Returns the bytes of memory of this machine, or of the container that this process runs in."""
    found = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    for path in _LIMITS_OF_CONTAINER:
        with suppress(OSError):
            limit = path.read_text().strip()
            found += [int(limit)] if limit.isdigit() else []
    return min(found)


def make_cluster(
    data: Path,
    binaries: PostgresBinaries,
    as_user: Privileges,
    *,
    database: str,
    password: str,
    sync: bool,
) -> None:
    """Makes the data folder with one database, unless it is there; EmbeddedError when another version made it.

    It is made under another name first, so that an interrupted start leaves nothing half made.
    """
    version = data / "PG_VERSION"
    if version.exists():
        _check_version(data, version.read_text().strip(), binaries)
        return
    fresh, secret = data.with_name("data.new"), data.with_name("initial-password")
    shutil.rmtree(fresh, ignore_errors=True)
    write_private(secret, password)
    as_user.give(secret)
    try:
        _run([*as_user.prefix, *_initdb(binaries, fresh, secret, sync=sync)])
    finally:
        secret.unlink()
    create = [str(binaries.postgres), "--single", "-D", str(fresh), SUPERUSER]
    _run([*as_user.prefix, *create], statement=f'CREATE DATABASE "{database}";\n')
    fresh.rename(data)


def server_environment() -> dict[str, str]:
    """Returns a small environment: no PG* variable of the caller changes the server."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}


def _check_version(data: Path, found: str, binaries: PostgresBinaries) -> None:
    if found != str(binaries.major):
        raise EmbeddedError(
            f"{data} was made by PostgreSQL {found}, the programs found are {binaries.version} ({binaries.origin}).",
            f"Dump and restore it, or point {POSTGRES_VARIABLE} at the old version's bin folder.",
        )


def _initdb(binaries: PostgresBinaries, data: Path, secret: Path, *, sync: bool) -> list[str]:
    # The builtin provider (version 17 on) sorts the same on every machine and needs no locale of the system.
    locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"] if binaries.major >= 17 else []
    return [
        str(binaries.initdb),
        f"--pgdata={data}",
        f"--username={SUPERUSER}",
        f"--pwfile={secret}",
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        "--locale=C",
        *locale,
        "--no-instructions",
        *([] if sync else ["--no-sync"]),
    ]


def _run(command: list[str], statement: str | None = None) -> None:
    answer = subprocess.run(
        command,
        input=statement,
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        env=server_environment(),
    )
    if answer.returncode != 0:
        last = "\n".join((answer.stderr or answer.stdout).splitlines()[-8:])
        raise EmbeddedError(
            f"PostgreSQL could not make its data folder:\n{last}",
            "Mend what the last line names, or use a running server: "
            "export DATABASE_URL=postgresql://user:password@host/angarium",
        )
